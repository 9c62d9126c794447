"""The way in by voucher, through the portal by a true HTTP client without cookies or scripts."""

import re
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from gateway.access.login import Method
from gateway.access.quota import Caps
from gateway.access.voucher import Allowance, Code, NewBatch, VoucherId, shown
from gateway.flows.gate import Gate
from gateway.flows.sign_in import AcceptedTerms
from gateway.flows.vouchers import Vouchers, codes_of, make_batch, moment
from gateway.pages import LANGUAGES, Pages, text
from gateway.portal.frame import Frame, Welcome
from gateway.portal.patron import PatronPages
from gateway.portal.terms import terms
from gateway.ports import IpAddress, Verifier
from gateway.store.db import Database
from gateway.store.sessions import SqliteSessions
from gateway.store.usage import SqliteUsage
from gateway.store.vouchers import SqliteVouchers
from tests.contracts import PHONE
from tests.fakes import FakeClock, FakeConnections, FakeFirewall, FakeNeighbours
from tests.reception import reception

KEY = b"v" * 32
CAPS = {"adult": Caps(7200, 900)}


@dataclass(slots=True)
class Portal:
    url: str
    client: aiohttp.ClientSession
    kernel: FakeFirewall
    clock: FakeClock
    store: SqliteVouchers
    path: Path

    async def slip(self, days: int = 30, since: int = 0, **allowed: int | bool) -> Code:
        now = self.clock.now()
        allowance = Allowance(now + timedelta(days=days), now + timedelta(days=since), **allowed)  # type: ignore[arg-type]
        seed = f"{len(await self.store.batches()):032x}"
        await make_batch(self.store, KEY, NewBatch(1, "", "adult", "hoa", allowance), lambda: seed, moment(self.clock))
        batch = (await self.store.batches())[0]
        return (await codes_of(self.store, KEY, batch, moment(self.clock)))[0][1]

    async def get(self, target: str) -> str:
        async with self.client.get(self.url + target, allow_redirects=False) as response:
            assert response.status == 200
            return await response.text()

    async def send(self, code: str, lang: str = "vi", **more: str) -> tuple[int, str, str]:
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', await self.get("/?way=voucher")))
        form = {**fields, "agree": "yes", "code": code, **more}
        request = self.client.post(f"{self.url}/login?lang={lang}", data=form, allow_redirects=False)
        async with request as response:
            return response.status, await response.text(), response.headers.get("Location", "")

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.path) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture
async def portal(tmp_path: Path) -> AsyncIterator[Portal]:
    path = tmp_path / "cong.sqlite"
    database = await Database.open(path)
    clock = FakeClock()
    kernel = FakeFirewall(clock)
    neighbours = FakeNeighbours({IpAddress("127.0.0.1"): PHONE})
    gate = Gate(clock, kernel, neighbours, FakeConnections(), SqliteSessions(database), SqliteUsage(database), 600)
    store = SqliteVouchers(database)
    ways: dict[Method, Verifier] = {Method.VOUCHER: Vouchers(store, KEY, clock), Method.TERMS: AcceptedTerms()}
    welcome = Welcome("Thư viện Sa Thầy", "0260", "", "vi", frozenset({"wifi.internal", "127.0.0.1"}))
    runner = web.AppRunner(PatronPages(reception(gate, CAPS, ways), Frame(gate, Pages(), welcome, KEY)).application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client:
        yield Portal(f"http://127.0.0.1:{runner.addresses[0][1]}", client, kernel, clock, store, path)
    await runner.cleanup()
    await database.close()


def typed(html: str) -> str:
    (field,) = re.findall(r'<input name="code" value="([^"]*)"', html)
    return str(field)


async def test_a_slip_leads_online_with_its_time(portal: Portal) -> None:
    code = await portal.slip(time_s=2400)
    assert (await portal.send(shown(code).lower()))[::2] == (303, "/status?lang=vi")
    assert portal.kernel.send(PHONE, 10, 10)
    assert "40 phút" in await portal.get("/status?lang=vi")
    assert portal.rows("SELECT method, profile, session_s, voucher_id FROM sessions") == [("voucher", "adult", 2400, 1)]


async def test_opening_the_qr_codes_address_only_fills_the_form_in(portal: Portal) -> None:
    code = await portal.slip()
    for _ in range(3):
        assert typed(await portal.get(f"/?way=voucher&code={code}")) == shown(code)
    assert portal.rows("SELECT count(*), (SELECT first_used_at FROM vouchers) FROM sessions") == [(0, None)]
    assert not portal.kernel.send(PHONE, 1, 1)
    async with portal.client.get(f"{portal.url}/login?way=voucher&code={code}&agree=yes", allow_redirects=False) as got:
        assert (got.status, got.headers["Location"]) == (303, "/")  # not even the code goes on
    assert portal.rows("SELECT count(*) FROM sessions") == [(0,)]


async def test_the_other_language_keeps_what_the_qr_code_filled_in(portal: Portal) -> None:
    code = await portal.slip()
    (link,) = re.findall(r'<a href="([^"]*)" lang="en">', await portal.get(f"/?way=voucher&code={code}&lang=vi"))
    html = await portal.get("/" + link.replace("&amp;", "&"))
    assert '<html lang="en">' in html and typed(html) == shown(code)


@pytest.mark.parametrize("junk", ["1234567890", '"><script>', "%00", "a" * 500, "{{7*7}}", "RKNKH-3XN9"])
async def test_only_a_code_is_filled_in(portal: Portal, junk: str) -> None:
    async with portal.client.get(portal.url + "/", params={"way": "voucher", "code": junk}) as got:
        assert typed(await got.text()) == ""


async def test_the_field_helps_typing(portal: Portal) -> None:
    html = await portal.get("/?way=voucher")
    (field,) = re.findall(r'<input name="code"[^>]*>', html)
    for hint in ('autocapitalize="characters"', 'inputmode="text"', 'autocomplete="off"', "pattern=", "maxlength="):
        assert hint in field
    assert "<script" not in html


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_each_refusal_says_what_to_do_and_keeps_what_was_typed(portal: Portal, lang: str) -> None:
    revoked = await portal.slip()
    await portal.store.revoke([VoucherId(1)], "hoa", portal.clock.now())
    early, short = await portal.slip(since=2), await portal.slip(days=1)
    spent = await portal.slip(total_bytes=1)
    await portal.send(spent)
    portal.kernel.send(PHONE, 1, 1)
    fields = dict(re.findall(r'name="(token)" value="([^"]*)"', await portal.get("/status")))
    async with portal.client.post(portal.url + "/end", data=fields) as ended:
        assert ended.status == 200
    portal.clock.pass_s(86400)
    wrong = "2222222222"
    refusals = {revoked: "revoked", early: "early", short: "expired", spent: "used", wrong[:-1] + "3": "typo"}
    for code, key in refusals.items():
        status, html, _ = await portal.send(code, lang)
        assert status == 200 and text(lang, f"problem.voucher_{key}").replace("'", "&#39;") in html, key
        assert typed(html) == code
    assert text(lang, "problem.wrong") in (await portal.send(wrong, lang))[1]
    assert portal.rows("SELECT count(*) FROM sessions WHERE state = 'open'") == [(0,)]


async def test_the_terms_name_what_vouchers_store(portal: Portal) -> None:
    await portal.send(await portal.slip())
    ((body, version),) = portal.rows("SELECT body, version FROM terms")
    assert text("vi", "terms.kept_voucher", days=90) in str(body)
    assert version != terms("vi", 120).version  # a site without vouchers does not say so
