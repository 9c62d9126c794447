"""Which files of a box belong into a backup, and where each goes back to."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.backup.manifest import CONFIG, DATABASE, VOUCHER_KEY

_REMADE = {
    # made anew from what is in the backup, or worth nothing on another day
    "blockset": "compiled lists, and fetched copies of them",
    "dhcp.leases": "dnsmasq's own, of today's devices",
    "self-check.json": "of the box as it is",
    "backups": "the backups themselves",
    "updates": "programs",
    "incoming": "files on their way in",
    "shelf": "has a root of its own",
    "serve.lock": "of the running gateway",
}
SMALL = ("state/desk.toml", "state/local-rules.json")
"""Small files that are part of how things stood: one that a backup has not is taken away by the restore."""
_MODES = {"state/local-rules.json": 0o644, VOUCHER_KEY: 0o600}


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of a box."""

    state: Path
    shelf: Path
    config: Path
    """The configuration's file."""

    def target(self, name: str) -> Path:
        """Where a member goes."""
        root, _, rest = name.partition("/")
        if name == CONFIG:
            return self.config
        return {"state": self.state, "shelf": self.shelf}[root] / rest

    def root(self, name: str) -> Path:
        """The folder the member's root stands for: files move within it by renaming alone."""
        return self.shelf if name.startswith("shelf/") else self.state

    def relative(self, name: str) -> Path:
        """Of the member, in its root."""
        return Path(".config/cong.toml") if name == CONFIG else Path(name.partition("/")[2])

    def mode(self, name: str) -> int:
        """Rights of the file: what others must read (the shelf is served by us, the rules by the filter's user)."""
        return _MODES.get(name, 0o644 if name.startswith("shelf/") else 0o640)

    def members(self, *, with_shelf: bool, with_voucher_key: bool) -> Iterator[tuple[str, Path]]:
        """Name and file of all that belongs in, but the database: that is a snapshot."""
        if self.config.is_file():
            yield CONFIG, self.config
        left_out = {*_REMADE} | (set() if with_voucher_key else {VOUCHER_KEY.partition("/")[2]})
        for path in _files(self.state, left_out):
            if not path.name.startswith(DATABASE.partition("/")[2]) and path != self.config:
                yield f"state/{path.relative_to(self.state).as_posix()}", path
        if with_shelf:
            for path in _files(self.shelf, set()):
                yield f"shelf/{path.relative_to(self.shelf).as_posix()}", path
        elif (sheet := self.shelf / "shelf.toml").is_file():
            yield "shelf/shelf.toml", sheet


def _files(folder: Path, left_out: set[str]) -> Iterator[Path]:
    """Ordinary files in order; no links, nothing hidden, no file another process holds open as a lock or socket."""
    try:
        entries = sorted(os.scandir(folder), key=lambda each: each.name)
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.name in left_out or entry.name.endswith((".lock", ".new", ".part")):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _files(Path(entry.path), set())
        elif entry.is_file(follow_symlinks=False):
            yield Path(entry.path)
