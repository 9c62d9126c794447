"""What cong desk asks of the running gateway."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from gateway.flows.staff import Staff

_DESK_WITHIN_S = 10.0
"""It comes up after the gateway, by a second."""


class StaffDoor:
    """Routes beside those of Control."""

    def __init__(self, staff: Staff, rights: Callable[[], Awaitable[list[dict[str, object]]]]) -> None:
        """`rights`: every route of the desk with who may use it, once it stands."""
        self._staff = staff
        self._rights = rights

    def routes(self) -> list[web.RouteDef]:
        """For the control socket's application."""
        return [web.post("/desk/code", self.code), web.get("/desk/rights", self.rights)]

    async def code(self, request: web.Request) -> web.Response:
        """A code that makes the first user; null when there are users."""
        return web.json_response({"code": await self._staff.first_code()})

    async def rights(self, request: web.Request) -> web.Response:
        """The table of who may do what."""
        try:
            async with asyncio.timeout(_DESK_WITHIN_S):
                return web.json_response(await self._rights())
        except TimeoutError:
            raise web.HTTPServiceUnavailable from None
