"""The portal by a true HTTP client, without cookies or scripts, over a true SQLite file."""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from gateway.flows.gate import Gate
from gateway.pages import Pages
from gateway.portal.frame import Frame, Welcome
from gateway.portal.patron import PatronPages
from gateway.portal.redirector import Redirector
from gateway.portal.token import make_token
from gateway.ports import IpAddress
from gateway.store.db import Database
from gateway.store.sessions import SqliteSessions
from gateway.store.usage import SqliteUsage
from gateway.units import epoch_s
from tests.contracts import PHONE, TABLET
from tests.fakes import FakeClock, FakeConnections, FakeFirewall, FakeNeighbours
from tests.reception import reception

KEY = b"k" * 32


@dataclass(slots=True)
class Portal:
    url: str
    client: aiohttp.ClientSession
    kernel: FakeFirewall
    clock: FakeClock
    neighbours: FakeNeighbours
    database: Database
    path: Path

    async def get(self, target: str, **headers: str) -> tuple[int, str, str]:
        async with self.client.get(self.url + target, allow_redirects=False, headers=headers) as response:
            return response.status, await response.text(), response.headers.get("Location", "")

    async def post(self, target: str, form: dict[str, str], **headers: str) -> tuple[int, str]:
        request = self.client.post(self.url + target, data=form, allow_redirects=False, headers=headers)
        async with request as response:
            return response.status, response.headers.get("Location", "")

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.path) as connection:
            return connection.execute(sql).fetchall()

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


