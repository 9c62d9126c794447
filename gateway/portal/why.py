"""Why a name is refused, and the wish to have it opened: on the portal, and as the page refused names lead to.

The name comes from the request's Host or a typed field and is trusted with nothing: it is brought to its normal form,
the profile's workers are asked about it, and what they refuse is all that can be wished for.
"""

import re
import secrets
from ipaddress import ip_address

from aiohttp import web

from filters.categories import about
from filters.names import BadNameError, normal_form
from gateway.access.client import Mac
from gateway.access.session import State
from gateway.flows.gate import Gate
from gateway.flows.requests import CODE_LENGTH, CODE_LETTERS, RequestLimit, ask_to_unblock
from gateway.pages import text
from gateway.portal.frame import LARGEST_FORM_BYTES, Frame, device_of
from gateway.ports_rules import Reasons, Refused, RequestStore

_KNOWN = ("adult", "bypass", "fake-topup", "gambling", "games", "own", "search-unsafe", "threats", "topup")
_ASK, _ASKED = "/cong/ask", "/cong/asked"


class WhyPages:
    """Pages about refused names."""

    def __init__(self, gate: Gate, frame: Frame, reasons: Reasons, requests: RequestStore, portal_url: str) -> None:
        """`portal_url` is where devices go that are not signed in."""
        self._gate = gate
        self._frame = frame
        self._reasons = reasons
        self._requests = requests
        self._portal_url = portal_url
        self._limit = RequestLimit(gate.clock)

    def routes(self) -> list[web.RouteDef]:
        """For the portal, where the name is typed in."""
        return [
            web.get("/help", self.help),
            web.get("/why", self.typed),
            web.post("/why", self.ask_typed),
            web.get("/asked", self.asked),
        ]

    def application(self) -> web.Application:
        """What the block address serves on port 80, for whatever host and path."""
        application = web.Application(client_max_size=LARGEST_FORM_BYTES, middlewares=[self._frame.guarded])
        application.add_routes(
            [
                web.post(_ASK, self.ask_here),
                web.get(_ASKED, self.asked),
                web.route("*", "/{anything:.*}", self.here),
            ]
        )
        return application

    async def help(self, request: web.Request) -> web.Response:
        """What to do when a site, or everything, does not open; Private DNS, VPN."""
        return self._frame.page(request, "help.html", problem="")

    async def typed(self, request: web.Request) -> web.Response:
        """About a name typed into the form; whole addresses are understood."""
        typed = request.query.get("name", "").strip()
        name = _name_of(re.sub(r"^[a-z]+://", "", typed.lower()).partition("/")[0].partition(":")[0])
        if name is None:
            return self._frame.page(request, "help.html", problem="name")
        return await self._why(request, name, action="/why")

    async def ask_typed(self, request: web.Request) -> web.Response:
        """The wish, from the portal."""
        name = _name_of((await request.post()).get("name", ""))
        return await self._ask(request, name, back="/why", asked="/asked")

    async def here(self, request: web.Request) -> web.Response:
        """About the host that was asked for."""
        name = _name_of(request.host.partition(":")[0])
        if name is None:
            raise web.HTTPSeeOther(self._portal_url)
        accepted = request.headers.get("Accept", "*/*")
        if not ("text/html" in accepted or accepted == "*/*") or request.method not in ("GET", "HEAD"):
            return web.Response(status=403, headers={"Cache-Control": "no-store"})  # an image, an app: no page
        response = await self._why(request, name, action=_ASK)
        response.set_status(403)
        return response

    async def ask_here(self, request: web.Request) -> web.Response:
        """The wish, from the refused host itself."""
        return await self._ask(request, _name_of(request.host.partition(":")[0]), back="/", asked=_ASKED)

    async def asked(self, request: web.Request) -> web.Response:
        """Said once more after the post: the code to name at the desk."""
        code = request.query.get("code", "")
        shown = code if re.fullmatch(f"[{CODE_LETTERS}]{{{CODE_LENGTH}}}", code) else ""
        return self._frame.page(request, "asked.html", code=shown)

    async def _why(self, request: web.Request, name: str, action: str) -> web.Response:
        mac, profile = await self._device(request)
        refused = await self._reasons.refused(name, profile)
        language = self._frame.language(request)
        return self._frame.page(
            request,
            "why.html",
            name=name,
            refused=refused is not None,
            group=_group(refused, language) if refused else "",
            harm=bool(refused and about(refused.category).is_harm),
            at_this_hour=bool(refused and refused.at_this_hour),
            action=action,
            token=self._frame.token(f"ask {name}", mac),
            problem=request.query.get("problem", "") if request.query.get("problem") in ("again", "many") else "",
        )

    async def _ask(self, request: web.Request, name: str | None, back: str, asked: str) -> web.Response:
        here = {} if back == "/" or name is None else {"name": name}
        lang = request.query.get("lang", "")
        kept = {**here, "lang": lang} if lang else here
        if name is None:
            raise web.HTTPSeeOther(self._portal_url)
        mac, _ = await self._frame.posted(request, f"ask {name}", {name, request.host} if back == "/" else ())
        if mac is None:
            raise _see_other(request, back, {**kept, "problem": "again"})
        _, profile = await self._device(request)
        refused = await self._reasons.refused(name, profile)
        if refused is None:
            raise _see_other(request, back, kept)
        code = None
        if self._limit.take():
            now = self._gate.clock.now()
            code = await ask_to_unblock(self._requests, name, profile, refused.category, secrets.choice, now)
        if code is None:
            raise _see_other(request, back, {**kept, "problem": "many"})
        raise _see_other(request, asked, {"code": code, "lang": lang} if lang else {"code": code})

    async def _device(self, request: web.Request) -> tuple[Mac, str]:
        """The device and its profile; whoever is not signed in is led to the portal."""
        mac = await device_of(self._gate, request)
        booked = await self._gate.sessions.live_session(mac) if mac else None
        if mac is None or booked is None or booked.session.state is not State.OPEN:
            raise web.HTTPSeeOther(self._portal_url)
        return mac, booked.session.profile


def _name_of(said: object) -> str | None:
    """The normal form of a name that may be asked about; None for addresses, single labels and what is no name."""
    if not isinstance(said, str) or len(said) > 600:
        return None
    try:
        name = normal_form(said)
    except BadNameError:
        return None
    try:
        ip_address(name)
    except ValueError:
        return name if "." in name else None
    return None


def _group(refused: Refused, language: str) -> str:
    if refused.category in _KNOWN:
        return text(language, f"group.{refused.category.replace('-', '_')}")
    return text(language, "group.other", category=refused.category or "?")


def _see_other(request: web.Request, path: str, query: dict[str, str]) -> web.HTTPSeeOther:
    return web.HTTPSeeOther(location=str(request.rel_url.with_path(path).with_query(query)))
