"""What the operator asks about the walled garden."""

from aiohttp import web

from gateway.flows.day_bytes import DayBytes
from gateway.ports_garden import GardenCount


class GardenDoor:
    """Routes beside those of Control."""

    def __init__(self, bytes_: DayBytes[GardenCount]) -> None:
        self._bytes = bytes_

    def routes(self) -> list[web.RouteDef]:
        """For the control socket's application."""
        return [web.get("/garden", self.garden)]

    async def garden(self, request: web.Request) -> web.Response:
        """Keys: addresses (open now), up_bytes, down_bytes (of the site's day, booked for this answer)."""
        count, (up_bytes, down_bytes) = await self._bytes.today()
        addresses = count.addresses if count else 0
        return web.json_response({"addresses": addresses, "up_bytes": up_bytes, "down_bytes": down_bytes})
