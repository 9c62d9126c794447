"""The pages a patron meets: splash, login, status, end. Each post is a form, checked, done, and answered by a redirect
to a real page: sign-in sheets look again only after a full navigation.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import timedelta

from aiohttp import web

from gateway.access.client import AccessKind, Mac
from gateway.access.device import Standing
from gateway.access.login import Claim, Method, Refused
from gateway.access.session import Cause, Session, State
from gateway.access.voucher import shown, typed_code
from gateway.flows.close import end
from gateway.flows.listing import live_session
from gateway.flows.refusals import refused
from gateway.flows.sign_in import Reception, sign_in
from gateway.pages import text
from gateway.portal.asking import AskingPages
from gateway.portal.board import NOTHING, BoardPages
from gateway.portal.destination import destination, host_of
from gateway.portal.frame import LARGEST_FORM_BYTES, Frame, device_of, see_other
from gateway.portal.returning import ReturnPages
from gateway.portal.terms import Operator, folded_points, terms
from gateway.portal.watching import PROBLEM
from gateway.units import show_bytes


class PatronPages:
    """The portal's own host."""

    def __init__(
        self,
        reception: Reception,
        frame: Frame,
        admitted: Callable[[Session], None] = lambda session: None,
        *,
        welcome: Callable[[Mac], Awaitable[Session | None]] | None = None,
        returning: ReturnPages | None = None,
        asking: AskingPages | None = None,
        board: BoardPages | None = None,
    ) -> None:
        """`admitted` is told of each device that gets in; `welcome` lets exempt ones in without a page."""
        self._reception = reception
        self._gate = reception.gate
        self._frame = frame
        self._admitted = admitted
        self._welcome = welcome
        self._returning = returning
        self._asking = asking
        self._board = board

    def application(self, more: Sequence[web.RouteDef] = ()) -> web.Application:
        """The aiohttp application; `more` routes stand before the one that leads everything else to the first page."""
        application = web.Application(client_max_size=LARGEST_FORM_BYTES, middlewares=[self._frame.guarded])
        application.add_routes(
            [
                web.get("/", self.splash),
                web.post("/login", self.login),
                web.get("/status", self.status),
                web.post("/end", self.end),
                *(self._returning.routes() if self._returning else ()),
                *(self._asking.routes() if self._asking else ()),
                *(self._board.routes() if self._board else ()),
                *more,
                web.route("*", "/{anything:.*}", self.elsewhere),
            ]
        )
        return application

    async def splash(self, request: web.Request) -> web.Response:
        """The terms and the form; a device that is online goes on to its status."""
        mac = await device_of(self._gate, request)
        if mac is None:
            return self._frame.message(request, "unknown", status=403)
        if await self._open_session(mac):
            raise see_other("/status", request)
        if self._reception.is_barred(mac):
            await refused(self._reception, mac, "barred")
            return self._frame.message(request, "barred", status=403)
        if self._welcome and await self._welcome(mac):
            raise see_other("/status", request)
        if self._reception.is_shut(mac):
            await refused(self._reception, mac, "closed")
        elif mac not in self._reception.house.staff:
            await self._gate.sessions.splash_seen(mac, self._gate.clock.now())
        way = self._way(request.query.get("way", ""))
        return await self._splash(request, mac, way, _known_problem(request.query.get("problem", "")))

    async def login(self, request: web.Request) -> web.Response:
        """A claim -> admission -> status; what is refused is said on the page, with what was typed but for secrets."""
        mac, form = await self._frame.posted(request, "login")
        if mac is None:
            raise see_other("/", request, problem="again", to=form.get("to", ""))
        way = self._way(form.get("way", ""))
        if form.get("agree") != "yes":
            return await self._splash(request, mac, way, "agree", form)
        typed = {name: form.get(name, "")[:_LONGEST_FIELD] for name in FIELDS[way]}
        language = self._frame.language(request)
        accepted = terms(language, *self._terms_of())
        if way is Method.APPROVAL and self._asking:
            if not_asked := await self._asking.ask(mac, accepted):
                await refused(self._reception, mac, not_asked.key)
                return await self._splash(request, mac, way, not_asked.key, form)
            raise see_other("/waiting", request, to=form.get("to", ""))
        session = await sign_in(self._reception, Claim(mac, way, typed), accepted)
        if isinstance(session, Refused):
            await refused(self._reception, mac, session.key)
        if isinstance(session, Refused) and session.key == "barred":
            return self._frame.message(request, "barred", status=403)
        if isinstance(session, Refused):
            return await self._splash(request, mac, way, session.key, form, session.said)
        self._admitted(session)
        raise see_other("/status", request, to=form.get("to", ""))

    def _until(self, left_s: int) -> str:
        """The hour of the end: it stays true on a page that nobody loads again."""
        end = self._gate.clock.now() + timedelta(seconds=left_s + 59)  # up, as the minutes that are left
        return f"{end.astimezone(self._reception.house.zone):%H:%M}"

    def _warning(self, left_s: int, session_left_s: int, language: str) -> str:
        """What is said shortly before the end: that the library closes, or that the time is nearly over."""
        hours = self._reception.hours
        closing = hours.closes_at()
        if left_s > hours.warn_s:
            return ""
        if closing and left_s < session_left_s:
            return text(language, "status.closes", at=f"{closing:%H:%M}")
        return text(language, "status.ends")

    def _way(self, asked: str) -> Method:
        offered = list(self._reception.verifiers)
        return next((method for method in offered if method == asked), offered[0])

    async def _splash(
        self,
        request: web.Request,
        mac: Mac,
        way: Method,
        problem: str,
        form: Mapping[str, str] | None = None,
        said: str = "",
    ) -> web.Response:
        if problem and problem != "ended":
            request[PROBLEM] = problem
        kept = {name: (form or {}).get(name, "") for name in FIELDS[way] if name not in _SECRETS}
        if form is None and way is Method.VOUCHER:  # from the slip's QR code: filled in, and sent by the patron alone
            code = typed_code(request.query.get("code", ""))
            kept["code"] = shown(code) if code else ""
        language = self._frame.language(request)
        return self._frame.page(
            request,
            "splash.html",
            **folded_points(language, *self._terms_of()),
            token=self._frame.token("login", mac),
            to=destination((form or request.query).get("to", "")),
            problem=problem,
            said=said,
            way=way,
            other_ways=[method for method in self._reception.verifiers if method is not way],
            kept=kept,
            pc=self._pc(mac),
            return_min=await self._returning.minutes_left(request, mac) if self._returning else 0,
            return_token=self._frame.token("resume", mac),
            takes_codes=self._returning is not None and not self._pc(mac),
            closed=self._closed(mac, language),
            **(self._board.on_splash(language) if self._board else NOTHING),
        )

    async def status(self, request: web.Request) -> web.Response:
        """You are online: time left, bytes, the way on, the end."""
        mac = await device_of(self._gate, request)
        live = await live_session(self._gate, mac) if mac else None
        if mac is None or live is None:
            raise see_other("/", request)
        language = self._frame.language(request)
        session = live.session
        exempt = session.method == Method.EXEMPT
        left_s = live.left_s if exempt else self._reception.hours.left_s(live.left_s)  # equipment stays on at closing
        left_min = -(-left_s // 60)
        to = destination(request.query.get("to", ""))
        page = self._frame.page(
            request,
            "status.html",
            left=text(language, "status.left", minutes=left_min),
            until="" if exempt else self._until(left_s),
            warning=self._warning(left_s, live.left_s, language),
            used=show_bytes(live.up_bytes + live.down_bytes),
            to=to,
            to_host=host_of(to) if to else "",
            token=self._frame.token("end", mac),
            pc=self._pc(mac) if session.kind is AccessKind.KIOSK else "",
            exempt=exempt,
            **(await self._board.on_status(session, mac, language) if self._board else NOTHING),
        )
        if self._returning:
            self._returning.keep(request, page, session)
        return page

    async def end(self, request: web.Request) -> web.Response:
        """The patron ends the session."""
        mac, _ = await self._frame.posted(request, "end")
        session = await self._open_session(mac) if mac else None
        if session is not None:
            await end(self._gate, session, Cause.USER_REQUEST)
        answer = see_other("/", request, problem="ended" if session else "")
        if self._returning and session:
            self._returning.drop(answer)
        raise answer

    async def elsewhere(self, request: web.Request) -> web.Response:
        """Any other path leads to the first page."""
        if request.path == "/favicon.ico":
            return web.Response(status=204, headers={"Cache-Control": "max-age=86400"})
        raise see_other("/", request)

    def _terms_of(self) -> tuple[int, Collection[Method], bool, Operator]:
        """What the terms say of this library: what is shown is what is accepted."""
        asks_purpose = self._board is not None and self._board.asks_purpose
        return self._reception.longest_s() // 60, self._reception.verifiers, asks_purpose, self._frame.operator

    def _pc(self, mac: Mac) -> str:
        """The name of a PC of the library; "" for other devices."""
        device = self._reception.roster.known(mac, self._gate.clock.now())
        return device.name or "PC" if device and device.standing is Standing.KIOSK else ""

    def _closed(self, mac: Mac, language: str) -> str:
        """Why there is no form now; "" while the library is open, and for staff."""
        hours = self._reception.hours
        if mac in self._reception.house.staff or not hours.is_closed():
            return ""
        opening = hours.opens_next()
        if opening is None:
            return text(language, "splash.closed_long")
        day = text(language, f"weekday.{opening.weekday()}")
        return text(language, "splash.closed_until", day=day, on=f"{opening:%d/%m}", at=f"{opening:%H:%M}")

    async def _open_session(self, mac: Mac) -> Session | None:
        booked = await self._gate.sessions.live_session(mac)
        return booked.session if booked and booked.session.state is State.OPEN else None


_PROBLEMS = ("agree", "again", "ended", "approval_over", "no_return")
FIELDS: Mapping[Method, tuple[str, ...]] = {
    Method.TERMS: (),
    Method.APPROVAL: (),
    Method.RADIUS: ("name", "password"),
    Method.VOUCHER: ("code",),
    Method.ACCOUNT: ("name", "password"),
    Method.CARD: ("card", "pin"),
}
"""What is typed, by method; each method has a template of these fields in portal_pages/ways/."""
_SECRETS = ("password", "pin", "card")  # the card: the next one at a shared PC is not to read it
_LONGEST_FIELD = 200


def _known_problem(asked: str) -> str:
    return asked if asked in _PROBLEMS else ""
