"""What the desk's commands ask of the running gateway about devices, approvals and sessions that go on elsewhere."""

import secrets
from collections.abc import Callable

from aiohttp import web

from gateway.access.login import Refused
from gateway.access.session import Session, SessionId
from gateway.flows.approvals import settle
from gateway.flows.desk_codes import LIFE_S, DeskCodes, hand_code, resumable
from gateway.flows.devices import KnownDevices
from gateway.flows.extend import More, extend
from gateway.flows.reprofile import go_on_as
from gateway.flows.resume import Returns
from gateway.ports_devices import ApprovalStore
from gateway.ports_vouchers import VoucherStore
from gateway.units import epoch_s

_MOST_DIGITS = 15


class DeskDoor:
    """Routes beside those of Control; the desk's pages use the same flows."""

    def __init__(
        self,
        devices: KnownDevices,
        approvals: ApprovalStore,
        returns: Returns,
        codes: DeskCodes,
        vouchers: VoucherStore,
        admitted: Callable[[Session], None],
    ) -> None:
        self._devices = devices
        self._approvals = approvals
        self._returns = returns
        self._codes = codes
        self._vouchers = vouchers
        self._admitted = admitted

    def routes(self) -> list[web.RouteDef]:
        """For the control socket's application."""
        return [
            web.post("/devices/changed", self.devices_changed),
            web.post("/approvals/settle", self.settle_approvals),
            web.get("/resumable", self.resumable),
            web.post("/sessions/{number:[0-9]+}/code", self.code),
            web.post("/sessions/{number:[0-9]+}/extend", self.extend),
            web.post("/sessions/{number:[0-9]+}/profile/{profile}", self.profile),
        ]

    async def devices_changed(self, request: web.Request) -> web.Response:
        """The list of devices was written: read it and make it true."""
        await self._devices.look()
        return web.json_response({"looked": True})

    async def settle_approvals(self, request: web.Request) -> web.Response:
        """Requests were answered: open the sessions of those that were approved."""
        opened = await settle(self._returns.reception, self._approvals, self._admitted)
        return web.json_response({"opened": [{"id": session.id, "mac": session.mac} for session in opened]})

    async def resumable(self, request: web.Request) -> web.Response:
        """Sessions that may go on on another MAC, the newest first."""
        found = await resumable(self._returns)
        return web.json_response(
            [
                {
                    "id": each.id,
                    "opened_at": epoch_s(each.opened_at),
                    "method": each.method,
                    "profile": each.profile,
                    "state": each.state,
                    "cause": each.cause,
                }
                for each in found
            ]
        )

    async def code(self, request: web.Request) -> web.Response:
        """A code for one of them."""
        number = _number(request)
        code = await hand_code(self._returns, self._codes, number, secrets.choice)
        if isinstance(code, Refused):
            return web.json_response({"code": None, "problem": code.key.removeprefix("code_")})
        return web.json_response({"code": code, "problem": None, "life_s": LIFE_S})

    async def extend(self, request: web.Request) -> web.Response:
        """More time or data: `seconds`, `bytes` of the query. Keys: problem (null: none), least (what is possible), id,
        session_s, total_bytes."""
        more = More(_whole(request, "seconds"), _whole(request, "bytes"))
        return _changed(await extend(self._returns.reception, self._vouchers, _number(request), more))

    async def profile(self, request: web.Request) -> web.Response:
        """Let a device in again under another profile; keys as `extend`'s, of the session that follows."""
        session = await go_on_as(self._returns, self._vouchers, _number(request), request.match_info["profile"])
        if isinstance(session, Session):
            self._admitted(session)
        return _changed(session)


def _number(request: web.Request) -> SessionId:
    return SessionId(int(request.match_info["number"]))


def _whole(request: web.Request, name: str) -> int:
    text = request.query.get(name, "0")
    if not text.isdecimal() or len(text) > _MOST_DIGITS:
        raise web.HTTPBadRequest
    return int(text)


def _changed(session: Session | Refused) -> web.Response:
    if isinstance(session, Refused):
        return web.json_response({"problem": session.key, "least": session.said})
    limits = session.limits
    return web.json_response(
        {"problem": None, "id": session.id, "session_s": limits.session_s, "total_bytes": limits.total_bytes}
    )
