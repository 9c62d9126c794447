"""The folder of photos: written whole or not at all, read by names of ours alone, swept of what nobody knows.

The row in the database comes after the file: a crash between the two leaves a file that the next night takes away.
"""

import asyncio
import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from gateway.errors import GatewayError
from gateway.photos.cleaned import Cleaned, NoPhotoError
from gateway.photos.jpeg import clean_jpeg
from gateway.photos.png import SIGNATURE, clean_png
from gateway.photos.webp import clean_webp
from gateway.ports_pcs import KeptPhoto

LARGEST_BYTES = 5_000_000
_NAME = re.compile(r"[0-9a-f]{32}\.(jpg|png|webp)")
_MEANWHILE_S = 3600
"""A file that is younger may be one whose row is being written."""


def cleaned(photo: bytes) -> Cleaned:
    """The picture alone, whatever name and type it was sent with; NoPhotoError."""
    if photo.startswith(b"\xff\xd8\xff"):
        return clean_jpeg(photo)
    if photo.startswith(SIGNATURE):
        return clean_png(photo)
    if photo[:4] == b"RIFF" and photo[8:12] == b"WEBP":
        return clean_webp(photo)
    raise NoPhotoError("kind")


class PhotoFolder:
    """The PhotoFiles port over one folder, which is made when the first photo comes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(self, sent: Path) -> KeptPhoto | str:
        """See PhotoFiles."""
        return await asyncio.to_thread(self._keep, sent)

    async def read(self, name: str) -> bytes | None:
        """See PhotoFiles."""
        return await asyncio.to_thread(self._read, name)

    async def drop(self, name: str) -> None:
        """See PhotoFiles."""
        await asyncio.to_thread(self._path(name).unlink, missing_ok=True)

    async def sweep(self, known: Collection[str], now: datetime) -> int:
        """See PhotoFiles."""
        return await asyncio.to_thread(self._sweep, frozenset(known), now.timestamp() - _MEANWHILE_S)

    def _keep(self, sent: Path) -> KeptPhoto | str:
        if sent.stat().st_size > LARGEST_BYTES:
            return "bytes"
        try:
            picture = cleaned(sent.read_bytes())
        except NoPhotoError as error:
            return error.why
        name = secrets.token_hex(16) + picture.suffix
        try:
            self._write(name, picture.body)
        except OSError as error:
            raise GatewayError(
                f"the photo can't be kept: {error.strerror}", where=str(self._folder), hint="is the disk full?"
            ) from error
        digest = hashlib.sha256(picture.body).hexdigest()
        return KeptPhoto(name, picture.media_type, len(picture.body), picture.width, picture.height, digest)

    def _write(self, name: str, body: bytes) -> None:
        self._folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        unfinished = self._folder / f".{name}"
        try:
            with unfinished.open("xb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(self._folder / name)
        except OSError:
            with contextlib.suppress(OSError):
                unfinished.unlink()
            raise
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)  # else a power cut may leave a row without its file
        finally:
            os.close(folder)

    def _read(self, name: str) -> bytes | None:
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            return None

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise FileNotFoundError(name)
        return self._folder / name

    def _sweep(self, known: frozenset[str], before: float) -> int:
        swept = 0
        for path in self._folder.iterdir() if self._folder.is_dir() else ():
            if path.name not in known and _NAME.fullmatch(path.name.lstrip(".")) and path.stat().st_mtime < before:
                path.unlink(missing_ok=True)
                swept += 1
        return swept
