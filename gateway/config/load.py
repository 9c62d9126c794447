"""The TOML files -> Config, or every problem at once.

/etc/cong/cong.toml is the administrator's and never written; `desk.toml` in the state directory is the desk's own.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from gateway.config.layers import Layers, layered
from gateway.config.model import Config
from gateway.config.problems import problems_of
from gateway.config.site import StatePaths
from gateway.config.toml import read_tree
from gateway.errors import ConfigError
from gateway.log import event


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which writing of a file it is."""

    inode: int = 0
    modified_ns: int = 0
    size: int = 0


NO_FILE = Stamp()


@dataclass(frozen=True, slots=True)
class Texts:
    """Both files as they stand."""

    path: Path
    base: str
    desk_path: Path
    desk: str | None
    """None: there is none, or `trouble` tells why it can't be read."""
    stamp: Stamp = NO_FILE
    trouble: str = ""


def load_config(path: Path) -> Config:
    """Read and check both files; ConfigError names every problem of the administrator's with its key path.

    What can't be used of the desk's is left out, and said aloud.
    """
    return read_config(path)[0].config


def read_config(path: Path) -> tuple[Layers, Texts]:
    """The same with where each value comes from, and which writing of the desk's file was read."""
    texts = read_texts(path)
    layers = read_layers(texts)
    for problem in layers.left_out:
        event("settings.left_out", "error", problem=problem)
    return layers, texts


def read_layers(texts: Texts) -> Layers:
    """What the texts say together; ConfigError names every problem of the administrator's."""
    layers = layered(texts.base, texts.desk, where=str(texts.path), desk_where=str(texts.desk_path))
    told = [*([texts.trouble] if texts.trouble else []), *layers.left_out]
    return Layers(layers.config, layers.base, layers.desk, tuple(f"{texts.desk_path}: {each}" for each in told))


def read_texts(path: Path) -> Texts:
    """ConfigError when the administrator's can't be read."""
    try:
        base = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        hint = f"there is no such file; make one with: cong example-config > {path}"
        raise ConfigError((hint,), where=str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError((f"can't be read: {error}",), where=str(path)) from error
    desk_path = _desk_path(base, str(path))
    try:
        with desk_path.open("rb") as file:
            stamp = stamp_of(os.fstat(file.fileno()))
            return Texts(path, base, desk_path, file.read().decode("utf-8"), stamp)
    except FileNotFoundError:
        return Texts(path, base, desk_path, None)
    except (OSError, UnicodeDecodeError) as error:
        return Texts(path, base, desk_path, None, look(desk_path), f"can't be read: {error}")


def stamp_of(found: os.stat_result) -> Stamp:
    """Of a file that is there."""
    return Stamp(found.st_ino, found.st_mtime_ns, found.st_size)


def look(path: Path) -> Stamp:
    """Which writing stands there now; NO_FILE where none does."""
    try:
        return stamp_of(path.stat())
    except OSError:
        return NO_FILE


def _desk_path(base: str, where: str) -> Path:
    tree = read_tree(base, where=where)
    state = tree.get("state", {})
    directory = state.get("directory") if isinstance(state, dict) else None
    return (StatePaths(directory=Path(directory)) if isinstance(directory, str) else StatePaths()).desk_settings


def parse_config(text: str, *, where: str) -> Config:
    """Check TOML text; `where` names it in errors."""
    try:
        return Config.model_validate(read_tree(text, where=where))
    except ValidationError as error:
        raise ConfigError(tuple(map(str, problems_of(error))), where=where) from error
