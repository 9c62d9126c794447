"""What cong desk asks of the running gateway."""

from collections.abc import Callable, Iterable
from dataclasses import asdict

from aiohttp import web

from gateway.desk.rights import Entry
from gateway.flows.staff import Staff


class StaffDoor:
    """Routes beside those of Control."""

    def __init__(self, staff: Staff, rights: Callable[[], Iterable[Entry]]) -> None:
        """`rights`: every route of the desk with who may use it."""
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
        return web.json_response([asdict(entry) for entry in self._rights()])
