"""What all of the desk's pages have in common: who asks, the answer's headers, forms, refusals, navigation."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web
from pydantic import ValidationError

from gateway.clock import Clock
from gateway.desk import browser as walls
from gateway.desk.answers import SECURITY, address_of, redirect, tell_fault
from gateway.desk.assets import Assets
from gateway.desk.bodies import posted
from gateway.desk.doing import Doing, Done
from gateway.desk.files import file_response
from gateway.desk.flash import Flash
from gateway.desk.render import DeskPages
from gateway.desk.table import Act, Area, Caller, Download, Language, Outcome, Page, RefusedError
from gateway.desk.wrong import problems
from gateway.errors import GatewayError
from gateway.flows.staff import Staff
from gateway.log import event
from gateway.pages import text
from gateway.staff.roles import Right
from gateway.staff.user import SignedIn

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
NAVIGATION: tuple[tuple[str, str, Right], ...] = (
    ("today", "/", Right.SEE),
    ("sessions", "/sessions", Right.SEE),
    ("vouchers", "/vouchers", Right.VOUCHERS),
    ("filter", "/filter", Right.SEE),
    ("calendar", "/calendar", Right.SEE),
    ("pcs", "/pcs", Right.SEE),
    ("line", "/line", Right.SEE),
    ("reports", "/reports", Right.SEE_FIGURES),
    ("board", "/board", Right.SEE),
    ("settings", "/settings", Right.SEE_SETTINGS),
)
LANGUAGE_COOKIE = "cong_language"
BROWSER: web.RequestKey[SignedIn] = web.RequestKey("browser", SignedIn)


@dataclass(frozen=True, slots=True)
class Settings:
    """How the desk is reached and what it says of the site."""

    site: str
    language: Language
    names: frozenset[str]
    is_tls: bool
    incoming: Path
    """Where uploads lie until their act takes them."""

    @property
    def cookie(self) -> str:
        """The name a browser's key goes by."""
        return walls.cookie_name(is_tls=self.is_tls)


