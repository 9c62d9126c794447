"""A restore's last step: files that wait beside their places take them, at one stroke as far as anyone can see.

Decided is it by one rename (the plan); from then on it is ended, by whoever comes next, however often the power goes:
each step is a rename that is done or not. What stood in the places is set aside, for the way back.
"""

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.backup.manifest import DATABASE
from gateway.backup.places import SMALL, Places
from gateway.backup.writing import sync_folder
from gateway.errors import GatewayError
from gateway.ports_backup import PLAN, STAGING, unfinished

ASIDE = ".replaced"
_UNDO = "undo.json"
_WITH_DATABASE = ("state/cong.sqlite-wal", "state/cong.sqlite-shm")


@dataclass(frozen=True, slots=True)
class Done:
    """What a restore did."""

    placed: tuple[str, ...]
    removed: tuple[str, ...]
    taken_at: str
    """Of the backup, ISO 8601."""
    decided_at: str


def staging(places: Places, name: str) -> Path:
    """Where a member waits."""
    return places.root(name) / STAGING / places.relative(name)


def clear(places: Places) -> None:
    """Forget what waits without a plan: a restore that was broken off before it was decided."""
    if not unfinished(places.state):
        for root in (places.state, places.shelf):
            shutil.rmtree(root / STAGING, ignore_errors=True)


def decide(places: Places, names: Sequence[str], taken_at: str, decided_at: str) -> None:
    """The members `names` all wait: from now on they are put in place. Files get the state directory's owner."""
    for name in names:
        waiting = staging(places, name)
        waiting.chmod(places.mode(name))
        give(waiting, places.state)
        for folder in (waiting.parent, *waiting.parent.parents):
            if not folder.is_relative_to(places.root(name) / STAGING):
                break
            give(folder, places.state)
            sync_folder(folder)
    removed = [name for name in (*_WITH_DATABASE, *SMALL) if name not in names]
    if DATABASE not in names:
        removed = []
    tree = {"names": list(names), "removed": removed, "taken_at": taken_at, "decided_at": decided_at}
    _write_whole(places.state / STAGING / PLAN, json.dumps(tree), places.state)
    sync_folder(places.state)


def finish(places: Places, alone: Callable[[Path], None]) -> Done | None:
    """Put in place what was decided; None when nothing was. Called again after a power cut it goes on.

    `alone` makes sure that nobody has the database open, and raises if somebody has.
    """
    plan = places.state / STAGING / PLAN
    if not plan.exists():
        return None
    try:
        tree = json.loads(plan.read_text(encoding="utf-8"))
        done = Done(tuple(tree["names"]), tuple(tree["removed"]), str(tree["taken_at"]), str(tree["decided_at"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        hint = "remove it to keep what is in place now; nothing was replaced yet if cong.sqlite is there"
        raise GatewayError("the plan of the restore can't be read", where=str(plan), hint=hint) from error
    if staging(places, DATABASE).exists():
        alone(places.target(DATABASE))
    try:
        _begin_aside(places, done)
        for name in done.removed:
            _set_aside(places, name)
        for name in done.placed:
            if staging(places, name).exists():
                _set_aside(places, name)
                _make(places.target(name).parent, places.state)
                _rename(staging(places, name), places.target(name))
        plan.unlink()
        sync_folder(plan.parent)
    except OSError as error:
        hint = "see free space and rights; then start the gateway, or: cong restore --finish; it goes on from here"
        raise GatewayError(f"the restore stopped half-way: {error}", where=str(places.state), hint=hint) from error
    clear(places)
    return done


def stage_undo(places: Places) -> tuple[tuple[str, ...], str]:
    """Copies of what the last restore set aside wait now, to be decided like any restore; GatewayError without one."""
    try:
        tree = json.loads((places.state / ASIDE / _UNDO).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise GatewayError(
            "there is no restore to take back", where=str(places.state / ASIDE), hint="only the last one can be"
        ) from error
    found = []
    for name in tree["names"]:
        aside = _aside(places, name)
        if not aside.exists():
            continue
        waiting = staging(places, name)
        waiting.parent.mkdir(parents=True, exist_ok=True)
        if name == DATABASE:  # it is written to before it is put in place, and a log may stand beside it
            for suffix in ("", "-wal"):
                with contextlib.suppress(FileNotFoundError):
                    shutil.copyfile(f"{aside}{suffix}", f"{waiting}{suffix}")
        else:
            _link_or_copy(aside, waiting)
        found.append(str(name))
    if DATABASE not in found:
        raise GatewayError(
            "what the last restore replaced has no database",
            where=str(places.state / ASIDE),
            hint="nothing was changed",
        )
    return tuple(found), str(tree["replaced_at"])


def can_undo(state: Path) -> bool:
    """Was something set aside that can come back?"""
    return (state / ASIDE / _UNDO).exists() and (state / ASIDE / "cong.sqlite").exists()


def _begin_aside(places: Places, done: Done) -> None:
    """An empty place for what goes aside, with a note of what this restore touches; made once for a plan."""
    note = places.state / ASIDE / _UNDO
    names = [name for name in (*done.placed, *done.removed) if name not in _WITH_DATABASE]
    with contextlib.suppress(OSError, ValueError):
        if json.loads(note.read_text(encoding="utf-8")).get("by") == _stamp(places):
            return
    for root in (places.state, places.shelf):
        shutil.rmtree(root / ASIDE, ignore_errors=True)
    tree = {"names": names, "by": _stamp(places), "replaced_at": done.decided_at, "taken_at": done.taken_at}
    note.parent.mkdir(mode=0o700)
    give(note.parent, places.state)
    _write_whole(note, json.dumps(tree), places.state)
    sync_folder(places.state)


def _stamp(places: Places) -> str:
    """Tells one plan from another made of the same backup."""
    status = (places.state / STAGING / PLAN).stat()
    return f"{status.st_ino} {status.st_mtime_ns}"


def _set_aside(places: Places, name: str) -> None:
    target, aside = places.target(name), _aside(places, name)
    if target.exists() and not aside.exists():
        _make(aside.parent, places.state)
        _rename(target, aside)


def _make(folder: Path, owner_of: Path) -> None:
    if not folder.exists():
        _make(folder.parent, owner_of)
        folder.mkdir(mode=0o750)
        give(folder, owner_of)


def _aside(places: Places, name: str) -> Path:
    return places.root(name) / ASIDE / places.relative(name)


def _rename(source: Path, target: Path) -> None:
    source.replace(target)
    sync_folder(target.parent)
    sync_folder(source.parent)


def _link_or_copy(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _write_whole(path: Path, text: str, owner_of: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = path.with_suffix(".new")
    with aside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    give(aside, owner_of)
    aside.replace(path)
    sync_folder(path.parent)


def give(path: Path, owner_of: Path) -> None:
    """To who owns the other: made by root's command, it is used by the gateway's own user."""
    if os.geteuid() == 0:
        status = owner_of.stat()
        os.chown(path, status.st_uid, status.st_gid)


@contextlib.contextmanager
def held(path: Path, owner_of: Path) -> Iterator[bool]:
    """A lock file, whoever made it; False: somebody else holds it."""
    number = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        give(path, owner_of)
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(number)
