"""What the operator asks about the walled garden."""

from aiohttp import web

from gateway.ports_garden import GardenWall


class GardenDoor:
    """Routes beside those of Control."""

    def __init__(self, wall: GardenWall) -> None:
        self._wall = wall

    def routes(self) -> list[web.RouteDef]:
        """For the control socket's application."""
        return [web.get("/garden", self.garden)]

    async def garden(self, request: web.Request) -> web.Response:
        """Keys: addresses (open now), up_bytes, down_bytes (since the kernel's table was made)."""
        count = await self._wall.counted()
        return web.json_response(
            {"addresses": count.addresses, "up_bytes": count.up_bytes, "down_bytes": count.down_bytes}
        )
