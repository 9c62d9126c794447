"""Coming back under another MAC: the button for browsers that kept the token, the page for the desk's code."""

from collections.abc import Callable

from aiohttp import web

from gateway.access.client import AccessKind, Mac
from gateway.access.login import Method, Refused
from gateway.access.session import Session, SessionId
from gateway.flows.desk_codes import DeskCodes
from gateway.flows.refusals import refused
from gateway.flows.resume import Offer, Returns, offer, resume
from gateway.portal.frame import Frame, device_of, see_other
from gateway.portal.resume_token import make_resume_token, read_resume_token
from gateway.units import epoch_s

COOKIE = "cong_session"


class ReturnPages:
    """The token's cookie and the pages that take it, or a code."""

    def __init__(
        self, returns: Returns, frame: Frame, codes: DeskCodes, key: bytes, admitted: Callable[[Session], None]
    ) -> None:
        """`key` seals the tokens."""
        self._returns = returns
        self._gate = returns.reception.gate
        self._frame = frame
        self._codes = codes
        self._key = key
        self._admitted = admitted

    def routes(self) -> list[web.RouteDef]:
        """For the patrons' application."""
        return [
            web.post("/resume", self.resume),
            web.get("/return", self.ask_code),
            web.post("/return", self.take_code),
        ]

    def keep(self, request: web.Request, answer: web.StreamResponse, session: Session) -> None:
        """Leave the session's token in the browser, if it has not got it and the session is a patron's own."""
        if session.kind is AccessKind.KIOSK or session.method == Method.EXEMPT:
            return
        opened_at_s = epoch_s(session.opened_at)
        if read_resume_token(request.cookies.get(COOKIE, ""), self._key) == (session.id, opened_at_s):
            return
        token = make_resume_token(self._key, session.id, opened_at_s)
        life_s = session.limits.session_s
        answer.set_cookie(COOKIE, token, max_age=life_s, path="/", httponly=True, samesite="Lax", secure=request.secure)

    def drop(self, answer: web.StreamResponse) -> None:
        """Take it out of the browser."""
        answer.del_cookie(COOKIE, path="/")

    async def minutes_left(self, request: web.Request, mac: Mac) -> int:
        """What the browser's token is worth on this device; 0: nothing, or there is none."""
        number = await self._named(request)
        offered = await offer(self._returns, number, mac) if number is not None else None
        return -(-offered.limits.session_s // 60) if isinstance(offered, Offer) else 0

    async def resume(self, request: web.Request) -> web.Response:
        """One tap: the session goes on here."""
        mac, form = await self._frame.posted(request, "resume")
        number = await self._named(request)
        session = await resume(self._returns, number, mac) if mac and number is not None else None
        if not isinstance(session, Session):
            if mac and session:
                await refused(self._returns.reception, mac, session.key)
            raise see_other("/", request, to=form.get("to", ""), problem="no_return")
        raise self._online(request, session, form)

    async def ask_code(self, request: web.Request) -> web.Response:
        """The field for the desk's code."""
        mac = await device_of(self._gate, request)
        if mac is None:
            return self._frame.message(request, "unknown", status=403)
        return self._code_page(request, mac, "")

    async def take_code(self, request: web.Request) -> web.Response:
        """A code -> the session goes on here."""
        mac, form = await self._frame.posted(request, "return")
        if mac is None:
            raise see_other("/return", request)
        number = self._codes.session_of(form.get("code", "")[:20], mac)
        if isinstance(number, str):
            await refused(self._returns.reception, mac, number)
            return self._code_page(request, mac, number)
        session = await resume(self._returns, number, mac)
        if isinstance(session, Refused):
            await refused(self._returns.reception, mac, session.key)
            return self._code_page(request, mac, session.key)
        self._codes.use_up(number)
        raise self._online(request, session, form)

    def _code_page(self, request: web.Request, mac: Mac, problem: str) -> web.Response:
        return self._frame.page(request, "return.html", token=self._frame.token("return", mac), problem=problem)

    def _online(self, request: web.Request, session: Session, form: dict[str, str]) -> web.HTTPSeeOther:
        self._admitted(session)
        return see_other("/status", request, to=form.get("to", ""))

    async def _named(self, request: web.Request) -> SessionId | None:
        token = read_resume_token(request.cookies.get(COOKIE, ""), self._key)
        of = await self._returns.store.entitlement(token[0]) if token else None
        return token[0] if token and of and epoch_s(of.booked.session.opened_at) == token[1] else None
