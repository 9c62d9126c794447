"""The pages a patron meets: splash, login, status, end. Each post is a form, checked, done, and answered by a redirect
to a real page: sign-in sheets look again only after a full navigation.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from aiohttp import web

from gateway.access.client import Mac
from gateway.access.session import Cause, Session, State
from gateway.errors import GatewayError
from gateway.flows.admit import Offer, admit
from gateway.flows.close import end
from gateway.flows.gate import Gate
from gateway.flows.listing import live_session
from gateway.log import client_tag, event
from gateway.pages import Pages, Value, choose_language, text
from gateway.portal.destination import destination, host_of
from gateway.portal.terms import terms, terms_points
from gateway.portal.token import make_token, token_fits
from gateway.ports import IpAddress
from gateway.units import epoch_s, show_bytes

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_LARGEST_FORM_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class Welcome:
    """What the pages say of the site."""

    site_name: str
    phone: str
    mail: str
    language: str
    hosts: frozenset[str]
    """Host names and addresses the portal is reached by; a post may come from no other origin."""


class PatronPages:
    """The portal's own host."""

    def __init__(
        self,
        gate: Gate,
        offer: Offer,
        pages: Pages,
        welcome: Welcome,
        key: bytes,
        admitted: Callable[[Session], None] = lambda session: None,
    ) -> None:
        """`key` seals the forms' tokens; `admitted` is told of each device that gets in."""
        self._gate = gate
        self._offer = offer
        self._pages = pages
        self._welcome = welcome
        self._key = key
        self._admitted = admitted

    def application(self, more: Sequence[web.RouteDef] = ()) -> web.Application:
        """The aiohttp application; `more` routes stand before the one that leads everything else to the first page."""
        application = web.Application(client_max_size=_LARGEST_FORM_BYTES, middlewares=[self._guarded])
        application.add_routes(
            [
                web.get("/", self.splash),
                web.post("/login", self.login),
                web.get("/status", self.status),
                web.post("/end", self.end),
                *more,
                web.route("*", "/{anything:.*}", self.elsewhere),
            ]
        )
        return application

    async def splash(self, request: web.Request) -> web.Response:
        """The terms and the form; a device that is online goes on to its status."""
        mac = await device_of(self._gate, request)
        if mac is None:
            return self._message(request, "unknown", status=403)
        if await self._open_session(mac):
            raise _see_other("/status", request)
        await self._gate.sessions.splash_seen(mac, self._gate.clock.now())
        language = self._language(request)
        limit_min = self._offer.session_s // 60
        return self._page(
            request,
            "splash.html",
            points=terms_points(language, limit_min),
            token=make_token(self._key, "login", mac, self._now_s()),
            to=destination(request.query.get("to", "")),
            problem=_known_problem(request.query.get("problem", "")),
        )

    async def login(self, request: web.Request) -> web.Response:
        """Acceptance of the terms -> admission -> status."""
        mac, form = await self._posted(request, "login")
        if mac is None:
            raise _see_other("/", request, problem="again", to=form.get("to", ""))
        if form.get("agree") != "yes":
            raise _see_other("/", request, problem="agree", to=form.get("to", ""))
        language = self._language(request)
        self._admitted(await admit(self._gate, self._offer, mac, terms(language, self._offer.session_s // 60)))
        raise _see_other("/status", request, to=form.get("to", ""))

    async def status(self, request: web.Request) -> web.Response:
        """You are online: time left, bytes, the way on, the end."""
        mac = await device_of(self._gate, request)
        live = await live_session(self._gate, mac) if mac else None
        if mac is None or live is None:
            raise _see_other("/", request)
        language = self._language(request)
        left_min = -(-live.left_s // 60)
        to = destination(request.query.get("to", ""))
        return self._page(
            request,
            "status.html",
            left=text(language, "status.left", minutes=left_min),
            used=show_bytes(live.up_bytes + live.down_bytes),
            to=to,
            to_host=host_of(to) if to else "",
            token=make_token(self._key, "end", mac, self._now_s()),
        )

    async def end(self, request: web.Request) -> web.Response:
        """The patron ends the session."""
        mac, _ = await self._posted(request, "end")
        session = await self._open_session(mac) if mac else None
        if session is not None:
            await end(self._gate, session, Cause.USER_REQUEST)
        raise _see_other("/", request, problem="ended" if session else "")

    async def elsewhere(self, request: web.Request) -> web.Response:
        """Any other path leads to the first page."""
        if request.path == "/favicon.ico":
            return web.Response(status=204, headers={"Cache-Control": "max-age=86400"})
        raise _see_other("/", request)

    async def _posted(self, request: web.Request, purpose: str) -> tuple[Mac | None, dict[str, str]]:
        """The device and the form's fields; no device when the form was not made here for it."""
        form = {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
        mac = await device_of(self._gate, request)
        origin = request.headers.get("Origin")
        ours = origin is None or origin.partition("://")[2] in self._welcome.hosts
        if mac and ours and token_fits(form.get("token", ""), self._key, purpose, mac, self._now_s()):
            return mac, form
        event("portal.form_refused", act=purpose, client=client_tag(mac) if mac else None, foreign_origin=not ours)
        return None, form

    async def _open_session(self, mac: Mac) -> Session | None:
        booked = await self._gate.sessions.live_session(mac)
        return booked.session if booked and booked.session.state is State.OPEN else None

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = await handler(request)
        except web.HTTPException as answer:
            answer.headers.update(_NEVER_KEPT)
            raise
        except (GatewayError, OSError) as error:
            says = error.message if isinstance(error, GatewayError) else str(error)
            event("portal.request_failed", "error", path=request.path[:40], says=says)
            response = self._message(request, "trouble", status=503)
        return response

    def _message(self, request: web.Request, about: str, status: int) -> web.Response:
        response = self._page(request, "message.html", about=about)
        response.set_status(status)
        return response

    def _page(self, request: web.Request, name: str, **values: Value) -> web.Response:
        language = self._language(request)
        welcome = self._welcome
        body = self._pages.render(
            name, language, {"site": welcome.site_name, "phone": welcome.phone, "mail": welcome.mail, **values}
        )
        return web.Response(
            text=body, content_type="text/html", headers={**_NEVER_KEPT, "Content-Security-Policy": self._policy()}
        )

    def _policy(self) -> str:
        style = self._pages.style_policy
        return f"default-src 'none'; style-src {style}; img-src data:; base-uri 'none'; frame-ancestors 'none'"

    def _language(self, request: web.Request) -> str:
        accepted = request.headers.get("Accept-Language", "")
        return choose_language(request.query.get("lang"), accepted, self._welcome.language)

    def _now_s(self) -> int:
        return epoch_s(self._gate.clock.now())


async def device_of(gate: Gate, request: web.Request) -> Mac | None:
    """The device behind a request, by the connection's own address: a forwarded one is a claim (portal spec T19)."""
    address = (request.remote or "").partition("%")[0].removeprefix("::ffff:")
    return await gate.neighbours.mac_of(IpAddress(address)) if address else None


_NEVER_KEPT = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    # same-origin, not no-referrer: with that, browsers post with "Origin: null"
    "Referrer-Policy": "same-origin",
}
_PROBLEMS = ("agree", "again", "ended")


def _known_problem(asked: str) -> str:
    return asked if asked in _PROBLEMS else ""


def _see_other(path: str, request: web.Request, *, to: str = "", problem: str = "") -> web.HTTPSeeOther:
    query = {
        "lang": request.query.get("lang", ""),
        "to": destination(to or request.query.get("to", "")),
        "problem": problem,
    }
    url = request.rel_url.with_path(path).with_query({key: value for key, value in query.items() if value})
    return web.HTTPSeeOther(location=str(url))