class Frame:
    """Serves the table to browsers."""

    def __init__(
        self, staff: Staff, doing: Doing, pages: DeskPages, assets: Assets, clock: Clock, settings: Settings
    ) -> None:
        self.staff = staff
        self.settings = settings
        self.clock = clock
        self._doing = doing
        self._pages = pages
        self._assets = assets

    def routes(self, areas: Collection[Area]) -> list[web.RouteDef]:
        """Pages, files and forms of all areas."""
        acts = {act.name: act for area in areas for act in area.acts}
        found = [*self._assets.routes()]
        for area in areas:
            found += [web.get(page.path, self._page(page)) for page in area.pages]
            found += [web.get(each.path, self._download(each)) for each in area.downloads]

        async def do(request: web.Request) -> web.StreamResponse:
            act = acts.get(request.match_info["act"])
            if act is None:
                raise web.HTTPNotFound
            return await self._posted(request, act)

        return [*found, web.post("/do/{act}", do)]

    # who asks

    def language(self, request: web.Request) -> Language:
        """As the user chose, else the site's."""
        match request.cookies.get(LANGUAGE_COOKIE):
            case "vi":
                return "vi"
            case "en":
                return "en"
        return self.settings.language

    def caller(self, request: web.Request) -> Caller:
        """Who is signed in; only behind `guarded`."""
        found = request[BROWSER]
        language, now = self.language(request), self.clock.now()
        return Caller(found.user.name, found.user.role, language, now, address_of(request), browser=found)

    async def browser(self, request: web.Request) -> SignedIn | None:
        """The signed-in browser of a request."""
        return await self.staff.of_cookie(request.cookies.get(self.settings.cookie, ""))

    @web.middleware
    async def guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The walls before every route, the headers behind it, and a page for what fails."""
        try:
            response = await self._behind_walls(request, handler)
        except web.HTTPException as answer:
            if answer.status >= 400 and "application/json" not in (answer.content_type or ""):
                response = self.message(request, _about(answer.status), answer.status)
            else:
                answer.headers.update(SECURITY)
                raise
        except ValidationError as error:
            response = self.message(request, "input", 422, " ".join(problems(error, self.language(request)).values()))
        except RefusedError as refusal:
            says = text(self.language(request), f"refused.{refusal.key}", **refusal.values)
            response = self.message(request, "refused", refusal.status, says)
        except (GatewayError, OSError) as error:
            event("desk.request_failed", "error", path=request.path[:60], says=str(error)[:300])
            response = self.message(request, "failed", 503, str(error))
        except Exception as error:  # noqa: BLE001 - a fault of ours: staff get a page that says so, the log says which
            tell_fault(request, error)
            response = self.message(request, "broken", 500)
        if not response.prepared:
            for name, value in SECURITY.items():
                response.headers.setdefault(name, value)
        return response

    async def _behind_walls(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not walls.is_our_host(request.host, self.settings.names):
            return web.Response(status=421, text="no such host here\n")
        if request.path.startswith(("/api/", "/metrics")):
            return await handler(request)  # programs: a token, no cookie
        if request.method not in ("GET", "HEAD"):
            scheme = "https" if self.settings.is_tls else "http"
            if not walls.is_own_post(request.headers, request.host, scheme):
                event("desk.foreign_post", path=request.path[:60])
                return self.message(request, "foreign", 403)
        if request.path.startswith("/static/") or request.path in OPEN_PATHS:
            return await handler(request)
        found = await self.browser(request)
        if found is None:
            return self._to_sign_in(request)
        request[BROWSER] = found
        if found.user.must_change and request.path not in ("/account", "/do/account.password", "/sign-out"):
            return redirect("/account")
        return await handler(request)

    def _to_sign_in(self, request: web.Request) -> web.Response:
        if request.method != "GET":
            return self.message(request, "signed_out", 401)
        if "HX-Request" in request.headers:
            return web.Response(status=401, headers={"HX-Redirect": "/sign-in"})
        back = "" if request.path == "/" else request.rel_url.path_qs
        return redirect(f"/sign-in?{_query(back)}" if back else "/sign-in")

    # answers

    def page(self, request: web.Request, template: str, status: int = 200, /, **values: object) -> web.Response:
        """A whole page; every value is escaped."""
        found = request.get(BROWSER)
        caller = self.caller(request) if found else None
        shared = {
            "path": request.rel_url.path_qs,
            "csrf": walls.form_token(found.key) if found else "",
            "flash": Flash(),
            "user": found.user if found else None,
            "may": lambda right: caller is not None and caller.may(Right(right)),
            "site": self.settings.site,
            "nav": "",
        }
        body = self._pages.render(template, self.language(request), shared | values)
        return web.Response(text=body, status=status, content_type="text/html")

    def message(self, request: web.Request, about: str, status: int, says: str = "") -> web.Response:
        """A plain page: what happened and what to do."""
        return self.page(request, "message.html", status, about=about, says=says)

    # what the table says

    def _page(self, page: Page) -> Handler:
        async def opened(request: web.Request) -> web.StreamResponse:
            found, caller = request[BROWSER], self.caller(request)
            if not caller.may(page.right):
                if page.path == "/":  # whose role has no such page goes to the first it has
                    return redirect(next((path for _, path, right in NAVIGATION if caller.may(right)), "/account"))
                return self.message(request, "right", 403)
            flash = Flash.of(found.flash)
            values = await page.read({**request.match_info, **request.query}, caller)
            response = self.page(request, page.template, nav=page.nav, caller=caller, **{"flash": flash, **values})
            if found.flash:
                await self.staff.store.set_flash(found.key, "")
            return response

        return opened

    def _download(self, one: Download) -> Handler:
        async def fetched(request: web.Request) -> web.StreamResponse:
            caller = self.caller(request)
            if not caller.may(one.right):
                return self.message(request, "right", 403)
            return file_response(await one.make({**request.match_info, **request.query}, caller))

        return fetched

    async def _posted(self, request: web.Request, act: Act) -> web.StreamResponse:
        found, caller = request[BROWSER], self.caller(request)
        if not caller.may(act.right):
            return self.message(request, "right", 403)
        async with posted(request, self.settings.incoming, act.largest_bytes) as form:
            if not walls.token_fits(form.one("_token"), found.key):
                event("desk.form_refused", act=act.name)
                return self.message(request, "foreign", 403)
            back = walls.local_path(form.one("_back"))
            typed = _typed(form.fields, act)
            if act.is_dangerous and not self.staff.is_proved(found):
                says = text(caller.language, "refused.prove")
                await self._remember(found, Flash(act.name, says=says, typed=typed))
                return redirect(f"/prove?{_query(back)}")
            done = await self._doing.do(act, form.raw(act.asked), caller)
        await self._remember(found, self._flash(act, done, caller, typed))
        goto = done.outcome.goto if done.outcome else ""
        return redirect(goto or back)

    def _flash(self, act: Act, done: Done, caller: Caller, typed: Mapping[str, str | list[str]]) -> Flash:
        if done.outcome is not None:
            return Flash(act.name, True, _done(act, caller.language, done.outcome))
        return Flash(act.name, says=done.says, fields=done.fields or {}, typed=typed)

    async def _remember(self, found: SignedIn, flash: Flash) -> None:
        await self.staff.store.set_flash(found.key, flash.text())


def _done(act: Act, language: Language, outcome: Outcome) -> str:
    try:
        return text(language, f"done.{act.name}", **outcome.values)
    except (KeyError, IndexError) as error:  # it is done, whatever its text lacks
        event("desk.text_lacks", "error", act=act.name, lacks=str(error))
        return text(language, "desk.done")


def _typed(fields: Mapping[str, list[str]], act: Act) -> Mapping[str, str | list[str]]:
    hidden = {name for name in fields if name in act.secrets or name.startswith("_") or "password" in name}
    return {name: values[0] if len(values) == 1 else values for name, values in fields.items() if name not in hidden}


OPEN_PATHS = frozenset({"/sign-in", "/language", "/start", "/healthz"})
"""What is served without a signed-in browser; each looks after itself."""


def _query(back: str) -> str:
    return urlencode({"back": back})


def _about(status: int) -> str:
    return {404: "missing", 405: "missing", 413: "too_large", 408: "too_slow", 507: "disk_full"}.get(status, "refused")
