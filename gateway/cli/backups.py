"""cong backup: one file with all that must not be lost; without a name, into the folder of nightly backups."""

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime

import click
from pydantic import BaseModel

from gateway import __version__
from gateway.backup.folder import Folder, name_for
from gateway.backup.manifest import DATABASE, Manifest
from gateway.backup.places import Places
from gateway.backup.placing import give
from gateway.backup.reading import check
from gateway.backup.rotation import Keep
from gateway.backup.writing import Source, looked_at, require_space, write, written_whole
from gateway.cli.nightly import book
from gateway.cli.options import config_option, json_option
from gateway.clock import SystemClock
from gateway.config.fields import Path
from gateway.config.load import load_config
from gateway.config.model import Config
from gateway.errors import GatewayError, UsageError
from gateway.log import event
from gateway.store.snapshot import size_bytes, snapshot

_OWN = ("state", "shelf", "backup")
"""Sections whose paths are places of ours."""


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--with-shelf/--without-shelf", default=None, help="With the shelf's films and documents, or its sheet alone."
)
@click.option(
    "--with-voucher-key", is_flag=True, help="With the key of vouchers' codes: whoever has the file can make codes."
)
@json_option
@config_option
def backup(
    file: Path | None, with_shelf: bool | None, with_voucher_key: bool, as_json: bool, config_path: Path
) -> None:
    """Write everything a new box needs into one file (a .tar.gz), while the gateway runs.

    In it: database, settings, local rules, papers and pictures, the shelf's sheet. Not in it, and to be kept apart:
    the key of vouchers, passwords and certificates (manifest.json and the output name them).

    Without FILE it goes to backup.directory, and older ones there are thinned out; the timer does so each night.
    FILE "-" is standard output, such as for: cong backup - | gpg --symmetric > FILE
    """
    config = load_config(config_path)
    shelf = config.backup.with_shelf if with_shelf is None else with_shelf
    places = Places(config.state.directory, config.shelf_path, config_path.absolute())
    now = SystemClock().now().replace(microsecond=0)
    if str(file) == "-":
        _to_output(config, places, now, shelf=shelf, key=with_voucher_key)
        return
    folder = None if file else _folder(config)
    path = file or config.backup_path / name_for(config.site.code, now)
    manifest = make(config, places, path, now, shelf=shelf, key=with_voucher_key)
    gone = folder.thin_out(config.site.code, _keep(config), config.site.zone) if folder else ()
    size = path.stat().st_size
    event("backup.made", size_bytes=size, files=len(manifest.members), thinned_out=len(gone))
    _say(path, size, manifest, gone, as_json=as_json)


def make(config: Config, places: Places, path: Path, now: datetime, *, shelf: bool, key: bool) -> Manifest:
    """Write it whole and read it back; GatewayError with nothing left behind."""
    if path.is_dir():
        raise UsageError("this is a folder", where=str(path), hint="name the file that is to be made in it")
    book(config)  # so that it holds the bytes of the last minute too
    with (
        written_whole(path, check) as out,
        tempfile.TemporaryDirectory(dir=path.parent, prefix=".cong-backup-") as work,
    ):
        manifest, sources = _gathered(config, places, Path(work), now, shelf=shelf, key=key)
        require_space(path.parent, manifest.total_bytes)
        write(manifest, sources, out)
    if path.parent == config.backup_path:
        give(path, path.parent)  # the gateway's own user thins them out
    elif os.environ.get("SUDO_UID", "").isdecimal() and os.geteuid() == 0:  # whoever called sudo takes it along
        os.chown(path, int(os.environ["SUDO_UID"]), -1)
    return manifest


def _to_output(config: Config, places: Places, now: datetime, *, shelf: bool, key: bool) -> None:
    book(config)
    with tempfile.TemporaryDirectory(prefix="cong-backup-") as work:
        manifest, sources = _gathered(config, places, Path(work), now, shelf=shelf, key=key)
        write(manifest, sources, sys.stdout.buffer)
        sys.stdout.buffer.flush()


def _gathered(
    config: Config, places: Places, work: Path, now: datetime, *, shelf: bool, key: bool
) -> tuple[Manifest, list[Source]]:
    """The first page and the files behind it, the database first."""
    require_space(work, size_bytes(config.state.database))
    copy = work / "cong.sqlite"
    schema = snapshot(config.state.database, copy)
    sources = [looked_at(DATABASE, copy)]
    sources += [looked_at(*each) for each in places.members(with_shelf=shelf, with_voucher_key=key)]
    left_out = tuple(_apart(config, key=key))
    members = tuple(source.member for source in sources)
    return Manifest(now, config.site.code, config.site.name, __version__, schema, members, left_out), sources


def _apart(config: Config, *, key: bool) -> Iterator[str]:
    """Files the gateway needs that are not in the backup."""
    if config.state.voucher_key.exists() and not key:
        yield str(config.state.voucher_key)
    for name in type(config).model_fields:
        if name not in _OWN:
            yield from (str(path) for path in _files_in(getattr(config, name)))
    yield from (each.location for each in config.dns.lists if each.location.startswith("/"))


def _files_in(value: object) -> Iterator[Path]:
    """Files a section names: passwords, certificates."""
    if isinstance(value, Path):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _files_in(getattr(value, name))
    elif isinstance(value, dict | tuple):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _files_in(each)


def _folder(config: Config) -> Folder:
    """Of the nightly backups, there and, if so wished, on another disk."""
    path = config.backup_path
    hint = "plug the stick in and mount it there, or change backup.directory"
    if config.backup.directory is None:
        path.mkdir(mode=0o750, parents=True, exist_ok=True)
        give(path, config.state.directory)
    elif not path.is_dir():
        raise GatewayError("the folder of the backups is not there", where=str(path), hint=hint)
    if config.backup.other_disk and path.stat().st_dev == config.state.directory.stat().st_dev:
        raise GatewayError("the folder of the backups lies on the box's own disk", where=str(path), hint=hint)
    return Folder(path)


def _keep(config: Config) -> Keep:
    return Keep(config.backup.keep_days, config.backup.keep_weeks, config.backup.keep_months)


def _say(path: Path, size: int, manifest: Manifest, gone: tuple[str, ...], *, as_json: bool) -> None:
    if as_json:
        tree = {
            "file": str(path),
            "size_bytes": size,
            "taken_at": manifest.taken_at.isoformat(),
            "files": len(manifest.members),
            "left_out": list(manifest.left_out),
            "thinned_out": list(gone),
        }
        click.echo(json.dumps(tree, indent=2, ensure_ascii=False))
        return
    click.echo(f"{path}: {len(manifest.members)} files, {size / 1000**2:.1f} MB, read back and whole")
    click.echo("It holds personal data: keep it under lock.")
    for each in manifest.left_out:
        click.echo(f"not in it, keep apart: {each}")
    for each in gone:
        click.echo(f"older, deleted: {each}")
