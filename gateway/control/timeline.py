"""What the desk asks about a device on its way in."""

from aiohttp import web

from gateway.access.client import Mac, parse_mac
from gateway.access.timeline import Moment
from gateway.flows.timeline import Timeline
from gateway.ports import IpAddress, Neighbours
from gateway.units import epoch_s


class TimelineDoor:
    """Routes beside those of Control."""

    def __init__(self, timeline: Timeline, neighbours: Neighbours) -> None:
        self._timeline = timeline
        self._neighbours = neighbours

    def routes(self) -> list[web.RouteDef]:
        """For the control socket's application."""
        return [web.get("/timeline", self.devices), web.get("/timeline/{device}", self.device)]

    async def devices(self, request: web.Request) -> web.Response:
        """Devices that were seen today, with the last step of each."""
        found = self._timeline.devices()
        return web.json_response([{"mac": mac, **_line(moment)} for mac, moment in found.items()])

    async def device(self, request: web.Request) -> web.Response:
        """One device's day, by MAC or by an address it has now."""
        mac = await self._mac(request.match_info["device"])
        moments = await self._timeline.of(mac) if mac else []
        return web.json_response({"mac": mac, "steps": [_line(moment) for moment in moments]})

    async def _mac(self, asked: str) -> Mac | None:
        try:
            return parse_mac(asked)
        except ValueError:
            pass
        try:
            return await self._neighbours.mac_of(IpAddress(asked))
        except ValueError:
            return None


def _line(moment: Moment) -> dict[str, str | int]:
    """Keys: at (UTC seconds), step, detail, count."""
    return {"at": epoch_s(moment.at), "step": moment.step, "detail": moment.detail, "count": moment.count}
