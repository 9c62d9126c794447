"""The captive-portal API (RFC 8908): over TLS only, for devices that verify our certificate."""

from aiohttp import web

from gateway.flows.listing import live_session
from gateway.flows.sign_in import Reception
from gateway.portal.frame import device_of


class CaptiveApi:
    """One resource."""

    def __init__(self, reception: Reception, hostname: str, venue_info_url: str) -> None:
        self._gate = reception.gate
        self._hours = reception.hours
        self._portal_url = f"https://{hostname}/"
        self._venue_info_url = venue_info_url

    def routes(self) -> list[web.RouteDef]:
        """For the application that is served over TLS."""
        return [web.get("/captive-portal/api", self.state)]

    async def state(self, request: web.Request) -> web.Response:
        """The six keys (RFC 8908 section 5); the remaining ones only for who is online."""
        mac = await device_of(self._gate, request)
        live = await live_session(self._gate, mac) if mac else None
        told: dict[str, str | bool | int] = {
            "captive": live is None,
            "user-portal-url": self._portal_url,
            "can-extend-session": False,
        }
        if self._venue_info_url:
            told["venue-info-url"] = self._venue_info_url
        if live is not None:
            told["seconds-remaining"] = self._hours.left_s(live.left_s)
            if live.session.limits.total_bytes is not None:
                told["bytes-remaining"] = max(0, live.session.limits.total_bytes - live.up_bytes - live.down_bytes)
        return web.json_response(
            told, content_type="application/captive+json", headers={"Cache-Control": "private, no-store"}
        )
