"""Every route of the desk with every role and without: who is let in, who is refused, what hostile words do."""

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from gateway.lab.driver import Lab
from gateway.pages import LANGUAGES, text
from gateway.staff.roles import Role
from tests.lab.staff_pc import PASSWORD, StaffPc, at_the_desk

MARK = "q7z"
HOSTILE = (
    f"<script>alert('{MARK}')</script>",
    f"\"'><img src=x onerror=alert('{MARK}')>",
    f"{MARK}\u202etxt.exe",
    f"{MARK}' OR 1=1; DROP TABLE sessions; --",
    f"../../../../etc/passwd{MARK}",
    f"=cmd|'/c calc'!A1{MARK}",
    f"{{{{7*7}}}}{MARK}${{7*7}}",
    "\x00" + MARK,
    MARK * 4000,
)
RAW = re.compile(rf"<script>alert\('{MARK}|<img src=x onerror=alert\('{MARK}")
ASKED = ("q", "search", "name", "day", "month", "year", "profile", "at", "state", "act", "who")
"""What pages are asked with."""
ROLES = [role for role in Role if role is not Role.METRICS]


@dataclass(frozen=True, slots=True)
class Way:
    """One route, as `cong desk rights` tells it."""

    kind: str
    name: str
    method: str
    path: str
    roles: frozenset[str]
    fields: tuple[str, ...]
    is_dangerous: bool

    @property
    def address(self) -> str:
        """With something in the place of each parameter."""
        return re.sub(r"{\w+}", "7", self.path)


class Person:
    """A browser."""

    def __init__(self, pc: StaffPc) -> None:
        self._url = pc.url
        jar = aiohttp.CookieJar(unsafe=True)
        # the desk hears 100 requests a second of one address: these come in turn from several
        self._clients = [
            aiohttp.ClientSession(cookie_jar=jar, connector=aiohttp.TCPConnector(local_addr=(f"127.0.0.{n}", 0)))
            for n in range(2, 18)
        ]
        self._turn = itertools.cycle(self._clients)
        self.token = ""

    async def sign_in(self, name: str) -> None:
        status, _, _ = await self.post("/sign-in", {"name": name, "password": PASSWORD})
        assert status == 303, name
        _, page, _ = await self.get("/account")
        found = re.search(r'name="_token" value="(\w+)"', page)
        assert found, "every page of a signed-in browser has a form to sign out"
        self.token = found[1]

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, str, Mapping[str, str]]:
        async with next(self._turn).get(self._url + path, headers=headers, allow_redirects=False) as answer:
            if answer.content_type == "text/event-stream":
                return answer.status, "", answer.headers
            return answer.status, (await answer.read()).decode("utf-8", "replace"), answer.headers

    async def post(
        self, path: str, fields: Mapping[str, str], origin: str | None = None
    ) -> tuple[int, str, Mapping[str, str]]:
        sent = {"Origin": self._url if origin is None else origin}
        async with next(self._turn).post(self._url + path, data=fields, headers=sent, allow_redirects=False) as answer:
            return answer.status, await answer.text(), answer.headers

    async def ask(self, method: str, path: str, token: str) -> tuple[int, str]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with next(self._turn).request(method, self._url + path, headers=headers) as answer:
            await answer.read()
            return answer.status, answer.content_type

    async def close(self) -> None:
        for client in self._clients:
            await client.close()


@pytest.fixture(scope="module")
def pc(lab: Lab) -> Iterator[StaffPc]:
    with at_the_desk(lab) as found:
        yield found


@pytest.fixture(scope="module")
def ways(pc: StaffPc) -> list[Way]:
    told: list[dict[str, Any]] = json.loads(pc.lab.cong("desk", "rights", "--json").stdout)
    found = [
        Way(
            each["kind"],
            each["name"],
            each["method"],
            each["path"],
            frozenset(each["roles"]),
            tuple(each["fields"]),
            each["is_dangerous"],
        )
        for each in told
    ]
    assert len(found) > 100, "the whole desk"
    return found


def deeds(pc: StaffPc) -> int:
    return int(pc.lab.sql("SELECT count(*) FROM audit")[0][0])


