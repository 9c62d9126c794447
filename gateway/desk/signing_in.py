"""Signing in and out, the password once more before a dangerous act, the language."""

from aiohttp import web

from gateway.desk import browser as walls
from gateway.desk.answers import address_of, redirect
from gateway.desk.bodies import Form, posted
from gateway.desk.flash import Flash
from gateway.desk.frame import BROWSER, LANGUAGE_COOKIE, Frame
from gateway.flows.staff import LONGEST, StaffError
from gateway.log import event
from gateway.pages import LANGUAGES, text

_LARGEST_BYTES = 8 * 1024


class SigningIn:
    """Routes beside the table's."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def routes(self) -> list[web.RouteDef]:
        """For the desk's application."""
        return [
            web.get("/sign-in", self.form),
            web.post("/sign-in", self.sign_in),
            web.post("/sign-out", self.sign_out),
            web.get("/prove", self.proof_form),
            web.post("/prove", self.prove),
            web.post("/language", self.language),
            web.get("/healthz", self.alive),
        ]

    async def alive(self, request: web.Request) -> web.Response:
        """Answers while the desk serves: what a page asks until the gateway is back."""
        return web.Response(text="ok\n")

    async def form(self, request: web.Request) -> web.Response:
        """The sign-in page; before there is a user it leads to the first run."""
        if not await self._frame.staff.has_users():
            return redirect("/start")
        return self._form(request, back=request.query.get("back", ""))

    async def sign_in(self, request: web.Request) -> web.StreamResponse:
        """Let the browser in, or say what is wrong."""
        async with posted(request, self._frame.settings.incoming, _LARGEST_BYTES) as form:
            name, back = form.one("name"), form.one("back")
            try:
                opened = await self._frame.staff.sign_in(
                    name, form.one("password"), form.one("code"), address_of(request)
                )
            except StaffError as error:
                event("desk.sign_in_refused", why=error.key)
                return self._refused(request, form, error.key)
        if before := await self._frame.browser(request):
            await self._frame.staff.sign_out(before)
        response = redirect(walls.local_path(back))
        self.give_cookie(response, opened.cookie)
        return response

    def give_cookie(self, response: web.Response, cookie: str) -> None:
        """The browser's key: no script reads it, no other site sends it."""
        settings, age = self._frame.settings, int(LONGEST.total_seconds())
        response.set_cookie(
            settings.cookie, cookie, max_age=age, httponly=True, samesite="Strict", secure=settings.is_tls, path="/"
        )

    async def sign_out(self, request: web.Request) -> web.StreamResponse:
        """End this browser's session."""
        async with posted(request, self._frame.settings.incoming, _LARGEST_BYTES) as form:
            if not walls.token_fits(form.one("_token"), request[BROWSER].key):
                return self._frame.message(request, "foreign", 403)
        await self._frame.staff.sign_out(request[BROWSER])
        response = redirect("/sign-in")
        response.del_cookie(self._frame.settings.cookie, path="/")
        return response

    async def proof_form(self, request: web.Request) -> web.Response:
        """The password once more."""
        return self._frame.page(request, "prove.html", back=walls.local_path(request.query.get("back", "")), problem="")

    async def prove(self, request: web.Request) -> web.StreamResponse:
        """Then back to the form, with what had been typed."""
        found = request[BROWSER]
        async with posted(request, self._frame.settings.incoming, _LARGEST_BYTES) as form:
            if not walls.token_fits(form.one("_token"), found.key):
                return self._frame.message(request, "foreign", 403)
            back = walls.local_path(form.one("back"))
            try:
                await self._frame.staff.prove(found, form.one("password"), address_of(request))
            except StaffError as error:
                problem = text(self._frame.language(request), f"refused.{error.key}")
                return self._frame.page(request, "prove.html", 422, back=back, problem=problem)
        flash = Flash.of(found.flash)
        if flash.act:
            says = text(self._frame.language(request), "prove.again")
            await self._frame.staff.store.set_flash(found.key, Flash(flash.act, says=says, typed=flash.typed).text())
        return redirect(back)

    async def language(self, request: web.Request) -> web.StreamResponse:
        """Another language, for this browser."""
        async with posted(request, self._frame.settings.incoming, _LARGEST_BYTES) as form:
            chosen, back = form.one("language"), form.one("back")
        response = redirect(walls.local_path(back))
        if chosen in LANGUAGES:
            response.set_cookie(LANGUAGE_COOKIE, chosen, max_age=365 * 86400, samesite="Lax", path="/")
        return response

    def _refused(self, request: web.Request, form: Form, key: str) -> web.Response:
        status = 429 if key == "sign_in_wait" else 200 if key == "code_needed" else 403
        problem = "" if key == "code_needed" else text(self._frame.language(request), f"refused.{key}")
        name = form.one("name")[:64]
        asks_code = key in ("code_needed", "code_wrong")
        return self._form(request, status, problem, name=name, asks_code=asks_code, back=form.one("back"))

    def _form(
        self,
        request: web.Request,
        status: int = 200,
        problem: str = "",
        *,
        name: str = "",
        asks_code: bool = False,
        back: str = "",
    ) -> web.Response:
        return self._frame.page(
            request, "sign_in.html", status, problem=problem, name=name, asks_code=asks_code, back=back
        )
