"""Which configuration a restore goes by, and when it takes the backup's."""

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator

import click

from gateway.backup.manifest import CONFIG
from gateway.backup.places import Places
from gateway.backup.placing import staging
from gateway.backup.reading import unpack
from gateway.config.fields import Path
from gateway.config.load import load_config, parse_config
from gateway.config.model import Config
from gateway.errors import GatewayError


def config_for(config_path: Path, file: Path | None) -> Config:
    """The box's; on a box that has none, the backup's own, which is put there."""
    if config_path.exists() or file is None or str(file) == "-":
        return load_config(config_path)
    with tempfile.TemporaryDirectory(prefix="cong-restore-") as work:
        copy = Path(work) / "cong.toml"
        page = unpack(file, lambda member: copy if member.name == CONFIG else None)
        if not page.has(CONFIG):
            return load_config(config_path)
        text = copy.read_text(encoding="utf-8")
    config = parse_config(text, where=f"cong.toml in {file}")
    try:
        config_path.parent.mkdir(parents=True, exist_ok=True)
        config_path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise GatewayError(f"can't be written: {error.strerror}", where=str(config_path), hint="use sudo") from error
    click.echo(f"{config_path}: was not there, taken from the backup; look at [lan] and [wan] interface", err=True)
    return config


def differs(places: Places) -> bool:
    """Is the configuration that waits another than the box's?"""
    waiting = staging(places, CONFIG)
    same = places.config.exists() and waiting.read_bytes() == places.config.read_bytes()
    return not same


def replace_config(places: Places) -> None:
    """Put the one that waits in its place; the one before stays beside it."""
    waiting = staging(places, CONFIG)
    parse_config(waiting.read_text(encoding="utf-8"), where="cong.toml in the backup")
    try:
        with contextlib.suppress(FileNotFoundError):
            shutil.copy2(places.config, places.config.with_name(f"{places.config.name}.before-restore"))
        new = places.config.with_name(f"{places.config.name}.new")
        shutil.copyfile(waiting, new)
        new.replace(places.config)
    except OSError as error:
        raise GatewayError(f"can't be written: {error.strerror}", where=str(places.config), hint="use sudo") from error


@contextlib.contextmanager
def input_kept(file: Path) -> Iterator[Path]:
    """The file; standard input ("-") lies in one for as long as it takes."""
    path = _from_input(file)
    try:
        yield path
    finally:
        if path != file:
            path.unlink(missing_ok=True)


def _from_input(file: Path) -> Path:
    if str(file) != "-":
        return file
    number, name = tempfile.mkstemp(prefix="cong-restore-")
    with os.fdopen(number, "wb") as kept:
        shutil.copyfileobj(sys.stdin.buffer, kept)
    return Path(name)
