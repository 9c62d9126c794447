"""Fragments that show themselves anew: server-sent events (WHATWG HTML 9.2), one stream a page that is open."""

import asyncio
import contextlib
from collections.abc import Collection

from aiohttp import web
from pydantic import ValidationError

from gateway.desk.answers import SECURITY
from gateway.desk.browser import form_token
from gateway.desk.flash import Flash
from gateway.desk.frame import BROWSER, Frame, Handler
from gateway.desk.render import DeskPages
from gateway.desk.table import Area, Live, RefusedError
from gateway.errors import GatewayError

_MOST_STREAMS = 40
_LOOKS_S = 0.5
_LONGEST_S = 600.0
"""Then the browser asks again: who was signed out meanwhile gets no more."""


class LivePages:
    """Streams of the table's live fragments."""

    def __init__(self, frame: Frame, pages: DeskPages) -> None:
        self._frame = frame
        self._pages = pages
        self._open = 0
        self._closing = asyncio.Event()

    async def close(self, application: web.Application) -> None:
        """End all streams, so that nothing waits for them; the browsers ask again."""
        self._closing.set()

    def routes(self, areas: Collection[Area]) -> list[web.RouteDef]:
        """For the desk's application."""
        return [web.get(f"/live{each.path}", self._streamed(each)) for area in areas for each in area.live]

    def _streamed(self, live: Live) -> Handler:
        async def stream(request: web.Request) -> web.StreamResponse:
            caller = self._frame.caller(request)
            if not caller.may(live.right):
                raise web.HTTPForbidden
            if self._open >= _MOST_STREAMS:
                return web.Response(status=503, headers={"Retry-After": "30"})
            headers = {**SECURITY, "Content-Type": "text/event-stream"}
            response = web.StreamResponse(headers=headers)
            await response.prepare(request)
            self._open += 1
            try:
                with contextlib.suppress(ConnectionError, TimeoutError, GatewayError, ValidationError, RefusedError):
                    async with asyncio.timeout(_LONGEST_S):
                        await self._send(request, response, live)
            finally:
                self._open -= 1
            return response

        return stream

    async def _send(self, request: web.Request, response: web.StreamResponse, live: Live) -> None:
        last, quiet_s = "", 0.0
        while not self._closing.is_set():
            caller = self._frame.caller(request)
            values = await live.read({**request.match_info, **request.query}, caller)
            found = request[BROWSER]
            shown = {"caller": caller, "may": caller.may, "user": found.user, "csrf": form_token(found.key)}
            shown |= {"flash": Flash(), "path": live.path}
            html = self._pages.render(live.template, caller.language, shown | dict(values))
            if html != last:
                lines = "".join(f"data: {line}\n" for line in html.splitlines())
                await response.write(f"{lines}\n".encode())
                last, quiet_s = html, 0.0
            elif quiet_s >= 15:
                await response.write(b": here\n\n")
                quiet_s = 0.0
            if not await self._rest(request, live.every_s):
                return
            quiet_s += live.every_s

    async def _rest(self, request: web.Request, span_s: float) -> bool:
        """Wait for the next look; False when the browser has gone: a closed tab asks the kernel for nothing."""
        loop = asyncio.get_running_loop()
        end_s = loop.time() + span_s
        while (left_s := end_s - loop.time()) > 0 and not self._closing.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), min(left_s, _LOOKS_S))
            if request.transport is None or request.transport.is_closing():
                return False
        return True