def test_nobody_sees_or_does_anything_without_a_sign_in(pc: StaffPc, ways: list[Way]) -> None:
    async def walk() -> None:
        nobody = Person(pc)
        for way in ways:
            if way.kind in ("page", "file", "live"):
                status, text, headers = await nobody.get(way.address)
                assert (status, headers.get("Location", "")[:8]) == (303, "/sign-in"), way
                assert text == ""
            elif way.kind == "act":
                assert (await nobody.post(f"/do/{way.name}", {"_token": "0" * 64}))[0] == 401, way
        await nobody.close()

    before = deeds(pc)
    pc.do(walk())
    assert deeds(pc) == before


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_what_its_rights_say_and_no_more(pc: StaffPc, ways: list[Way], role: Role) -> None:
    wrong: list[str] = []

    async def walk() -> None:
        person = Person(pc)
        await person.sign_in(pc.user(role))
        for way in ways:
            may = role.value in way.roles
            if way.kind in ("page", "file", "live"):
                status, text, headers = await person.get(way.address)
                led_on = way.path == "/" and status == 303
                allowed = status in (200, 303, 404, 409, 422) if may else status == 403 or led_on
                if not allowed:
                    wrong.append(f"{role} {way.kind} {way.path}: {status} {text[:200]}")
                if way.kind != "live" and "default-src 'none'" not in headers.get("Content-Security-Policy", ""):
                    wrong.append(f"{way.path}: no policy")
                if way.kind == "page" and (len(text.encode()) > 100_000 or " style=" in text or "<style" in text):
                    wrong.append(f"{way.path}: {len(text.encode())} bytes, or a style of its own")
            elif way.kind == "act" and not may:
                status, _, _ = await person.post(f"/do/{way.name}", {"_token": person.token})
                if status != 403:
                    wrong.append(f"{role} act {way.name}: {status}")
        await person.close()

    before = deeds(pc)
    pc.do(walk())
    assert not wrong, "\n".join(wrong)
    assert deeds(pc) == before


def test_no_form_is_taken_from_another_site_or_without_its_token(pc: StaffPc, ways: list[Way]) -> None:
    wrong: list[str] = []

    async def walk() -> None:
        boss = Person(pc)
        await boss.sign_in(pc.user(Role.ADMINISTRATOR))
        for way in ways:
            if way.kind != "act":
                continue
            for fields, origin in (
                ({}, None),
                ({"_token": "0" * 64}, None),
                ({"_token": boss.token}, "http://evil.example"),
            ):
                status, _, _ = await boss.post(f"/do/{way.name}", fields, origin)
                if status != 403:
                    wrong.append(f"{way.name} {fields} {origin}: {status}")
        await boss.close()

    before = deeds(pc)
    pc.do(walk())
    assert not wrong, "\n".join(wrong)
    assert deeds(pc) == before


def test_programs_need_a_token_with_the_right(pc: StaffPc, ways: list[Way]) -> None:
    wrong: list[str] = []

    async def walk() -> None:
        program = Person(pc)
        for way in ways:
            if way.kind in ("page", "live"):
                continue
            tries: list[tuple[str, int]] = [("", 401), ("cong_wrong", 401)]
            tries += [(pc.tokens[role], 403) for role in Role if role.value not in way.roles]
            for token, expected in tries:
                status, kind = await program.ask(way.method, f"/api/v1{way.address}", token)
                if (status, kind) != (expected, "application/json"):
                    wrong.append(f"{way.method} {way.path} {token[:9]}: {status} {kind}")
        await program.close()

    before = deeds(pc)
    pc.do(walk())
    assert not wrong, "\n".join(wrong)
    assert deeds(pc) == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_act_has_its_words(ways: list[Way], language: str) -> None:
    for way in ways:
        if way.kind == "act":
            assert text(language, f"act.{way.name}") != f"act.{way.name}", "what the trail calls it"
            assert text(language, f"done.{way.name}") != f"done.{way.name}", "what is said when it is done"


def test_hostile_words_in_every_field_break_nothing_and_stand_nowhere_raw(pc: StaffPc, ways: list[Way]) -> None:
    wrong: list[str] = []

    async def walk() -> None:
        boss = Person(pc)
        await boss.sign_in(pc.user(Role.ADMINISTRATOR))
        for way in ways:
            for words in HOSTILE if way.kind == "act" and way.fields else ():
                fields = {**dict.fromkeys(way.fields, words), "_token": boss.token, "_back": "/account"}
                status, text, _ = await boss.post(f"/do/{way.name}", fields)
                if status >= 500 or RAW.search(text):
                    wrong.append(f"{way.name} {words[:20]!r}: {status}")
                status, text, _ = await boss.get("/account")  # what it says of it
                if status >= 500 or RAW.search(text):
                    wrong.append(f"after {way.name} {words[:20]!r}: {status}")
        for way in ways:
            if way.kind in ("page", "file"):
                for words in HOSTILE[:7]:
                    query = dict.fromkeys((*way.fields, *ASKED), words)
                    status, text, _ = await boss.get(f"{way.address}?{urlencode(query)}")
                    if status >= 500 or RAW.search(text):
                        wrong.append(f"{way.path} {words[:20]!r}: {status}")
        await boss.close()

    pc.do(walk())
    assert not wrong, "\n".join(wrong)
    assert pc.lab.sql("SELECT count(*) FROM sqlite_master WHERE name = 'sessions'") == [(1,)]
