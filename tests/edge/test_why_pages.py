"""The page of refused names by a true HTTP client, over the true filter and a true SQLite file."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from filters.settings import Profile, Refusal, Source
from gateway.flows.admit import admit
from gateway.flows.gate import Gate
from gateway.flows.requests import MOST_A_MINUTE
from gateway.pages import Pages
from gateway.portal.frame import Frame, Welcome
from gateway.portal.patron import PatronPages
from gateway.portal.why import WhyPages
from gateway.ports import IpAddress
from gateway.ports_rules import UnblockRequest
from gateway.store.db import Database
from gateway.store.requests import SqliteRequests
from gateway.store.sessions import SqliteSessions
from gateway.store.usage import SqliteUsage
from gateway.workers import WorkerResolver
from tests.contracts import PHONE
from tests.edge.filters_upstream import Running, ScriptedUpstream, free_port, running, settings_for
from tests.fakes import FakeClock, FakeConnections, FakeFirewall, FakeNeighbours
from tests.reception import new_session, reception

KEY = b"k" * 32
HTML = {"Accept": "text/html,*/*"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    directory = tmp_path_factory.mktemp("why")
    sources = []
    for category, name in (("games", "game.example"), ("fake-topup", "fake.example"), ("ads", "ads.example")):
        path = directory / f"{category}.txt"
        path.write_text(f"{name}\n", encoding="utf-8")
        sources.append(Source(category, category, str(path)))
    rules = {"generation": 1, "rules": [{"name": "own.example", "action": "block"}]}
    with ScriptedUpstream() as upstream:
        upstream.says("open.example", "A", "open.example 60 A 203.0.113.7")
        settings = settings_for(directory, [upstream.port], sources)
        profile = Profile("adult", free_port(), frozenset({"games", "fake-topup", "ads"}), refusal=Refusal.PAGE)
        settings = replace(settings, profiles=(profile,), page_addresses=("198.19.255.254", "2001:db8:ffff::fffe"))
        settings.local_rules.write_text(json.dumps(rules), encoding="utf-8")
        with running(settings) as process:
            yield process


@dataclass(slots=True)
class House:
    page: str
    portal: str
    client: aiohttp.ClientSession
    clock: FakeClock
    store: SqliteRequests

    async def get(self, target: str, host: str = "", **headers: str) -> tuple[int, str, str]:
        base, said = (self.page, {"Host": host}) if host else (self.portal, {})
        request = self.client.get(base + target, allow_redirects=False, headers={**HTML, **said, **headers})
        async with request as response:
            return response.status, await response.text(), response.headers.get("Location", "")

    async def post(self, target: str, form: dict[str, str], host: str = "", **headers: str) -> tuple[int, str]:
        base, said = (self.page, {"Host": host}) if host else (self.portal, {})
        request = self.client.post(base + target, data=form, allow_redirects=False, headers={**HTML, **said, **headers})
        async with request as response:
            return response.status, response.headers.get("Location", "")

    async def requests(self) -> list[UnblockRequest]:
        return list(await self.store.requests())


async def serve(application: web.Application, runners: list[web.AppRunner]) -> str:
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    runners.append(runner)
    return f"http://127.0.0.1:{runner.addresses[0][1]}"


@pytest.fixture
async def house(tmp_path: Path, server: Running) -> AsyncIterator[House]:
    database = await Database.open(tmp_path / "cong.sqlite")
    clock = FakeClock()
    neighbours = FakeNeighbours({IpAddress("127.0.0.1"): PHONE})
    gate = Gate(
        clock,
        FakeFirewall(clock),
        neighbours,
        FakeConnections(),
        SqliteSessions(database),
        SqliteUsage(database),
        600,
    )
    await admit(gate, new_session(PHONE))
    welcome = Welcome("Thư viện", "0260", "", "vi", frozenset({"wifi.internal", "127.0.0.1"}))
    frame = Frame(gate, Pages(), welcome, KEY)
    store = SqliteRequests(database)
    workers = WorkerResolver({each.name: each.port for each in server.settings.profiles})
    why = WhyPages(gate, frame, workers, store, "http://wifi.internal/")
    runners: list[web.AppRunner] = []
    page = await serve(why.application(), runners)
    portal = await serve(PatronPages(reception(gate), frame).application(why.routes()), runners)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client:
        yield House(page, portal, client, clock, store)
    for runner in runners:
        await runner.cleanup()
    await database.close()


def fields(html: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))


async def test_a_refused_host_shows_its_group_and_takes_a_request(house: House) -> None:
    status, html, _ = await house.get("/a/b?c=d", "www.Game.example:80")
    assert status == 403
    assert "www.game.example" in html and "Trò chơi trực tuyến có nạp tiền" in html
    assert "có thể gây hại" not in html and len(html.encode()) < 30_000
    posted = await house.post("/cong/ask?lang=vi", fields(html), "www.game.example", Origin="http://www.game.example")
    (request,) = await house.requests()
    assert posted == (303, f"/cong/asked?code={request.code}&lang=vi")
    assert (request.name, request.profile, request.category, request.count) == ("www.game.example", "adult", "games", 1)
    _, html, _ = await house.get(posted[1], "www.game.example")
    assert request.code in html
    _, html, _ = await house.get("/?lang=en", "www.game.example")
    await house.post("/cong/ask?lang=en", fields(html), "www.game.example")
    (again,) = await house.requests()
    assert (again.code, again.count) == (request.code, 2)


@pytest.mark.parametrize(
    ("host", "says"),
    [
        ("fake.example", "có thể gây hại"),
        ("own.example", "Do thư viện đóng"),
        ("ads.example", "Nhóm “ads” của bộ lọc"),
        ("open.example", "Trang này không bị chặn"),
    ],
)
async def test_each_reason_has_its_words(house: House, host: str, says: str) -> None:
    _, html, _ = await house.get("/", host)
    assert says in html
    assert ("<form" in html) == (host != "open.example")


async def test_on_the_portal_the_name_is_typed_in(house: House) -> None:
    _, html, _ = await house.get("/help?lang=en")
    assert "Private DNS" in html and 'action="/why"' in html
    for typed in ("game.example", " HTTPS://Game.example/a?b=c ", "game.example:443"):
        status, html, _ = await house.get(f"/why?name={typed}&lang=en")
        assert status == 200 and "Pay-to-play games" in html
    status, location = await house.post("/why?lang=en", fields(html), Origin="http://127.0.0.1")
    (request,) = await house.requests()
    assert (status, location) == (303, f"/asked?code={request.code}&lang=en")
    for nothing in ("", "a b", "198.19.255.254", "localhost", "x" * 700):
        _, html, _ = await house.get(f"/why?name={nothing}&lang=en")
        assert "such as example.vn" in html


async def test_a_host_header_is_trusted_with_nothing(house: House) -> None:
    for host in ("198.19.255.254", "a..b", "<script>.example", "localhost"):
        status, html, location = await house.get("/", host)
        assert (status, html.count("<script"), location) == (303, 0, "http://wifi.internal/")
    _, html, _ = await house.get("/cong/asked?code=<b>", "game.example")
    assert "<b>" not in html
    for method in ("PUT", "POST"):
        async with house.client.request(method, house.page + "/api", headers={"Host": "game.example"}) as response:
            assert (response.status, await response.text()) == (403, "")
    status, html, _ = await house.get("/logo.png", "game.example", Accept="image/avif,image/webp")
    assert (status, html) == (403, "")


async def test_a_form_from_elsewhere_or_for_another_name_stores_nothing(house: House) -> None:
    _, html, _ = await house.get("/", "game.example")
    good = fields(html)
    for form, host, origin in (
        ({}, "game.example", "http://game.example"),
        ({**good, "token": "x"}, "game.example", "http://game.example"),
        (good, "fake.example", "http://fake.example"),
        (good, "game.example", "http://evil.example"),
    ):
        status, location = await house.post("/cong/ask", form, host, Origin=origin)
        assert (status, location) == (303, "/?problem=again")
    house.clock.wall += timedelta(hours=2)
    assert (await house.post("/cong/ask", good, "game.example"))[1] == "/?problem=again"
    assert await house.requests() == []


async def test_what_is_open_is_not_asked_for(house: House) -> None:
    _, html, _ = await house.get("/", "game.example")
    form = fields(html)
    assert await house.post("/cong/ask", form, "open.example") == (303, "/?problem=again")
    assert await house.requests() == []


async def test_a_minute_takes_so_many_requests(house: House) -> None:
    answers = []
    for number in range(MOST_A_MINUTE + 1):
        host = f"n{number}.game.example"
        _, html, _ = await house.get("/", host)
        answers.append((await house.post("/cong/ask", fields(html), host))[1])
    assert answers[-1] == "/?problem=many"
    assert len(await house.requests()) == MOST_A_MINUTE
    house.clock.pass_s(61)
    _, html, _ = await house.get("/", "late.game.example")
    assert "code=" in (await house.post("/cong/ask", fields(html), "late.game.example"))[1]


async def test_the_store_holds_no_device(house: House, tmp_path: Path) -> None:
    _, html, _ = await house.get("/", "game.example")
    await house.post("/cong/ask", fields(html), "game.example")
    (request,) = await house.requests()
    assert PHONE not in repr(request) and "127.0.0.1" not in repr(request)
