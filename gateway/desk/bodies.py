"""Forms as they come in: fields as the input has them, files straight to the disk, never more than the act takes."""

import asyncio
import contextlib
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, get_origin
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from gateway.desk.inputs import Upload
from gateway.desk.table import Input

T = TypeVar("T")
_STALL_S = 30.0
_MOST_FIELDS = 500
_MOST_ENVELOPE_BYTES = 64 * 1024
"""Of a multipart form round its fields and files."""
_SPARE_BYTES = 200 * 1024 * 1024
"""Stays free on the disk whatever is sent: the ledger must go on."""


@dataclass(slots=True)
class Form:
    """What was posted."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)

    def one(self, name: str) -> str:
        """A field that stands once; "" when it is not there."""
        return self.fields.get(name, [""])[-1]

    def raw(self, asked: type[Input]) -> Mapping[str, object]:
        """For the input: lists where it has lists, what begins with "_" left out."""
        found: dict[str, object] = dict(self.files)
        for name, values in self.fields.items():
            if name.startswith("_"):
                continue
            known = asked.model_fields.get(name)
            is_many = known is not None and get_origin(known.annotation) in (list, tuple, set, frozenset)
            found[name] = [each for each in values if each] if is_many else values[-1]
        return found


@contextlib.asynccontextmanager
async def posted(request: web.Request, folder: Path, largest_bytes: int) -> AsyncIterator[Form]:
    """The form; its files lie in `folder` until this is left, then what the act did not take is deleted.

    413 when it is larger, 408 when nothing comes for half a minute, 507 when the disk would fill.
    """
    form = Form()
    await _refuse_at_once(request, folder, largest_bytes)
    try:
        if request.content_type == "multipart/form-data":
            await _multipart(request, form, folder, largest_bytes)
        else:
            _add_all(form, parse_qsl((await whole(request, largest_bytes)).decode("utf-8", "replace"), True))
        yield form
    finally:
        for upload in form.files.values():
            await asyncio.to_thread(upload.path.unlink, missing_ok=True)


async def _refuse_at_once(request: web.Request, folder: Path, largest_bytes: int) -> None:
    """What says itself that it is too large is refused before it was sent for an hour."""
    announced = request.content_length or 0
    if announced > largest_bytes + _MOST_ENVELOPE_BYTES:
        raise web.HTTPRequestEntityTooLarge(largest_bytes, announced)
    if announced > _SPARE_BYTES:
        await asyncio.to_thread(folder.mkdir, mode=0o750, parents=True, exist_ok=True)
        if announced > (await asyncio.to_thread(shutil.disk_usage, folder)).free - _SPARE_BYTES:
            raise web.HTTPInsufficientStorage(text="there is no room for it on the disk\n")


async def whole(request: web.Request, largest_bytes: int) -> bytes:
    """The body, when it is not larger."""
    return await _gathered(request.content.readany, largest_bytes)


async def _gathered(read: Callable[[], Awaitable[bytes]], most: int) -> bytes:
    body = bytearray()
    while chunk := await _in_time(read()):
        body += chunk
        if len(body) > most:
            raise web.HTTPRequestEntityTooLarge(most, len(body))
    return bytes(body)


async def _multipart(request: web.Request, form: Form, folder: Path, largest_bytes: int) -> None:
    left = largest_bytes
    try:
        reader = await request.multipart()
        while (part := await _in_time(reader.next())) is not None:
            if not isinstance(part, BodyPartReader) or part.name is None:
                raise web.HTTPBadRequest(text="a form of a kind nobody sends\n")
            if part.filename:
                upload = await _to_disk(part, folder, left)
                form.files[part.name] = upload
                left -= upload.size_bytes
            else:
                text = await _gathered(part.read_chunk, min(left, 2_000_000))
                left -= len(text)
                if part.filename is None:  # an empty file field is no field
                    _add_all(form, [(part.name, text.decode("utf-8", "replace"))])
    except (ValueError, AssertionError, HttpProcessingError) as error:
        raise web.HTTPBadRequest(text="the form can't be read\n") from error


async def _to_disk(part: BodyPartReader, folder: Path, most: int) -> Upload:
    await asyncio.to_thread(folder.mkdir, mode=0o750, parents=True, exist_ok=True)
    path = folder / f"{secrets.token_hex(8)}.part"
    size = 0
    try:
        with await asyncio.to_thread(path.open, "xb") as file:
            while chunk := await _in_time(part.read_chunk(256 * 1024)):
                size += len(chunk)
                if size > most:
                    raise web.HTTPRequestEntityTooLarge(most, size)
                await asyncio.to_thread(_append, file.fileno(), chunk, folder)
            await asyncio.to_thread(os.fsync, file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Upload(part.filename or "", path, size)


def _append(fd: int, chunk: bytes, folder: Path) -> None:
    if shutil.disk_usage(folder).free < _SPARE_BYTES:
        raise web.HTTPInsufficientStorage(text="the disk is nearly full\n")
    view = memoryview(chunk)
    while view:
        view = view[os.write(fd, view) :]


async def _in_time(coming: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(_STALL_S):
            return await coming
    except TimeoutError:
        raise web.HTTPRequestTimeout from None


def _add_all(form: Form, pairs: list[tuple[str, str]]) -> None:
    for name, value in pairs:
        if len(form.fields) > _MOST_FIELDS:
            raise web.HTTPBadRequest(text="too many fields\n")
        form.fields.setdefault(name, []).append(value)
