"""Who could not be served: what the patron reads, what the ledger keeps, and what the month's report then says."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from gateway.access.client import Mac
from gateway.access.device import Standing
from gateway.access.login import Method
from gateway.access.quota import Caps
from gateway.pages import text
from tests.contracts import PHONE, TABLET
from tests.edge.desk import CommandDesk
from tests.edge.whole_portal import OPENS_S, PASSWORD, WholePortal, form_of, whole_portal


@pytest.fixture
async def portal(tmp_path: Path) -> AsyncIterator[WholePortal]:
    async with whole_portal(tmp_path) as found:
        await found.account()
        yield found


@pytest.fixture
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as found:
        yield found


async def told(portal: WholePortal) -> tuple[int, int]:
    """Attempts and rejected ones of the month, by `cong report month --json`."""
    desk = CommandDesk.at(portal.path.parent)
    month = f"{portal.clock.now():%Y-%m}"
    counted = (await asyncio.to_thread(desk.told, "report", "month", month))["total"]["counted"]
    return counted["attempts"], counted["rejected"]


async def page(portal: WholePortal, browser: aiohttp.ClientSession, path: str = "/") -> str:
    async with browser.get(portal.url + path) as answer:
        return await answer.text()


async def log_in(portal: WholePortal, browser: aiohttp.ClientSession, way: Method, **typed: str) -> str:
    form = form_of(await page(portal, browser, f"/?way={way}"), "/login")
    async with browser.post(f"{portal.url}/login", data={**form, **typed, "agree": "yes"}) as answer:
        return await answer.text()


def refused(portal: WholePortal) -> list[object]:
    return [row["refused"] for row in portal.rows("SELECT refused FROM attempts ORDER BY opened_at")]


async def test_closed(portal: WholePortal, browser: aiohttp.ClientSession) -> None:
    portal.clock.pass_s(OPENS_S + 60)
    seen = await page(portal, browser)
    assert text("vi", "splash.closed_until", day=text("vi", "weekday.3"), on="01/04", at="07:30") in seen
    assert 'action="/login' not in seen and refused(portal) == ["closed"]
    assert await told(portal) == (1, 1)


async def test_barred(portal: WholePortal, browser: aiohttp.ClientSession) -> None:
    await portal.say(PHONE, Standing.BARRED)
    for _ in range(2):
        assert "Thiết bị này không được vào mạng" in await page(portal, browser)
    assert refused(portal) == ["barred"] and await told(portal) == (1, 1)


@pytest.mark.parametrize(
    ("way", "typed"),
    [
        (Method.VOUCHER, {"code": "BCDFG-HJKLM"}),
        (Method.ACCOUNT, {"name": "lan.anh", "password": "sai"}),
        (Method.CARD, {"card": "21234567", "pin": "0000"}),
    ],
)
async def test_a_wrong_code_password_or_pin(
    portal: WholePortal, browser: aiohttp.ClientSession, way: Method, typed: dict[str, str]
) -> None:
    seen = await log_in(portal, browser, way, **typed)
    (key,) = refused(portal)
    assert isinstance(key, str) and text("vi", f"problem.{key}")[:20] in seen
    assert await told(portal) == (1, 1)


async def test_who_gets_in_in_the_end_was_served(portal: WholePortal, browser: aiohttp.ClientSession) -> None:
    await log_in(portal, browser, Method.ACCOUNT, name="lan.anh", password="sai")
    await log_in(portal, browser, Method.ACCOUNT, name="lan.anh", password=PASSWORD)
    assert refused(portal) == [None] and await told(portal) == (1, 0)
    assert portal.rows("SELECT admitted FROM attempts") == [{"admitted": 1}]


async def test_the_last_word_counts(portal: WholePortal, browser: aiohttp.ClientSession) -> None:
    await log_in(portal, browser, Method.TERMS)
    form = form_of(await page(portal, browser, "/status"), "/end")
    async with browser.post(f"{portal.url}/end", data=form) as answer:
        assert answer.status == 200
    await portal.say(PHONE, Standing.BARRED)
    await page(portal, browser)
    assert portal.rows("SELECT admitted, refused FROM attempts") == [{"admitted": 1, "refused": "barred"}]
    assert await told(portal) == (1, 1)


async def test_only_looking_or_forgetting_the_tick_is_no_refusal(
    portal: WholePortal, browser: aiohttp.ClientSession
) -> None:
    form = form_of(await page(portal, browser), "/login")
    async with browser.post(f"{portal.url}/login", data=form) as answer:
        assert text("vi", "problem.agree")[:20] in await answer.text()
    async with browser.post(f"{portal.url}/login", data={**form, "token": "x", "agree": "yes"}) as answer:
        await answer.text()
    assert refused(portal) == [None] and await told(portal) == (1, 0)


async def test_each_half_hour_and_each_device_is_an_attempt_of_its_own(
    portal: WholePortal, browser: aiohttp.ClientSession
) -> None:
    await log_in(portal, browser, Method.ACCOUNT, name="lan.anh", password="sai")
    portal.clock.pass_s(1800)
    await log_in(portal, browser, Method.TERMS)
    portal.is_at(TABLET)
    await log_in(portal, browser, Method.VOUCHER, code="BCDFG-HJKLM")
    portal.is_at(Mac("02:00:5e:10:00:77"))
    await page(portal, browser)
    assert await told(portal) == (4, 2)
    exported = await asyncio.to_thread(CommandDesk.at(portal.path.parent).cong, "facts", "export")
    ids = [line for line in exported.splitlines() if '"kind":"view"' in line]
    assert len({line.split('"id":')[1].split(",")[0] for line in ids}) == 4


async def test_the_staff_say_no(portal: WholePortal, browser: aiohttp.ClientSession) -> None:
    await log_in(portal, browser, Method.APPROVAL)
    assert refused(portal) == [None]
    await portal.database.run(
        lambda sql: sql.execute("UPDATE approvals SET state = 'refused', answered_at = asked_at, answered_by = 'hoa'")
    )
    seen = await page(portal, browser, "/waiting")
    assert text("vi", "problem.approval_refused")[:20] in seen
    assert refused(portal) == ["approval_refused"] and await told(portal) == (1, 1)


async def test_a_wrong_code_of_the_desk(portal: WholePortal, browser: aiohttp.ClientSession) -> None:
    form = form_of(await page(portal, browser, "/return"), "/return")
    async with browser.post(f"{portal.url}/return", data={**form, "code": "0000"}) as answer:
        await answer.text()
    assert refused(portal) == ["wrong"] and await told(portal) == (1, 1)


async def test_todays_time_is_used_up(portal: WholePortal, browser: aiohttp.ClientSession) -> None:
    house = replace(portal.desk.house, caps={"adult": Caps(7200, 900, day_s=600), "child": Caps(3600, 900)})
    object.__setattr__(portal.desk, "house", house)
    await log_in(portal, browser, Method.TERMS)
    portal.clock.pass_s(700)
    await portal.database.run(
        lambda sql: sql.execute(
            "UPDATE sessions SET state = 'closed', cause = 'session-timeout', stopped_at = opened_at + 600"
        )
    )
    seen = await log_in(portal, browser, Method.TERMS)
    assert text("vi", "problem.day_spent")[:20] in seen
    assert refused(portal) == ["day_spent"] and await told(portal) == (1, 1)
