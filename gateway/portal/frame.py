"""What all pages have in common: language, headers, the check of posted forms, and the answer when something fails."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass

from aiohttp import web

from gateway.access.client import Mac
from gateway.errors import GatewayError
from gateway.flows.gate import Gate
from gateway.log import client_tag, event
from gateway.pages import Pages, Value, choose_language
from gateway.portal.destination import destination
from gateway.portal.patience import WAITS_S, Handler
from gateway.portal.terms import Operator, operator_of
from gateway.portal.token import make_token, token_fits
from gateway.ports import IpAddress
from gateway.units import epoch_s

LARGEST_FORM_BYTES = 16 * 1024
_ALIKE, _SEALS = {"splash.html"}, ("token", "return_token")
"""Pages that are alike for all devices but for the form's token; answers to a post hold what was typed."""


@dataclass(frozen=True, slots=True)
class Welcome:
    """What the pages say of the site."""

    site_name: str
    phone: str
    mail: str
    language: str
    hosts: frozenset[str]
    """Host names and addresses the portal is reached by; a post may come from no other origin."""
    run_by: str = ""
    """Who runs this Wi-Fi, as the terms name it; "": the site's name."""

    @property
    def operator(self) -> Operator:
        """As the terms have it."""
        return operator_of(self.site_name, self.run_by, self.phone, self.mail)


class Frame:
    """Makes pages and takes forms."""

    def __init__(
        self, gate: Gate, pages: Pages, welcome: Welcome, key: bytes, outage: Callable[[], str | None] = lambda: None
    ) -> None:
        """`key` seals the forms' tokens; `outage`: while the line is down, where there is something to do without it
        (an address, or ""); every page says so."""
        self._outage = outage
        self._gate = gate
        self._pages = pages
        self._welcome = welcome
        self.operator = welcome.operator
        self._key = key

    def page(self, request: web.Request, template: str, /, **values: Value) -> web.Response:
        """A whole page; every value is escaped."""
        welcome = self._welcome
        language = self.language(request)
        shown = {"site": welcome.site_name, "phone": welcome.phone, "mail": welcome.mail, **values}
        outage = self._outage()
        shown |= {"line_down": outage is not None, "shelf_url": outage or ""}
        if template in _ALIKE and request.method == "GET":
            seals = {key: str(shown.pop(key)) for key in _SEALS if key in shown}
            body = self._pages.render_kept(template, language, seals, shown)
        else:
            body = self._pages.render(template, language, shown)
        return web.Response(
            text=body, content_type="text/html", headers={**NEVER_KEPT, "Content-Security-Policy": self._policy()}
        )

    def message(self, request: web.Request, about: str, status: int) -> web.Response:
        """One of the few plain messages."""
        response = self.page(request, "message.html", about=about)
        response.set_status(status)
        return response

    def language(self, request: web.Request) -> str:
        """As the link says, else the browser, else the site."""
        accepted = request.headers.get("Accept-Language", "")
        return choose_language(request.query.get("lang"), accepted, self._welcome.language)

    def token(self, purpose: str, mac: Mac) -> str:
        """For a form of one act, made for one device."""
        return make_token(self._key, purpose, mac, epoch_s(self._gate.clock.now()))

    async def posted(
        self, request: web.Request, purpose: str, hosts: Collection[str] = ()
    ) -> tuple[Mac | None, dict[str, str]]:
        """The device and the form's fields; no device when the form was not made here for it.

        `hosts`: names beside the portal's own that this form is posted from.
        """
        try:
            async with asyncio.timeout(WAITS_S):
                form = {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
        except TimeoutError:
            raise web.HTTPRequestTimeout from None
        mac = await device_of(self._gate, request)
        origin = request.headers.get("Origin")
        ours = origin is None or origin.partition("://")[2] in {*self._welcome.hosts, *hosts}
        now_s = epoch_s(self._gate.clock.now())
        if mac and ours and token_fits(form.get("token", ""), self._key, purpose, mac, now_s):
            return mac, form
        act = purpose.partition(" ")[0]
        event("portal.form_refused", act=act, client=client_tag(mac) if mac else None, foreign_origin=not ours)
        return None, form

    @web.middleware
    async def guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """No answer is kept by a browser, and a failure is a page too."""
        try:
            response = await handler(request)
        except web.HTTPException as answer:
            answer.headers.update(NEVER_KEPT)
            raise
        except (GatewayError, OSError) as error:
            says = error.message if isinstance(error, GatewayError) else str(error)
            event("portal.request_failed", "error", path=request.path[:40], says=says)
            response = self.message(request, "trouble", status=503)
        return response

    def _policy(self) -> str:
        style = self._pages.style_policy
        return f"default-src 'none'; style-src {style}; img-src data:; base-uri 'none'; frame-ancestors 'none'"


async def device_of(gate: Gate, request: web.Request) -> Mac | None:
    """The device behind a request, by the connection's own address: a forwarded one is a claim (portal spec T19)."""
    address = (request.remote or "").partition("%")[0].removeprefix("::ffff:")
    return await gate.neighbours.mac_of(IpAddress(address)) if address else None


NEVER_KEPT = {
    "Server": "cong",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    # same-origin, not no-referrer: with that, browsers post with "Origin: null"
    "Referrer-Policy": "same-origin",
}


def see_other(path: str, request: web.Request, *, to: str = "", problem: str = "") -> web.HTTPSeeOther:
    """The redirect that answers a form: language and destination stay."""
    query = {
        "lang": request.query.get("lang", ""),
        "to": destination(to or request.query.get("to", "")),
        "problem": problem,
    }
    url = request.rel_url.with_path(path).with_query({key: value for key, value in query.items() if value})
    return web.HTTPSeeOther(location=str(url))
