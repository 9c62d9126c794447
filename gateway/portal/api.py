"""The captive-portal API (RFC 8908): over TLS only, for devices that verify our certificate."""

from aiohttp import web

from gateway.flows.gate import Gate
from gateway.flows.listing import live_session
from gateway.portal.frame import device_of


class CaptiveApi:
    """One resource."""

    def __init__(self, gate: Gate, hostname: str) -> None:
        self._gate = gate
        self._portal_url = f"https://{hostname}/"

    def routes(self) -> list[web.RouteDef]:
        """For the application that is served over TLS."""
        return [web.get("/captive-portal/api", self.state)]

    async def state(self, request: web.Request) -> web.Response:
        """captive, user-portal-url, seconds-remaining, can-extend-session (RFC 8908 section 5)."""
        mac = await device_of(self._gate, request)
        live = await live_session(self._gate, mac) if mac else None
        told: dict[str, str | bool | int] = {
            "captive": live is None,
            "user-portal-url": self._portal_url,
            "can-extend-session": False,
        }
        if live is not None:
            told["seconds-remaining"] = live.left_s
        return web.json_response(
            told, content_type="application/captive+json", headers={"Cache-Control": "private, no-store"}
        )
