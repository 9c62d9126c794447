"""The page on which a patron waits for the staff: it looks again by itself, without a script."""

import secrets
from collections.abc import Callable

from aiohttp import web

from gateway.access.approval import Answer
from gateway.access.client import Mac
from gateway.access.login import Claim, Method, Refused
from gateway.access.session import Session
from gateway.flows.approvals import ask_staff
from gateway.flows.listing import live_session
from gateway.flows.refusals import refused
from gateway.flows.sign_in import Reception, sign_in
from gateway.portal.destination import destination
from gateway.portal.frame import Frame, device_of, see_other
from gateway.ports import Terms
from gateway.ports_devices import ApprovalStore

_LOOKS_AGAIN_S = 5
"""Unless the patron stops it: who reads slowly, or hears the page, must be able to (WCAG 2.2.1)."""


class AskingPages:
    """Asking, waiting, and what the staff said."""

    def __init__(
        self, reception: Reception, frame: Frame, store: ApprovalStore, admitted: Callable[[Session], None]
    ) -> None:
        self._reception = reception
        self._frame = frame
        self._store = store
        self._admitted = admitted

    def routes(self) -> list[web.RouteDef]:
        """For the patrons' application."""
        return [web.get("/waiting", self.waiting)]

    async def ask(self, mac: Mac, accepted: Terms) -> Refused | None:
        """Store a device's request; it has accepted the terms."""
        asked = await ask_staff(self._reception, self._store, mac, accepted, secrets.choice)
        return asked if isinstance(asked, Refused) else None

    async def waiting(self, request: web.Request) -> web.Response:
        """The code to say at the desk; on to the status once the staff said yes."""
        gate = self._reception.gate
        mac = await device_of(gate, request)
        if mac is None:
            return self._frame.message(request, "unknown", status=403)
        if await live_session(gate, mac):
            raise see_other("/status", request)
        found = await self._store.latest(mac)
        if found is None or found[0].used or not found[0].holds(gate.clock.now()):
            raise see_other("/", request, problem="approval_over")
        asked, terms = found
        if asked.answer is Answer.APPROVED:  # the word of the yes was lost on its way
            session = await sign_in(self._reception, Claim(mac, Method.APPROVAL), terms)
            if isinstance(session, Session):
                self._admitted(session)
                raise see_other("/status", request)
            await refused(self._reception, mac, session.key)
            return self._page(request, asked.code, session.key)
        if asked.answer is Answer.REFUSED:
            await refused(self._reception, mac, "approval_refused")
        return self._page(request, asked.code, "approval_refused" if asked.answer is Answer.REFUSED else "")

    def _page(self, request: web.Request, code: str, problem: str) -> web.Response:
        to, still = destination(request.query.get("to", "")), request.query.get("still") == "1"
        page = self._frame.page(request, "waiting.html", number=code, problem=problem, to=to, still=still)
        if not problem and not still:
            page.headers["Refresh"] = str(_LOOKS_AGAIN_S)
        return page
