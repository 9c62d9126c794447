"""Vouchers at the desk: what staff see and do, what the database then says, and what the command says of it."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway.access.login import Method, Refused
from gateway.access.session import Session
from gateway.staff.roles import Role
from tests.edge.command_line import done
from tests.edge.patron_desk import PatronDesk, patron_desk

PHONE, TABLET = "02:00:5e:10:00:01", "02:00:5e:10:00:02"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[PatronDesk]:
    async with patron_desk(tmp_path) as found:
        yield found


async def told(desk: PatronDesk, path: str, role: Role = Role.VOUCHERS) -> Any:
    status, found = await desk.house.ask("GET", path, role=role)
    assert status == 200, found
    return found


async def cong(desk: PatronDesk, *words: str) -> str:
    return (await asyncio.to_thread(done, desk.config, *words)).stdout


async def test_one_press_makes_a_voucher_for_two_hours_and_shows_its_code(desk: PatronDesk) -> None:
    browser = await desk.house.browser(Role.VOUCHERS)
    page = await browser.do("/vouchers", "voucher.create", 1)
    assert page.status == 200 and page.url.endswith("/vouchers/1?made=1")
    code = re.search(r'class="big-code">([2-9A-Z]{5}-[2-9A-Z]{5})<', page.text)
    assert code and "2 giờ" in page.text
    (row,) = desk.house.rows("SELECT * FROM voucher_batches")
    assert (row["count"], row["time_s"], row["author"], row["profile"]) == (1, 7200, "r-vouchers", "adult")
    assert row["valid_until"] == 1806512399, "today's last second, the site's"
    session = await desk.admitted(PHONE, Method.VOUCHER, code=code[1])
    assert isinstance(session, Session) and session.limits.session_s == 7200


async def test_a_batch_is_as_it_was_asked_and_as_the_command_tells_it(desk: PatronDesk) -> None:
    browser = await desk.house.browser(Role.DESK)
    fields = {"count": 3, "label": "Lớp tin học", "data_mb": 500, "devices": 2, "once": "on", "lasts_days": 30}
    more = {"profile": "child", "down_kbit_s": 2000, "up_kbit_s": "", "valid_until": "2027-12-31", "time_minutes": ""}
    page = await browser.do("/vouchers", "voucher.create", 3, **fields, **more)
    assert page.flash == "Đã làm 3 phiếu, tập số 1."
    shown = await told(desk, "/vouchers/1")
    by_command = json.loads(await cong(desk, "voucher", "show", "1", "--json"))
    batch = shown["batch"]
    assert batch["states"]["early"] + batch["states"]["new"] == 3
    keys = ("count", "label", "profile", "time_s", "total_bytes", "up_kbit_s", "down_kbit_s", "devices", "once")
    assert {key: batch[key] for key in keys} == {key: by_command[key] for key in keys}
    assert batch["lasts_s"] == 30 * 86400 and batch["valid_until"] == "2027-12-31T16:59:59Z"
    same = ("code", "number", "used_s", "used_bytes", "sessions", "left_bytes")
    assert [[each[key] for key in same] for each in shown["vouchers"]] == [
        [each[key] for key in same] for each in by_command["vouchers"]
    ]


async def test_revoking_ends_the_session_at_once_and_the_trail_has_no_code(desk: PatronDesk) -> None:
    browser = await desk.house.browser(Role.DESK)
    await browser.do("/vouchers", "voucher.create", 3, count=3)
    codes = [each["code"] for each in (await told(desk, "/vouchers/1"))["vouchers"]]
    first = await desk.admitted(PHONE, Method.VOUCHER, code=codes[0])
    second = await desk.admitted(TABLET, Method.VOUCHER, code=codes[1])
    page = await browser.do("/vouchers/1", "voucher.revoke", 0)
    assert page.flash == "Đã thu hồi 1 phiếu; ngắt 1 phiên đang dùng."
    assert not await desk.is_on(first) and await desk.is_on(second)
    page = await browser.do("/vouchers/1", "voucher.revoke_all")
    assert page.flash == "Đã thu hồi 2 phiếu; ngắt 1 phiên đang dùng."
    assert not await desk.is_on(second)
    refused = await desk.admitted(PHONE, Method.VOUCHER, code=codes[2])
    assert isinstance(refused, Refused) and refused.key == "voucher_revoked"
    rows = desk.house.rows("SELECT revoked_by FROM vouchers")
    assert [row["revoked_by"] for row in rows] == ["r-desk"] * 3
    trail = json.dumps(desk.house.rows("SELECT * FROM audit") + desk.house.rows("SELECT * FROM audit_outcomes"))
    assert "batch 1 voucher 1" in trail and "voucher.revoke_all" in trail
    assert not any(code in trail or code.replace("-", "") in trail for code in codes)


async def test_revoking_a_batch_asks_for_the_password_again(desk: PatronDesk) -> None:
    browser = await desk.house.browser(Role.DESK)
    await browser.do("/vouchers", "voucher.create", 3, count=2)
    desk.house.clock.pass_s(11 * 60)
    page = await browser.do("/vouchers/1", "voucher.revoke_all")
    assert "/prove" in page.url
    assert desk.house.rows("SELECT 1 FROM vouchers WHERE revoked_at IS NOT NULL") == []


async def test_a_code_is_looked_up_as_it_was_read_off_the_slip(desk: PatronDesk) -> None:
    browser = await desk.house.browser(Role.DESK)
    await browser.do("/vouchers", "voucher.create", 1)
    (voucher,) = (await told(desk, "/vouchers/1"))["vouchers"]
    page = await browser.get(f"/vouchers?code={voucher['code'].lower().replace('-', '%20')}")
    assert voucher["code"] in page.text and "chưa dùng" in page.text
    wrong = await browser.get("/vouchers?code=AAAAA-AAAAA")
    assert wrong.status == 200 and "có một chữ đọc nhầm" in wrong.text
    status, answer = await desk.house.ask("GET", "/voucher-codes/22222-22222", role=Role.VOUCHERS)
    assert status == 404 and answer["error"] in ("no_code", "no_voucher")


async def test_slips_are_the_commands_page_byte_for_byte(desk: PatronDesk) -> None:
    browser = await desk.house.browser(Role.DESK)
    for batch, (layout, count) in enumerate((("8", 3), ("thermal", 2), ("24", 25)), 1):
        await browser.do("/vouchers", "voucher.create", 3, count=count, label="<b>&")
        page = await browser.get(f"/vouchers/{batch}/slips?layout={layout}&language=en")
        options = ["--thermal"] if layout == "thermal" else ["--per-page", layout]
        printed = await cong(desk, "voucher", "sheet", str(batch), "-", "--lang", "en", *options)
        assert page.text.rstrip() + "\n" == printed, layout
        assert "<b>" not in page.text and page.text.count('class="code"') == count
        assert page.headers["Content-Disposition"].startswith("inline")


async def test_the_loop_stays_free_while_slips_are_drawn(desk: PatronDesk) -> None:
    browser = await desk.house.browser(Role.DESK)
    await browser.do("/vouchers", "voucher.create", 3, count=24)
    worst, over = 0.0, asyncio.Event()

    async def watch() -> None:
        nonlocal worst
        while not over.is_set():
            begun = time.perf_counter()
            await asyncio.sleep(0)
            worst = max(worst, time.perf_counter() - begun)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(watch())
        begun = time.perf_counter()
        await browser.get("/vouchers/1/slips?layout=24")
        took = time.perf_counter() - begun
        over.set()
    assert worst < took / 2, f"{worst:.3f} s of {took:.3f} s"


async def test_codes_are_told_to_nobody_without_the_right(desk: PatronDesk) -> None:
    await desk.house.ask("POST", "/vouchers", {}, role=Role.DESK)
    (voucher,) = (await told(desk, "/vouchers/1"))["vouchers"]
    for role in (Role.AUDITOR, Role.METRICS):
        for path in ("/vouchers", "/vouchers/1", f"/voucher-codes/{voucher['code']}", "/vouchers/1/slips"):
            status, answer = await desk.house.ask("GET", path, role=role)
            assert status == 403 and voucher["code"] not in json.dumps(answer)


async def test_who_may_do_vouchers_alone_sees_nothing_else(desk: PatronDesk) -> None:
    browser = await desk.house.browser(Role.VOUCHERS)
    page = await browser.get("/vouchers")
    assert page.status == 200 and re.findall(r'<li><a href="([^"]*)"', page.text) == ["/vouchers"]
    for path in ("/accounts", "/board", "/shelf", "/accounts.csv", "/board/history"):
        assert (await browser.get(path)).status == 403


HOSTILE = ("<script>alert(1)</script>", "'\"><img src=x onerror=1>", "a\0b", "\u202etxt", "x" * 10_000, "[]")


async def test_hostile_input_is_told_or_escaped(desk: PatronDesk) -> None:
    browser = await desk.house.browser(Role.DESK)
    form = (await browser.get("/vouchers")).form("voucher.create", 3)
    for field in ("label", "profile", "count", "time_minutes", "valid_until", "devices", "once"):
        for hostile in HOSTILE:
            page = await browser.send("/do/voucher.create", {**form, field: hostile})
            assert page.status in (200, 413), (field, hostile)
            assert "<script>alert" not in page.text and "<img" not in page.text, (field, hostile)
    labels = {row["label"] for row in desk.house.rows("SELECT label FROM voucher_batches")}
    assert labels <= set(HOSTILE) and HOSTILE[0] in labels and "a\0b" not in labels


REFUSED: list[tuple[dict[str, object], str]] = [
    ({"count": 0}, "input"),
    ({"count": 1001}, "input"),
    ({"count": [1]}, "input"),
    ({"valid_until": "2020-01-01"}, "voucher_over"),
    ({"valid_until": "2099-01-01"}, "voucher_long"),
    ({"valid_from": "2027-12-01", "valid_until": "2027-11-01"}, "voucher_over"),
    ({"profile": "nobody"}, "profile_unknown"),
    ({"owner": "x"}, "input"),
    ({"valid_until": 5}, "input"),
]


async def test_what_lets_nobody_in_is_refused(desk: PatronDesk) -> None:
    for fields, key in REFUSED:
        status, answer = await desk.house.ask("POST", "/vouchers", fields, role=Role.DESK)
        assert (status, answer.get("error")) == (422 if key == "input" else 409, key), (fields, answer)
    assert desk.house.rows("SELECT 1 FROM voucher_batches") == []


async def test_pages_of_many_batches_stay_small(desk: PatronDesk) -> None:
    browser = await desk.house.browser(Role.DESK)
    for _ in range(27):
        await desk.house.ask("POST", "/vouchers", {}, role=Role.DESK)
    status, _ = await desk.house.ask("POST", "/vouchers", {"count": 1000}, role=Role.DESK)
    assert status == 200
    first = await browser.get("/vouchers")
    assert len(first.body) < 60_000 and "Trang 1 / 2" in first.text
    assert (await told(desk, "/vouchers?page=2"))["batches"][-1]["batch"] == 1
    batch = await browser.get("/vouchers/28?page=20")
    assert len(batch.body) < 100_000 and 'id="n1000"' in batch.text
