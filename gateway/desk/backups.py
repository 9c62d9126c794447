"""Backups at the desk: make, fetch, take in, put back, take that back. `cong backup` and `cong restore` do the work.

They run as commands in a process of their own. A restore is only decided here: the gateway sees that, starts itself
anew and puts it in place before it opens the database (gateway/backup/placing).
"""

import asyncio
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from gateway.desk.inputs import Flag, Upload
from gateway.desk.table import (
    Area,
    Caller,
    Download,
    File,
    Input,
    Nothing,
    Outcome,
    Page,
    RefusedError,
    act,
    download,
    view,
)
from gateway.errors import GatewayError
from gateway.ports_backup import BackupFolder, KeptBackup, unfinished
from gateway.ports_staff import CommandRunner
from gateway.staff.roles import Right

_LARGEST_BYTES = 20 * 1000**3
Name = Annotated[
    str,
    StringConstraints(pattern=r"^cong-[a-z][a-z0-9-]{0,30}-[0-9]{8}T[0-9]{6}Z\.tar\.gz$"),
    Field(description="File name as the list tells it", examples=["cong-sa-thay-20261126T191000Z.tar.gz"]),
]


class Named(Input):
    """One backup."""

    name: Name


class Making(Input):
    """A backup now."""

    with_shelf: Flag = Field(False, description="With the shelf's films and documents, not their sheet alone")


class Restoring(Input):
    """One to put back."""

    name: Name
    other_site: Flag = Field(False, description="Take it though it is another library's")


