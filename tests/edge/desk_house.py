"""The desk over true HTTP and SQLite, with whichever areas a test gives it; a browser with cookies, and programs."""

import contextlib
import html
import re
import socket
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta, timezone
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web

from gateway.desk.api import Api
from gateway.desk.application import application
from gateway.desk.assets import Assets
from gateway.desk.doing import Doing
from gateway.desk.frame import NAVIGATION, Frame, Settings
from gateway.desk.render import DeskPages
from gateway.desk.table import Area
from gateway.documents.svg import svg
from gateway.flows.staff import Staff
from gateway.local_accounts.hashing import OneThread
from gateway.staff.roles import Role
from gateway.store.db import Database
from gateway.store.staff import SqliteStaff
from gateway.store.trail import SqliteTrail
from tests.fakes import FakeClock

ZONE = timezone(timedelta(hours=7))
PASSWORD = "ba con mèo xanh"


@dataclass(slots=True)
class Answer:
    """What came back, after redirects."""

    status: int
    url: str
    text: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def flash(self) -> str:
        """What the page says of the act before it."""
        found = re.search(r'<p class="flash[^"]*"[^>]*>(.*?)</p>', self.text, re.DOTALL)
        return html.unescape(found[1]).strip() if found else ""

    def form(self, act: str, nth: int = 0) -> dict[str, list[str]]:
        """The fields of a form of that act, with their present values."""
        forms = re.findall(
            rf'<form[^>]*action="{re.escape(act if act.startswith("/") else "/do/" + act)}".*?</form>',
            self.text,
            re.DOTALL,
        )
        assert len(forms) > nth, f"no form {act} on {self.url}"
        return _fields(forms[nth])


class Browser:
    """Somebody at the desk."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()

    @property
    def cookies(self) -> dict[str, str]:
        return {each.key: each.value for each in self._client.cookie_jar}

    async def sign_in(self, name: str, password: str = PASSWORD, code: str = "") -> Answer:
        return await self.send("/sign-in", {"name": name, "password": password, "code": code})

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        async with self._client.get(self._url + path, headers=headers) as response:
            return await _answer(response)

    async def send(self, path: str, fields: Mapping[str, object], headers: Mapping[str, str] | None = None) -> Answer:
        """Post as a page of the desk would: files are (name, bytes)."""
        sent = {"Origin": self._url, **(headers or {})}
        async with self._client.post(self._url + path, data=_body(fields), headers=sent) as response:
            return await _answer(response)

    async def do(self, page: str, act: str, nth: int = 0, **typed: object) -> Answer:
        """Open a page, fill its form of an act in, send it; the page that comes then."""
        opened = await self.get(page)
        assert opened.status == 200, f"{page}: {opened.status}"
        return await self.send(f"/do/{act}", {**opened.form(act, nth), **typed})


@dataclass(slots=True)
class DeskHouse:
    """What a test holds in its hands."""

    clock: FakeClock
    database: Database
    path: Path
    staff: Staff
    url: str
    areas: Sequence[Area]
    opened: contextlib.AsyncExitStack
    incoming: Path
    _tokens: dict[Role, str] = field(default_factory=dict)

    async def user(self, name: str, role: Role) -> None:
        """A user whose password is PASSWORD."""
        await self.staff.make_user(name, name.title(), role, "test", PASSWORD)

    async def browser(self, role: Role | None = None) -> Browser:
        """A browser; with a role, signed in as a user of it."""
        found = await self.opened.enter_async_context(Browser(self.url))
        if role is not None:
            name = f"r-{role.value}"
            if await self.staff.store.user(name) is None:
                await self.user(name, role)
            await found.sign_in(name)
            assert found.cookies.get("cong_desk"), "signed in"
        return found

    async def ask(
        self, method: str, path: str, body: object = None, *, role: Role = Role.ADMINISTRATOR, token: str | None = None
    ) -> tuple[int, dict[str, object]]:
        """As a program over /api/v1: status and JSON."""
        if token is None:
            if role not in self._tokens:
                _, self._tokens[role] = await self.staff.make_token(f"t-{role.value}", role, None, "test")
            token = self._tokens[role]
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with (
            aiohttp.ClientSession() as client,
            client.request(method, f"{self.url}/api/v1{path}", json=body, headers=headers) as response,
        ):
            return response.status, await response.json(content_type=None)

    def rows(self, sql: str) -> list[dict[str, object]]:
        """Rows of the database."""
        with contextlib.closing(sqlite3.connect(self.path)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql)]


@contextlib.asynccontextmanager
async def desk_house(
    directory: Path,
    areas: Callable[[Database, FakeClock], Sequence[Area]],
    *,
    clock: FakeClock | None = None,
    database: Database | None = None,
) -> AsyncIterator[DeskHouse]:
    """The desk with these areas, until this is left."""
    clock = clock or FakeClock()
    path = database.path if database else directory / "cong.sqlite"
    async with contextlib.AsyncExitStack() as opened:
        held = database if database else await opened.enter_async_context(Database.opened(path))
        passwords = OneThread()
        opened.callback(passwords.close)
        staff = Staff(SqliteStaff(held), passwords, clock, "Thư viện Sa Thầy")
        incoming, assets = directory / "incoming", Assets()
        pages = DeskPages(ZONE, svg, {"static": assets.address, "site": "Thư viện Sa Thầy", "navigation": NAVIGATION})
        doing = Doing(SqliteTrail(held))
        settings = Settings("Thư viện Sa Thầy", "vi", frozenset({"desk.example"}), False, incoming)
        frame = Frame(staff, doing, pages, assets, clock, settings)
        table = areas(held, clock)
        app = application(frame, pages, Api(staff, doing, clock, incoming, "test"), table)
        listener = socket.create_server(("127.0.0.1", 0))
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        opened.push_async_callback(runner.cleanup)
        await web.SockSite(runner, listener).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        yield DeskHouse(clock, held, path, staff, url, table, opened, incoming)


def _fields(form: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name = re.search(r'name="([^"]*)"', tag)
        kind = re.search(r'type="([^"]*)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        is_box = kind is not None and kind[1] in ("checkbox", "radio")
        if name is None or (kind is not None and kind[1] == "file") or (is_box and " checked" not in tag):
            continue
        found.setdefault(name[1], []).append(html.unescape(value[1]) if value else ("on" if is_box else ""))
    for name, text in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL):
        found.setdefault(name, []).append(html.unescape(text))
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options) or re.search(
            r'<option value="([^"]*)"', options
        )
        if chosen:
            found.setdefault(name, []).append(html.unescape(chosen[1]))
    return found


def _body(fields: Mapping[str, object]) -> aiohttp.FormData:
    data = aiohttp.FormData()
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, tuple):
                data.add_field(name, one[1], filename=one[0])
            else:
                data.add_field(name, str(one))
    return data


async def _answer(response: aiohttp.ClientResponse) -> Answer:
    body = await response.read()
    text = body.decode("utf-8", "replace")
    return Answer(response.status, str(response.url), text, {**response.headers}, body)
