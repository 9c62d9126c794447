"""A backup's file → its first page, and its files beside where they go, each held against its hash."""

import contextlib
import gzip
import hashlib
import os
import tarfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from gateway.backup.manifest import ABOUT_NAME, LARGEST_BYTES, NAME, Manifest, Member, no_backup, read
from gateway.errors import GatewayError
from gateway.ports_backup import BackupError

_STEP = 1024 * 1024


def first_page(path: Path) -> Manifest:
    """What the backup says of itself; its files are not looked at."""
    with _opened(path) as tar:
        return _manifest(tar, str(path))


def check(path: Path) -> Manifest:
    """Read all of it and hold it against its hashes; GatewayError names what is damaged or missing."""
    return unpack(path, lambda member: None)


def unpack(
    path: Path, target: Callable[[Member], Path | None], agree: Callable[[Manifest], None] | None = None
) -> Manifest:
    """Write each member to `target(member)` (None: it is read and checked alone). Nothing else is written anywhere.

    `agree` may refuse by raising once the first page is known. Files are on the disk when this returns.
    """
    where = str(path)
    with _opened(path) as tar:
        manifest = _manifest(tar, where)
        if agree:
            agree(manifest)
        waiting = {member.name: member for member in manifest.members}
        while (entry := tar.next()) is not None:
            if entry.name == ABOUT_NAME:
                continue
            member = waiting.pop(entry.name, None)
            body = tar.extractfile(entry) if entry.isreg() else None
            if member is None or body is None or entry.size != member.size_bytes:
                raise _damaged(f"{entry.name} is not as told", where)
            _take(body, member, target(member), where)
        if waiting:
            raise _damaged(f"{sorted(waiting)[0]} is missing", where)
    return manifest


def _take(body: IO[bytes], member: Member, target: Path | None, where: str) -> None:
    digest = hashlib.sha256()
    with contextlib.ExitStack() as opened:
        out = None
        if target is not None:
            target.parent.mkdir(parents=True, exist_ok=True)
            out = opened.enter_context(target.open("wb"))
        while chunk := body.read(_STEP):
            digest.update(chunk)
            if out:
                out.write(chunk)
        if out:
            out.flush()
            os.fsync(out.fileno())
    if digest.hexdigest() != member.sha256:
        raise _damaged(f"{member.name} has another hash", where)


def _damaged(how: str, where: str) -> BackupError:
    hint = "choose another backup; if it lies on a stick, copy it once more"
    return BackupError("damaged", f"the backup is damaged: {how}", where=where, hint=hint)


def _manifest(tar: tarfile.TarFile, where: str) -> Manifest:
    entry = tar.next()
    if entry is None or entry.name != NAME or not entry.isreg() or entry.size > LARGEST_BYTES:
        raise no_backup(where)
    body = tar.extractfile(entry)
    if body is None:
        raise no_backup(where)
    return read(body.read(), where)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    """The tar in it, packed or (unpacked by somebody) plain, read once from front to back."""
    where = str(path)
    try:
        with path.open("rb") as file:
            is_packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            with contextlib.ExitStack() as opened:
                plain = opened.enter_context(gzip.GzipFile("", "rb", fileobj=file)) if is_packed else file
                try:
                    tar = opened.enter_context(tarfile.open(fileobj=plain, mode="r|"))
                except tarfile.TarError as error:
                    raise no_backup(where) from error
                yield tar
                while is_packed and plain.read(_STEP):  # to its end, where the packing's own check sum stands
                    pass
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise _damaged("it breaks off, or bytes in it are wrong", where) from error
    except OSError as error:
        hint = "is the stick plugged in and mounted; is there space where the state directory is"
        raise GatewayError(f"the backup can't be read: {error.strerror or error}", where=where, hint=hint) from error