class Taking(Input):
    """A file from elsewhere."""

    file: Upload


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put in place last."""

    taken_at: datetime
    """Of the backup; after an undo, when that restore had been made."""
    done_at: datetime


@dataclass(frozen=True, slots=True)
class Backups:
    """What there is."""

    kept: Sequence[KeptBackup]
    """The newest first."""
    folder: str
    site: str
    can_undo: bool
    """What the last restore replaced is still there."""
    restored: Restored | None
    is_waiting: bool
    """A restore is decided; the gateway starts anew for it."""
    problem: str = ""
    """Why the folder can't be read."""


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made or taken in."""

    name: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Waits:
    """A restore that is decided."""

    taken_at: str


def backups(folder: BackupFolder, commands: CommandRunner, place: Path, state: Path, site: str) -> Area:
    """`place`: the folder of the backups; `state`: the state directory; `site`: short name of the library."""
    own = _Backups(folder, commands, place, state, site)
    settings = Right.SETTINGS
    return Area(
        views=[view("backup.list", "/backups", Right.SEE_SETTINGS, Nothing, Backups, own.list, "Backups")],
        acts=[
            act("backup.create", "POST", "/backups", settings, Making, Made, own.create, "Make a backup"),
            act(
                "backup.take_in",
                "POST",
                "/backups/file",
                settings,
                Taking,
                Made,
                own.take_in,
                "Take in a backup's file: it is checked whole, then listed",
                largest_bytes=_LARGEST_BYTES,
            ),
            act(
                "backup.restore",
                "POST",
                "/backups/{name}/restore",
                settings,
                Restoring,
                Waits,
                own.restore,
                "Put a backup in place of what is there; the gateway starts anew, all users sign in again",
                is_dangerous=True,
            ),
            act(
                "backup.undo",
                "POST",
                "/backups/undo",
                settings,
                Nothing,
                Waits,
                own.undo,
                "Take the last restore back",
                is_dangerous=True,
            ),
            act(
                "backup.delete",
                "DELETE",
                "/backups/{name}",
                settings,
                Named,
                Named,
                own.delete,
                "Delete a backup",
                is_dangerous=True,
            ),
        ],
        pages=[Page("/settings/backup", Right.SEE_SETTINGS, "backup.html", own.page, "settings")],
        downloads=[_file(own)],
    )


def _file(own: "_Backups") -> Download:
    kinds = ("application/gzip",)
    return download("backup.file", "/backups/{name}", Right.SETTINGS, Named, own.file, "A backup's file", kinds)


class _Backups:
    def __init__(self, folder: BackupFolder, commands: CommandRunner, place: Path, state: Path, site: str) -> None:
        self._folder, self._commands = folder, commands
        self._place, self._state, self._site = place, state, site

    async def list(self, asked: Nothing, caller: Caller) -> Backups:
        problem, kept = "", tuple[KeptBackup, ...]()
        try:
            kept = await asyncio.to_thread(self._folder.kept)
        except GatewayError as error:
            problem = f"{error.message}. {error.hint}"
        restored, can_undo = await asyncio.to_thread(_last, self._state)
        waits = unfinished(self._state)
        return Backups(kept, str(self._place), self._site, can_undo, restored, waits, problem)

    async def page(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        return {"backups": await self.list(Nothing(), caller)}

    async def create(self, asked: Making, caller: Caller) -> Outcome:
        told = await self._cong("backup", *(["--with-shelf"] if asked.with_shelf else []))
        made = Made(Path(told["file"]).name, int(told["size_bytes"]))
        apart = ", ".join(told["left_out"])
        return Outcome(
            made, made.name, after={"size_bytes": made.size_bytes, "left_out": apart}, values={"n": made.name}
        )

    async def take_in(self, asked: Taking, caller: Caller) -> Outcome:
        told = await self._cong("restore", str(asked.file.path), "--check", "--other-site")
        name = f"cong-{told['site']}-{datetime.fromisoformat(told['taken_at']):%Y%m%dT%H%M%SZ}.tar.gz"
        await asyncio.to_thread(self._keep, asked.file.path, name)
        return Outcome(Made(name, asked.file.size_bytes), name, values={"n": name})

    async def restore(self, asked: Restoring, caller: Caller) -> Outcome:
        path = await self._path(asked.name)
        more = ["--other-site"] if asked.other_site else []
        deed = _deed("backup.restore", asked, caller)
        told = await self._cong("restore", str(path), "--for-desk", "--deed", deed, *more)
        return self._waits(asked.name, told["taken_at"])

    async def undo(self, asked: Nothing, caller: Caller) -> Outcome:
        _, can_undo = await asyncio.to_thread(_last, self._state)
        if not can_undo:
            raise RefusedError("backup_no_undo")
        told = await self._cong("restore", "--undo", "--for-desk", "--deed", _deed("backup.undo", asked, caller))
        return self._waits("undo", told["taken_at"])

    async def delete(self, asked: Named, caller: Caller) -> Outcome:
        path = await self._path(asked.name)
        size = path.stat().st_size
        await asyncio.to_thread(path.unlink, missing_ok=True)
        return Outcome(asked, asked.name, before={"size_bytes": size}, values={"n": asked.name})

    async def file(self, asked: Named, caller: Caller) -> File:
        return File(asked.name, "application/gzip", b"", path=await self._path(asked.name))

    def _waits(self, subject: str, taken_at: str) -> Outcome:
        return Outcome(Waits(taken_at), subject, after={"taken_at": taken_at}, goto="/settings/backup")

    async def _path(self, name: str) -> Path:
        path = await asyncio.to_thread(self._folder.path_of, name)
        if path is None:
            raise RefusedError("backup_missing", missing=True)
        return path

    async def _cong(self, *words: str) -> Mapping[str, str]:
        """What it refuses is told at the desk by its reason."""
        try:
            told: Mapping[str, str] = json.loads(await self._commands.run(*words, "--json"))
        except GatewayError as error:
            if not error.key:
                raise
            refusal = RefusedError(f"backup_{error.key}")
            refusal.values = dict(error.values)
            raise refusal from error
        return told

    def _keep(self, path: Path, name: str) -> None:
        """The folder may be on another disk: beside its place first, then renamed."""
        if self._place.parent == self._state:  # elsewhere it is a stick's: a folder made there would be on our own disk
            self._place.mkdir(mode=0o750, exist_ok=True)
        aside = self._place / f".{name}.part"
        try:
            shutil.move(path, aside)
            aside.chmod(0o600)
            aside.replace(self._place / name)
        except OSError as error:
            aside.unlink(missing_ok=True)
            hint = "see free space there, and whether the stick is plugged in"
            raise GatewayError(f"can't be kept: {error.strerror}", where=str(self._place), hint=hint) from error


def _deed(act: str, asked: Input, caller: Caller) -> str:
    """The row of this act: the database that comes back, and with it the trail, has never heard of it."""
    tree = {
        "who": caller.name,
        "role": caller.role,
        "via": caller.via,
        "address": caller.address,
        "act": act,
        "asked": json.dumps(asked.model_dump(mode="json"), ensure_ascii=False),
    }
    return json.dumps(tree, ensure_ascii=False)


def _last(state: Path) -> tuple[Restored | None, bool]:
    """The last restore, and whether it can be taken back."""
    try:
        tree = json.loads((state / ".replaced" / "undo.json").read_text(encoding="utf-8"))
        taken, done = (datetime.fromisoformat(str(tree[key])) for key in ("taken_at", "replaced_at"))
        return Restored(taken, done), (state / ".replaced" / "cong.sqlite").exists()
    except (OSError, ValueError, KeyError, TypeError):
        return None, False
