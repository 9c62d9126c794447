"""What cong desk asks of the running gateway."""

from aiohttp import web

from gateway.flows.staff import Staff


class StaffDoor:
    """Routes beside those of Control."""

    def __init__(self, staff: Staff) -> None:
        self._staff = staff

    def routes(self) -> list[web.RouteDef]:
        """For the control socket's application."""
        return [web.post("/desk/code", self.code)]

    async def code(self, request: web.Request) -> web.Response:
        """A code that makes the first user; null when there are users."""
        return web.json_response({"code": await self._staff.first_code()})
