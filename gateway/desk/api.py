"""The REST API: /api/v1, made from the table; a bearer token says who asks (RFC 6750 2.1)."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import cache
from pathlib import Path

from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from gateway.clock import Clock
from gateway.desk.answers import SECURITY, address_of, tell_fault
from gateway.desk.bodies import posted, whole
from gateway.desk.doing import Doing
from gateway.desk.files import file_response
from gateway.desk.openapi import document, has_upload
from gateway.desk.table import Act, Area, Caller, Download, Language, RefusedError, View
from gateway.desk.wrong import problems
from gateway.errors import GatewayError
from gateway.flows.staff import Staff
from gateway.log import event
from gateway.pages import choose_language, text
from gateway.staff.roles import Right

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
BASE = "/api/v1"


class _ProblemError(Exception):
    def __init__(self, status: int, key: str, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(key)
        self.status, self.key, self.message, self.fields = status, key, message, fields


class Api:
    """Routes for programs."""

    def __init__(self, staff: Staff, doing: Doing, clock: Clock, incoming: Path, version: str) -> None:
        """`incoming`: where uploads lie until their act takes them."""
        self._staff = staff
        self._doing = doing
        self._clock = clock
        self._incoming = incoming
        self._version = version

    def routes(self, areas: Collection[Area]) -> list[web.RouteDef]:
        """For the desk's application."""
        # when it is asked for: making it takes a second, and a restart must not
        described = cache(lambda: json.dumps(document(areas, self._version), ensure_ascii=False))

        async def openapi(request: web.Request) -> web.Response:
            return web.Response(text=await asyncio.to_thread(described), content_type="application/json")

        found = [web.get(f"{BASE}/openapi.json", self.answered(openapi))]
        for area in areas:
            found += [web.get(BASE + view.path, self.answered(self._view(view))) for view in area.views]
            found += [web.get(BASE + one.path, self.answered(self._file(one))) for one in area.downloads]
            found += [web.route(act.method, BASE + act.path, self.answered(self._act(act))) for act in area.acts]
        return [*found, web.route("*", "/api/{rest:.*}", self.answered(_nowhere))]

    async def caller(self, request: web.Request) -> Caller:
        """Whose token it is."""
        language = language_of(request)
        kind, _, given = request.headers.get("Authorization", "").partition(" ")
        token = await self._staff.of_token(given.strip()) if kind.lower() == "bearer" else None
        if token is None:
            raise _ProblemError(401, "token", text(language, "refused.token"))
        return Caller(token.made_by, token.role, language, self._clock.now(), address_of(request), token.name)

    async def allowed(self, request: web.Request, right: Right) -> Caller:
        """The caller, when the token's role has the right."""
        caller = await self.caller(request)
        if not caller.may(right):
            raise _ProblemError(403, "right", text(caller.language, "refused.right"))
        return caller

    def answered(self, handler: Handler) -> Handler:
        """`handler` with problems as JSON and the desk's headers."""

        async def answered(request: web.Request) -> web.StreamResponse:
            try:
                response = await handler(request)
            except _ProblemError as problem:
                response = _problem(problem.status, problem.key, problem.message, problem.fields)
            except ValidationError as error:
                language = language_of(request)
                response = _problem(422, "input", text(language, "refused.input"), problems(error, language))
            except RefusedError as refusal:
                says = text(language_of(request), f"refused.{refusal.key}", **refusal.values)
                response = _problem(refusal.status, refusal.key, says)
            except web.HTTPException as error:
                response = _problem(error.status, "request", error.text or error.reason)
            except (GatewayError, OSError) as error:
                event("desk.request_failed", "error", path=request.path[:60], says=str(error)[:300])
                response = _problem(503, "failed", text(language_of(request), "refused.failed", says=str(error)))
            except Exception as error:  # noqa: BLE001 - see Frame.guarded
                tell_fault(request, error)
                response = _problem(500, "broken", text(language_of(request), "refused.broken"))
            for name, value in SECURITY.items():
                response.headers.setdefault(name, value)
            return response

        return answered

    def _view(self, view: View) -> Handler:
        told = cache(lambda: TypeAdapter(view.told))

        async def read(request: web.Request) -> web.Response:
            caller = await self.allowed(request, view.right)
            found = await view.read(asked_by_query(request), caller)
            return web.Response(body=told().dump_json(found), content_type="application/json")

        return read

    def _file(self, one: Download) -> Handler:
        async def fetch(request: web.Request) -> web.StreamResponse:
            caller = await self.allowed(request, one.right)
            return file_response(await one.make(asked_by_query(request), caller))

        return fetch

    def _act(self, act: Act) -> Handler:
        told, takes_file = cache(lambda: TypeAdapter(act.told)), has_upload(act.asked)

        async def do(request: web.Request) -> web.Response:
            caller = await self.allowed(request, act.right)
            if takes_file:
                async with posted(request, self._incoming, act.largest_bytes) as form:
                    done = await self._doing.do(act, {**form.raw(act.asked), **request.match_info}, caller)
            else:
                body = await _json_body(request, act.largest_bytes, caller.language)
                done = await self._doing.do(act, {**body, **request.match_info}, caller)
            if done.outcome is None:
                raise _ProblemError(done.status, done.key, done.says, done.fields)
            return web.Response(body=told().dump_json(done.outcome.told), content_type="application/json")

        return do


def language_of(request: web.Request) -> Language:
    """As the program asks; English when it does not."""
    return "vi" if choose_language(None, request.headers.get("Accept-Language", ""), "en") == "vi" else "en"


def asked_by_query(request: web.Request) -> dict[str, object]:
    """Path parameters and query; what stands there several times is a list."""
    found: dict[str, object] = {}
    for name in request.query:
        values = request.query.getall(name)
        found[name] = values[0] if len(values) == 1 else values
    return {**found, **request.match_info}


async def _json_body(request: web.Request, largest_bytes: int, language: Language) -> dict[str, object]:
    raw = await whole(request, largest_bytes)
    if not raw:
        return {}
    try:
        body = json.loads(raw)
    except ValueError:
        raise _ProblemError(400, "json", text(language, "refused.json")) from None
    if not isinstance(body, dict):
        raise _ProblemError(400, "json", text(language, "refused.json"))
    return body


async def _nowhere(request: web.Request) -> web.Response:
    raise _ProblemError(404, "missing", text(language_of(request), "refused.nowhere"))


def _problem(status: int, key: str, message: str, fields: Mapping[str, str] | None = None) -> web.Response:
    body: dict[str, object] = {"error": key, "message": message.strip()}
    if fields:
        body["fields"] = dict(fields)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return web.json_response(body, status=status, headers=headers)
