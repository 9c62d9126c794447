"""One list fetched by HTTP: conditional, bounded, gone on with where it was cut off.

In: a Source and where its copy is. Out: a new copy in its place, or none and why. A copy is gathered beside the old
one, flushed, looked at and renamed. The state (filters.fetched) tells of a part only what was flushed before: after a
power cut nothing is gone on with that may not be there.
"""

import asyncio
import filecmp
import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from pathlib import Path

from aiohttp import ClientResponse, ClientSession

from filters import clock
from filters.aside import flush_directory
from filters.errors import FilterError
from filters.fetched import part_path, read_state, write_state
from filters.formats.listing import plain_text
from filters.settings import Kind, Source
from filters.sources import addresses_in, has_shrunk, read_source, text_of, where_of

MOST_REDIRECTS = 5
_PIECE_BYTES = 1 << 16
_RANGE = re.compile(r"bytes (\d+)-\d+/(?:\d+|\*)")
_ENCODINGS = ("", "identity", "gzip", "x-gzip")

Progress = Callable[[str, int, int], None]
"""List, bytes had, bytes in all (0: its server does not say)."""


class Download:
    """One list's turn."""

    def __init__(self, source: Source, copy: Path, *, may_shrink: bool, progress: Progress | None) -> None:
        self.source = source
        self.copy = copy
        self.state = read_state(copy)
        self._part = part_path(copy)
        self._may_shrink = may_shrink
        self._progress = progress

    async def run(self, session: ClientSession, *, force: bool) -> bool:
        """Ask for it; is the copy new? FilterError, ClientError, OSError when not, then call `failed`."""
        if force or not self._part.exists():
            self.state = replace(self.state, part_bytes=0)
        is_new = await self._try(session, force=force)
        if is_new is None and self.state.part_bytes:
            self.state = replace(self.state, part_bytes=0)
            is_new = await self._try(session, force=force)
        if is_new is None:
            raise FilterError("its server sent a part that nobody asked for")
        return is_new

    def failed(self, why: str, *, drop: bool) -> str:
        """Note why it failed, and tell it whole; what was had of it is gone on with next time, unless dropped."""
        if drop:
            self.state = replace(self.state, part_bytes=0)
        if self.state.part_bytes:
            why += f"; {self.state.part_bytes} bytes are had, the next try goes on"
        else:
            self._part.unlink(missing_ok=True)
        since = self.state.failing_since or clock.utc_s()
        try:
            self._note(error=why, failing_since=since)
        except OSError as error:
            why += f"; and that can't be noted: {error.strerror}"
        return why

    async def _try(self, session: ClientSession, *, force: bool) -> bool | None:
        """Is the copy new? None: the server does not go on with the part."""
        begun = self.state.part_bytes
        url, headers = self.source.location, self._conditions(force=force)
        async with session.get(url, headers=headers, max_redirects=MOST_REDIRECTS) as response:
            way = [each.url.scheme for each in (*response.history, response)]
            if ("https", "http") in pairwise(way):
                raise FilterError("its server leads from https to http, where anybody can change it")
            if response.status == 304 and "Range" not in headers and headers:
                self._note(error="", failing_since=0, checked_at=clock.utc_s())
                return False
            if response.status == 206 or (begun and response.status in (412, 416)):
                if not begun or not self._goes_on(response):
                    return None
            elif response.status == 200:
                begun = 0
            else:
                raise FilterError(f"its server said {response.status} {response.reason or ''}".rstrip())
            await self._receive(response, begun)
            return await self._finish(response)

    def _conditions(self, *, force: bool) -> dict[str, str]:
        if self.state.part_bytes:
            return {"Range": f"bytes={self.state.part_bytes}-", "If-Range": self.state.part_validator}
        if force or not self.copy.exists():
            return {}
        known = {"If-None-Match": self.state.etag, "If-Modified-Since": self.state.last_modified}
        return {name: value for name, value in known.items() if value}

    def _goes_on(self, response: ClientResponse) -> bool:
        """Is it what follows our part, packed as that is?"""
        at = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
        is_next = at is not None and int(at[1]) == self.state.part_bytes
        return response.status == 206 and is_next and _encoding(response) == self.state.part_encoding

    async def _receive(self, response: ClientResponse, had: int) -> None:
        """Gather the body behind what is there; what arrived is flushed and noted, however this ends."""
        if _encoding(response) not in _ENCODINGS:
            raise FilterError(f'its server packs it as "{_encoding(response)[:20]}", which nobody asked for')
        whole = had + response.content_length if response.content_length is not None else 0
        if whole > self.source.max_bytes:
            self.state = replace(self.state, part_bytes=0)
            raise self._too_large()
        if not had:  # before the old part is written over: a state never tells of bytes that are not there
            self._note(part_bytes=0, part_validator=_validator(response), part_encoding=_encoding(response))
        with self._part.open("r+b" if had else "wb") as file:
            file.truncate(had)
            file.seek(had)
            try:
                async for piece in response.content.iter_chunked(_PIECE_BYTES):
                    had += len(piece)
                    if had > self.source.max_bytes:
                        raise self._too_large()
                    file.write(piece)
                    if self._progress:
                        self._progress(self.source.name, had, whole)
            finally:
                file.flush()
                os.fsync(file.fileno())
                is_kept = self.state.part_validator and had <= self.source.max_bytes
                self._note(part_bytes=os.fstat(file.fileno()).st_size if is_kept else 0)

    async def _finish(self, response: ClientResponse) -> bool:
        self.state = replace(self.state, part_bytes=0)  # it is whole: good or bad, there is nothing to go on with
        is_new = await asyncio.to_thread(self._take)
        now = clock.utc_s()
        self._note(
            etag=response.headers.get("ETag", ""),
            last_modified=response.headers.get("Last-Modified", ""),
            fetched_at=now if is_new else self.state.fetched_at,
            checked_at=now,
            error="",
            failing_since=0,
            part_bytes=0,
        )
        return is_new

    def _take(self) -> bool:
        """Put what came into the copy's place, unless it is the same or no list."""
        is_new = not self.copy.exists() or not filecmp.cmp(self._part, self.copy, shallow=False)
        if is_new:
            self._refuse_bad(text_of(self._part.read_bytes(), self.source))
            self._part.replace(self.copy)
            flush_directory(self.copy.parent)
        else:
            self._part.unlink()  # its server knows no conditions: the copy's date stays, nothing is compiled anew
        return is_new

    def _refuse_bad(self, text: bytes) -> None:
        where = where_of(self.source)
        if not plain_text(text, where).strip():
            raise FilterError("is empty", where=where)
        if self.source.kind is Kind.ADDRESSES:  # how many names there are is weighed when they are compiled
            now = len(addresses_in(text).networks)
            if not now:
                raise FilterError("has no address in it", where=where)
            before = 0 if self._may_shrink else self._addresses_before()
            if has_shrunk(before, now):
                raise FilterError(f"has shrunk to {now} addresses from {before}; the last good ones stay")

    def _addresses_before(self) -> int:
        try:
            return len(addresses_in(read_source(self.source, self.copy.parent)).networks)
        except FilterError:
            return 0  # none yet, or one that can't be read: no measure

    def _note(self, **changed: str | int) -> None:
        self.state = replace(self.state, **changed)  # type: ignore[arg-type]  # State's own names and kinds
        write_state(self.copy, self.state)

    def _too_large(self) -> FilterError:
        return FilterError(f"is larger than {self.source.max_bytes} bytes")


def _encoding(response: ClientResponse) -> str:
    return response.headers.get("Content-Encoding", "").lower()


def _validator(response: ClientResponse) -> str:
    """What tells this version from others for If-Range: a strong tag, or a date that is old enough to be one.

    RFC 9110 sections 13.1.5 and 8.8.2.2; a minute as RFC 7232 section 2.2.2 had it, for servers' coarse clocks.
    """
    tag = response.headers.get("ETag", "")
    if tag.startswith('"'):
        return tag
    modified = response.headers.get("Last-Modified", "")
    try:
        old_enough = parsedate_to_datetime(response.headers["Date"]) - parsedate_to_datetime(modified)
    except (KeyError, ValueError, TypeError):
        return ""
    return modified if old_enough >= timedelta(minutes=1) else ""