@pytest.fixture
async def portal(tmp_path: Path) -> AsyncIterator[Portal]:
    path = tmp_path / "cong.sqlite"
    database = await Database.open(path)
    clock = FakeClock()
    kernel = FakeFirewall(clock)
    neighbours = FakeNeighbours({IpAddress("127.0.0.1"): PHONE})
    gate = Gate(clock, kernel, neighbours, FakeConnections(), SqliteSessions(database), SqliteUsage(database), 600)
    welcome = Welcome("Thư viện Sa Thầy", "0260", "", "vi", frozenset({"wifi.internal", "127.0.0.1"}))
    pages = PatronPages(reception(gate), Frame(gate, Pages(), welcome, KEY))
    runner = web.AppRunner(pages.application(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client:
        yield Portal(f"http://127.0.0.1:{port}", client, kernel, clock, neighbours, database, path)
    await runner.cleanup()
    await database.close()


def fields(html: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))


async def signed_in(portal: Portal) -> str:
    _, html, _ = await portal.get("/")
    status, location = await portal.post("/login?lang=vi", {**fields(html), "agree": "yes"})
    assert (status, location) == (303, "/status?lang=vi")
    return location


async def test_two_taps_lead_online(portal: Portal) -> None:
    status, html, _ = await portal.get("/?to=http://www.example.com/a")
    assert status == 200 and "Wi-Fi miễn phí của thư viện" in html and "checked" not in html
    assert not portal.kernel.send(PHONE, 1, 1)
    form = {**fields(html), "agree": "yes"}
    status, location = await portal.post("/login?lang=vi", form)
    assert (status, location) == (303, "/status?lang=vi&to=http://www.example.com/a")
    assert portal.kernel.send(PHONE, 1000, 500)
    status, html, _ = await portal.get(location)
    assert status == 200 and "Bạn đã vào mạng" in html
    assert "120 phút" in html and "1.5 kB" in html
    assert 'href="http://www.example.com/a"' in html and "Đến www.example.com" in html
    assert portal.rows("SELECT method, profile, state FROM sessions") == [("terms", "adult", "open")]
    assert portal.rows("SELECT s.id = c.session_id, t.language FROM sessions s, consents c, terms t") == [(1, "vi")]


async def test_the_first_page_of_an_online_device_is_its_status(portal: Portal) -> None:
    await signed_in(portal)
    status, _, location = await portal.get("/?to=http://www.example.com/")
    assert (status, location) == (303, "/status?to=http://www.example.com/")


async def test_without_the_tick_the_page_asks_for_it(portal: Portal) -> None:
    _, html, _ = await portal.get("/")
    async with portal.client.post(portal.url + "/login?lang=vi", data=fields(html)) as answer:
        assert answer.status == 200
        assert "Hãy đánh dấu vào ô" in await answer.text()
    assert portal.rows("SELECT count(*) FROM sessions") == [(0,)]


@pytest.mark.parametrize("token", ["", "x", "A" * 32, "другой", "' OR 1=1 --", "$(reboot)", "%n%s", "\x00"])
async def test_a_made_up_token_opens_nothing(portal: Portal, token: str) -> None:
    assert await portal.post("/login", {"token": token, "agree": "yes"}) == (303, "/?problem=again")
    assert portal.rows("SELECT count(*) FROM sessions") == [(0,)]


async def test_another_devices_token_opens_nothing(portal: Portal) -> None:
    token = make_token(KEY, "login", TABLET, epoch_s(portal.clock.now()))
    assert await portal.post("/login", {"token": token, "agree": "yes"}) == (303, "/?problem=again")
    assert portal.rows("SELECT count(*) FROM sessions") == [(0,)]


async def test_a_page_of_another_site_can_post_nothing(portal: Portal) -> None:
    _, html, _ = await portal.get("/")
    form = {**fields(html), "agree": "yes"}
    for origin in ("http://evil.example", "null", "http://wifi.internal.evil.example"):
        assert (await portal.post("/login", form, Origin=origin))[1] == "/?problem=again"
    assert portal.rows("SELECT count(*) FROM sessions") == [(0,)]
    assert (await portal.post("/login", form, Origin="http://wifi.internal"))[1] == "/status"


async def test_forwarded_addresses_are_claims(portal: Portal) -> None:
    portal.neighbours.table[IpAddress("10.77.0.12")] = TABLET
    _, html, _ = await portal.get("/")
    await portal.post("/login", {**fields(html), "agree": "yes"}, **{"X-Forwarded-For": "10.77.0.12"})
    assert portal.rows("SELECT mac FROM clients") == [(PHONE,)]


async def test_two_clicks_at_once_are_one_session(portal: Portal) -> None:
    _, html, _ = await portal.get("/")
    form = {**fields(html), "agree": "yes"}
    answers = await asyncio.gather(*(portal.post("/login", form) for _ in range(5)))
    assert set(answers) == {(303, "/status")}
    assert portal.rows("SELECT count(*) FROM sessions") == [(1,)]


async def test_the_end_button_ends_it_and_the_first_page_says_so(portal: Portal) -> None:
    _, html, _ = await portal.get(await signed_in(portal))
    portal.kernel.send(PHONE, 10, 20)
    status, location = await portal.post("/end?lang=vi", fields(html))
    assert (status, location) == (303, "/?lang=vi&problem=ended")
    assert not portal.kernel.send(PHONE, 1, 1)
    assert portal.rows("SELECT cause, total_up_bytes, total_down_bytes FROM sessions") == [("user-request", 10, 20)]
    _, html, _ = await portal.get(location)
    assert "Bạn đã kết thúc phiên truy cập" in html
    assert await portal.post("/end", {"token": fields(html)["token"]}) == (303, "/")


async def test_a_device_nobody_knows_is_told_so(portal: Portal) -> None:
    portal.neighbours.table.clear()
    status, html, _ = await portal.get("/")
    assert status == 403 and "Chưa nhận ra thiết bị" in html and "<form" not in html


async def test_a_store_that_fails_is_told_in_plain_words(portal: Portal) -> None:
    _, html, _ = await portal.get("/")
    await portal.database.close()
    status, page, _ = await portal.get("/?lang=en")
    assert status == 503 and "The library&#39;s network has a problem" in page
    form = {**fields(html), "agree": "yes"}
    assert (await portal.post("/login", form))[0] == 503
    assert not portal.kernel.send(PHONE, 1, 1)


async def test_languages(portal: Portal) -> None:
    _, html, _ = await portal.get("/", **{"Accept-Language": "en-GB,en;q=0.9"})
    assert '<html lang="en">' in html and "Free library Wi-Fi" in html
    _, html, _ = await portal.get("/?lang=vi", **{"Accept-Language": "en"})
    assert '<html lang="vi">' in html


async def test_no_answer_is_kept_framed_or_sets_a_cookie(portal: Portal) -> None:
    for target in ("/", "/status", "/anything", "/login"):
        async with portal.client.get(portal.url + target, allow_redirects=False) as response:
            assert response.headers["Cache-Control"] == "no-store"
            assert "Set-Cookie" not in response.headers
            if response.status == 200:
                policy = response.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("target", ["/a/b", "/generate_204", "/%00", "/..%2f..%2fetc/passwd", "/login", "/end"])
async def test_any_other_path_leads_to_the_first_page(portal: Portal, target: str) -> None:
    status, _, location = await portal.get(target)
    assert (status, location) == (303, "/")


async def raw(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        writer.write_eof()
        async with asyncio.timeout(5):
            return await reader.read()
    finally:
        writer.close()


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /?" + b"a" * 65536 + b" HTTP/1.1\r\nHost: wifi.internal\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: wifi.internal\r\nX: " + b"a" * 65536 + b"\r\n\r\n",
        b"POST /login HTTP/1.1\r\nHost: wifi.internal\r\nContent-Length: 99999999\r\n\r\nx",
        b"POST /login HTTP/1.1\r\nHost: wifi.internal\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    ],
    ids=["no host", "64 kB query", "64 kB header", "body that never comes", "bad chunk", "TLS", "HTTP/1.0", "absolute"],
)
async def test_strange_requests_hurt_nobody(portal: Portal, request_bytes: bytes) -> None:
    answer = await raw(portal.port, request_bytes)
    assert b"Traceback" not in answer and b"evil.example" not in answer.partition(b"\r\n\r\n")[0]
    assert (await portal.get("/"))[0] == 200
    assert portal.rows("SELECT count(*) FROM sessions") == [(0,)]


async def test_a_form_of_a_megabyte_is_refused(portal: Portal) -> None:
    async with portal.client.post(portal.url + "/login", data={"token": "a" * 1_000_000}) as response:
        assert response.status == 413
    assert (await portal.get("/"))[0] == 200


async def test_the_redirector_serves_others_while_one_client_holds_its_connections_open() -> None:
    redirector = Redirector("http://wifi.internal/")
    server = await asyncio.get_running_loop().create_server(redirector.protocol, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        halves = [await asyncio.open_connection("127.0.0.1", port) for _ in range(200)]
        for _, writer in halves:
            writer.write(b"GET / HTTP/1.1\r\nHost: a")
        # the one that is over its share is shut out; another address is served at once
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.0.2", 0))
        writer.write(b"GET /x HTTP/1.1\r\nHost: www.example.com\r\n\r\n")
        async with asyncio.timeout(5):
            answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 302 Found\r\n")
        assert redirector.open_by_client["127.0.0.1"] <= 32
        for _, half in (*halves, (reader, writer)):
            half.close()
