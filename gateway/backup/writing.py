"""Files of the box → one tar file, complete or not there at all."""

import contextlib
import errno
import gzip
import hashlib
import io
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from gateway.backup.manifest import ABOUT, ABOUT_NAME, NAME, Manifest, Member, written
from gateway.errors import GatewayError
from gateway.ports_backup import BackupError
from gateway.units import epoch_s

_LEVEL = 4
"""Of gzip: a database shrinks to a sixth at 4 already, and a small box needs half the time of 9."""
_STEP = 1024 * 1024
_MARGIN_BYTES = 16 * 1000 * 1000


@dataclass(frozen=True, slots=True)
class Source:
    """A file that goes in, with what it was when it was looked at."""

    member: Member
    path: Path


def looked_at(name: str, path: Path) -> Source:
    """The file with its size and hash."""
    try:
        with path.open("rb") as file:
            digest, size = hashlib.sha256(), 0
            while chunk := file.read(_STEP):
                digest.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise _unread(path, error) from error
    return Source(Member(name, size, digest.hexdigest()), path)


def require_space(folder: Path, needed_bytes: int) -> None:
    """GatewayError when the disk of the folder has not that much left."""
    free, needed = shutil.disk_usage(folder).free, needed_bytes + _MARGIN_BYTES
    if free < needed:
        raise BackupError(
            "no_space",
            f"the disk is too full: {free // 1000**2} MB are free, {needed // 1000**2} are needed",
            where=str(folder),
            hint="delete what nobody needs there, or choose another disk; nothing was changed",
        )


def write(manifest: Manifest, sources: Sequence[Source], out: IO[bytes]) -> None:
    """The whole file, packed, into a stream. GatewayError when a file has changed since it was looked at."""
    with (
        gzip.GzipFile("", "wb", _LEVEL, out, mtime=epoch_s(manifest.taken_at)) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        at_s = epoch_s(manifest.taken_at)
        for name, body in ((NAME, written(manifest)), (ABOUT_NAME, ABOUT.encode())):
            tar.addfile(_entry(name, len(body), at_s), io.BytesIO(body))
        for source in sources:
            _add(tar, source, at_s)


def _add(tar: tarfile.TarFile, source: Source, at_s: int) -> None:
    try:
        file = source.path.open("rb")
    except OSError as error:
        raise _unread(source.path, error) from error
    with file:
        read = _AsLookedAt(file, source)
        tar.addfile(_entry(source.member.name, source.member.size_bytes, at_s), read)
        read.require_same()


@contextlib.contextmanager
def written_whole(path: Path, proved: Callable[[Path], object]) -> Iterator[BinaryIO]:
    """A file that is there, complete and on the disk, or not at all; one of that name is replaced at the end.

    `proved` looks at what was written and raises if it is not good.
    """
    aside: Path | None = None
    try:
        number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        aside = Path(name)
        with os.fdopen(number, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        proved(aside)
        aside.replace(path)
        sync_folder(path.parent)
        aside = None
    except OSError as error:
        raise GatewayError(
            f"the backup can't be written: {error.strerror or error}", where=str(path), hint=_hint(error)
        ) from error
    finally:
        if aside is not None:
            aside.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """A rename in it outlives the power cut that follows."""
    number = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some file systems of sticks can't; the file's own bytes are there
            os.fsync(number)
    finally:
        os.close(number)


class _AsLookedAt(io.RawIOBase):
    """A file as it is read; GatewayError when it is no longer the one that was looked at."""

    def __init__(self, file: BinaryIO, source: Source) -> None:
        self._file, self._source = file, source
        self._digest, self._left = hashlib.sha256(), source.member.size_bytes

    def read(self, size: int = -1, /) -> bytes:
        try:
            chunk = self._file.read(size)
        except OSError as error:
            raise _unread(self._source.path, error) from error
        self._digest.update(chunk)
        self._left -= len(chunk)
        if not chunk and self._left:
            raise self._changed()
        return chunk

    def require_same(self) -> None:
        """To be asked at its end."""
        if self._file.read(1) or self._digest.hexdigest() != self._source.member.sha256:
            raise self._changed()

    def _changed(self) -> GatewayError:
        where = str(self._source.path)
        return GatewayError("the file changed while it was copied", where=where, hint="make the backup once more")


def _entry(name: str, size: int, at_s: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode = size, at_s, 0o640
    return entry


def _unread(path: Path, error: OSError) -> GatewayError:
    return GatewayError(
        f"the file can't be read: {error.strerror}", where=str(path), hint="use sudo, or see its rights"
    )


def _hint(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full: delete what nobody needs there, or choose another; nothing was left behind"
    if error.errno == errno.EFBIG:
        return "this file system takes no file that large (FAT: 4 GB): format the stick as exFAT or ext4"
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return "see the rights of the folder, and whether the stick is mounted read-only; the user is cong"
    return "is the folder there, is the stick plugged in and mounted"
