"""Files as they go out: by a name of ours; what is large from the disk, piece by piece."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web

from gateway.desk.table import File

SHOWN_FILE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-modals; frame-ancestors 'self'"
)
"""A paper shown in the browser: its own style sheet stands in it, scripts and forms do nothing there."""


def file_response(file: File) -> web.StreamResponse:
    """A file by a name of ours."""
    how = "inline" if file.is_shown else "attachment"
    headers = {"Content-Disposition": f'{how}; filename="{file.name}"'}
    if file.is_shown:
        headers["Content-Security-Policy"] = SHOWN_FILE_POLICY
    kind, _, charset = file.content_type.partition("; charset=")
    if file.path is not None:
        headers |= {"Content-Length": str(file.path.stat().st_size), "Content-Type": file.content_type}
        return web.Response(body=_pieces(file.path), headers=headers)
    return web.Response(body=file.body, content_type=kind, charset=charset or None, headers=headers)


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    """Read beside the loop: a stick may take its time."""
    with await asyncio.to_thread(path.open, "rb") as file:
        while piece := await asyncio.to_thread(file.read, 256 * 1024):
            yield piece
