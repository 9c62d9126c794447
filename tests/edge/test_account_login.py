"""The way in by an account of the library's own, through the portal by a true HTTP client, over a true SQLite file."""

import asyncio
import re
import sqlite3
import unicodedata
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Literal

import aiohttp
import pytest
from aiohttp import web

from gateway.access.account import AccountState, NewAccount, key_of
from gateway.access.client import Mac
from gateway.access.login import WRONG, Claim, Method, Refused
from gateway.access.quota import Caps
from gateway.access.session import Session
from gateway.flows.gate import Gate
from gateway.flows.local_accounts import LocalAccounts, end_shut
from gateway.flows.person import pseudonym
from gateway.flows.sign_in import AcceptedTerms, Reception, sign_in
from gateway.local_accounts.hashing import OneThread
from gateway.pages import LANGUAGES, Pages, text
from gateway.portal.frame import Frame, Welcome
from gateway.portal.patron import PatronPages
from gateway.portal.terms import terms
from gateway.ports import IpAddress, Verifier
from gateway.ports_accounts import Hashed
from gateway.ports_figures import Terms as FactTerms
from gateway.store.db import Database
from gateway.store.facts import Facts
from gateway.store.local_accounts import SqliteAccounts
from gateway.store.sessions import SqliteSessions
from gateway.store.usage import SqliteUsage
from tests.contracts import PHONE, TABLET
from tests.fakes import FakeClock, FakeConnections, FakeFirewall, FakeNeighbours
from tests.reception import TERMS, reception

PASSWORD = "thư viện huyện"


@dataclass(slots=True)
class House:
    gate: Gate
    clock: FakeClock
    kernel: FakeFirewall
    store: SqliteAccounts
    desk: Reception
    passwords: OneThread
    path: Path
    database: Database

    async def add(self, name: str = "Lan.Anh", password: str = PASSWORD, days: int = 30) -> None:
        until = self.clock.now() + timedelta(days=days)
        new = NewAccount(name, "child", until, "7A", "a note")
        hashed = Hashed(new, await self.passwords.hashed(password))
        assert not await self.store.add([hashed], "hoa", self.clock.now(), "added")

    async def claim(self, name: str = "lan.anh", password: str = PASSWORD, mac: Mac = PHONE) -> Session | Refused:
        return await sign_in(self.desk, Claim(mac, Method.ACCOUNT, {"name": name, "password": password}), TERMS)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.path) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    path = tmp_path / "cong.sqlite"
    database = await Database.open(path)
    clock = FakeClock()
    kernel = FakeFirewall(clock)
    neighbours = FakeNeighbours({IpAddress("127.0.0.1"): PHONE})
    gate = Gate(clock, kernel, neighbours, FakeConnections(), SqliteSessions(database), SqliteUsage(database), 600)
    store, passwords = SqliteAccounts(database), OneThread()
    caps = {"adult": Caps(7200, 900), "child": Caps(3600, 900)}
    ways: dict[Method, Verifier] = {
        Method.ACCOUNT: LocalAccounts(store, passwords, clock),
        Method.TERMS: AcceptedTerms(),
    }
    desk = replace(reception(gate, caps, ways), pseudonym=lambda who: pseudonym(b"k" * 32, who))
    yield House(gate, clock, kernel, store, desk, passwords, path, database)
    passwords.close()
    await database.close()


@pytest.mark.parametrize("form", ["NFC", "NFD"])
async def test_name_and_password_let_in_in_either_writing(house: House, form: Literal["NFC", "NFD"]) -> None:
    await house.add("Bình Nguyễn")
    name, password = (unicodedata.normalize(form, each) for each in (" bình  NGUYỄN", PASSWORD + " "))
    assert isinstance(await house.claim(name, password), Session)
    ((method, profile, session_s, person),) = house.rows("SELECT method, profile, session_s, person FROM sessions")
    assert (method, profile, session_s) == ("account", "child", 3600)
    assert person == pseudonym(b"k" * 32, "account bình nguyễn")


async def test_only_who_knows_the_password_is_told_how_the_account_stands(house: House) -> None:
    await house.add()
    (account,) = await house.store.accounts()
    wrong = [("mai", PASSWORD), ("lan.anh", "Thư viện huyện"), ("lan.anh", ""), ("", ""), ("\ud800", "\ud800")]
    for name, password in wrong:
        assert await house.claim(name, password, TABLET) == Refused(WRONG)
    await house.store.set_state([account.id], AccountState.DISABLED, None, "hoa", house.clock.now())
    assert await house.claim() == Refused("account_disabled")
    assert await house.claim("lan.anh", "wrong one") == Refused(WRONG)
    await house.store.set_state([account.id], AccountState.ACTIVE, None, "hoa", house.clock.now())
    house.clock.pass_s(31 * 86400)
    assert await house.claim() == Refused("account_expired")
    assert house.rows("SELECT count(*) FROM sessions") == [(0,)]


async def test_an_unknown_name_takes_as_long_as_a_wrong_password(house: House) -> None:
    await house.add()
    verifier = house.desk.verifiers[Method.ACCOUNT]

    async def least_s(name: str) -> float:
        spent = []
        for _ in range(7):
            began = perf_counter()
            await verifier.verify(Claim(PHONE, Method.ACCOUNT, {"name": name, "password": "wrong one"}))
            spent.append(perf_counter() - began)
        return min(spent)

    known, unknown = await least_s("lan.anh"), await least_s("nobody")
    assert 0.5 < known / unknown < 2 and unknown > 0.005


async def test_a_burst_of_logins_leaves_the_loop_free(house: House) -> None:
    await house.add()
    macs = [Mac(f"02:00:5e:30:00:{n:02x}") for n in range(30)]
    longest, done = 0.0, asyncio.Event()

    async def look() -> None:
        nonlocal longest
        while not done.is_set():
            began = perf_counter()
            await asyncio.sleep(0.005)
            longest = max(longest, perf_counter() - began - 0.005)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(look())
        logins = [tasks.create_task(house.claim(mac=mac)) for mac in macs]
        await asyncio.wait(logins)
        done.set()
    assert all(isinstance(each.result(), Session) for each in logins)
    assert longest < 0.5


async def test_whoever_is_shut_out_is_ended_and_others_stay(house: House) -> None:
    for name in ("lan.anh", "mai", "hoa"):
        await house.add(name)
    macs = {"lan.anh": PHONE, "mai": TABLET, "hoa": Mac("02:00:5e:10:00:09")}
    for name, mac in macs.items():
        await house.claim(name, mac=mac)
    assert await end_shut(house.desk, house.store) == 0
    ids = {each.key: each.id for each in await house.store.accounts()}
    await house.store.set_state([ids[key_of("lan.anh")]], AccountState.DISABLED, None, "hoa", house.clock.now())
    await house.store.remove([ids[key_of("mai")]], "hoa", house.clock.now())
    assert await end_shut(house.desk, house.store) == 2
    assert house.rows("SELECT state FROM sessions ORDER BY id") == [("closed",), ("closed",), ("open",)]
    assert not house.kernel.send(PHONE, 1, 1) and house.kernel.send(macs["hoa"], 1, 1)


@dataclass(slots=True)
class Portal:
    url: str
    client: aiohttp.ClientSession

    async def get(self, target: str) -> str:
        async with self.client.get(self.url + target, allow_redirects=False) as response:
            return await response.text()

    async def send(self, name: str, password: str, lang: str = "vi") -> tuple[int, str, str]:
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', await self.get("/?way=account")))
        form = {**fields, "agree": "yes", "name": name, "password": password}
        async with self.client.post(f"{self.url}/login?lang={lang}", data=form, allow_redirects=False) as answer:
            return answer.status, await answer.text(), answer.headers.get("Location", "")


@pytest.fixture
async def portal(house: House) -> AsyncIterator[Portal]:
    welcome = Welcome("Thư viện Sa Thầy", "0260", "", "vi", frozenset({"wifi.internal", "127.0.0.1"}))
    runner = web.AppRunner(PatronPages(house.desk, Frame(house.gate, Pages(), welcome, b"p" * 32)).application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client:
        yield Portal(f"http://127.0.0.1:{runner.addresses[0][1]}", client)
    await runner.cleanup()


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_the_page_says_what_is_wrong_keeps_the_name_and_never_the_password(
    house: House, portal: Portal, lang: str
) -> None:
    await house.add()
    status, html, _ = await portal.send("<lan>", "geheim-12", lang)
    assert status == 200 and text(lang, "problem.wrong").replace("'", "&#39;") in html
    assert 'value="&lt;lan&gt;"' in html and "geheim" not in html
    (account,) = await house.store.accounts()
    await house.store.set_state([account.id], AccountState.DISABLED, None, "hoa", house.clock.now())
    assert text(lang, "problem.account_disabled") in (await portal.send("lan.anh", PASSWORD, lang))[1]
    await house.store.set_state([account.id], AccountState.ACTIVE, None, "hoa", house.clock.now())
    assert (await portal.send("lan.anh", PASSWORD, lang))[::2] == (303, f"/status?lang={lang}")
    ((method, version),) = house.rows("SELECT method, terms_version FROM sessions JOIN consents ON session_id = id")
    ((body,),) = house.rows("SELECT body FROM terms")
    assert method == "account" and version != terms(lang, 120).version
    assert text(lang, "terms.kept_account", days=90) in str(body)
    kept = [
        row for table in ("sessions", "consents", "clients", "usage") for row in house.rows(f"SELECT * FROM {table}")
    ]
    assert "lan.anh" not in repr(kept).lower()


async def test_what_is_kept_of_an_account_goes_90_days_after_its_end(house: House) -> None:
    await house.add(days=30)
    await house.add("mai", days=60)
    facts = Facts(house.database)
    for days, left in ((119, 2), (2, 1), (29, 1), (2, 0)):
        house.clock.pass_s(days * 86400)
        before = house.clock.now() - timedelta(days=90)
        await facts.forget(FactTerms(before, before, before, before, before, before))
        assert house.rows("SELECT count(*) FROM local_accounts") == [(left,)]
    assert house.rows("SELECT count(*) FROM local_account_trail") == [(0,)]
