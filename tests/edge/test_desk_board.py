"""Notices at the desk and what patrons then read; what they said they came for."""

import json
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gateway.notices_shown import notice_shown
from gateway.staff.roles import Role
from tests.edge.patron_desk import PatronDesk, patron_desk
from tests.edge.test_desk_vouchers import cong
from tests.reception import ZONE

HOSTILE = ("<script>alert(1)</script>", "'\"><img src=x onerror=1>", "a\0b", "\u202etxt", "x" * 10_000)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[PatronDesk]:
    async with patron_desk(tmp_path) as found:
        yield found


async def test_a_notice_is_there_for_patrons_at_once_rewritten_and_ended(desk: PatronDesk) -> None:
    browser = await desk.house.browser(Role.LIBRARIAN)
    words: dict[str, Any] = {"title_vi": "Nghỉ lễ", "text_vi": "Mở lại\nngày 3/5.", "title_en": "Closed"}
    page = await browser.do("/board", "notice.add", **words)
    assert page.url.endswith("/board/1") and page.text.count('<article class="card">') == 2
    (shown,) = desk.board.shown()
    assert (shown.author, shown.wordings["vi"].text) == ("r-librarian", "Mở lại\nngày 3/5.")
    assert (shown.shown_until - shown.shown_from).days == 30
    told = json.loads(await cong(desk, "notice", "list", "--json", "--all"))
    assert told[0]["texts"] == {
        "vi": {"title": "Nghỉ lễ", "text": "Mở lại\nngày 3/5."},
        "en": {"title": "Closed", "text": ""},
    }
    await browser.do("/board/1", "notice.edit", title_vi="Nghỉ lễ 30/4")
    assert [each.wordings["vi"].title for each in desk.board.shown()] == ["Nghỉ lễ 30/4"]
    page = await browser.do("/board", "notice.end")
    assert page.flash == "Bạn đọc không còn thấy thông báo này." and desk.board.shown() == []
    rows = desk.house.rows("SELECT number, texts, ended_by FROM notices ORDER BY id")
    assert [(row["number"], row["ended_by"]) for row in rows] == [(1, None), (1, "r-librarian")]
    again = await browser.get("/board/1")
    assert again.status == 404


async def test_an_event_is_shown_until_its_day_is_over_and_previewed_as_patrons_see_it(desk: PatronDesk) -> None:
    browser = await desk.house.browser(Role.LIBRARIAN)
    query = "title_vi=K%E1%BB%83+chuy%E1%BB%87n&happens_at=2027-04-10T08:00&place=Ph%C3%B2ng+%C4%91%E1%BB%8Dc"
    preview = await browser.get(f"/board/preview?{query}")
    assert "<html" not in preview.text and "08:00 thứ Bảy, 10/04 – Phòng đọc" in preview.text
    assert desk.house.rows("SELECT 1 FROM notices") == []
    fields: dict[str, Any] = {"title_vi": "Kể chuyện", "happens_at": "2027-04-10T08:00", "place": "Phòng đọc"}
    await browser.do("/board", "notice.add", **fields)
    (event,) = desk.board.shown()
    assert event.shown_until.astimezone(ZONE).isoformat() == "2027-04-11T00:00:00+07:00"
    seen = notice_shown(event, "vi", "vi", ZONE)
    assert seen["when"] in preview.text and seen["title"] in preview.text


async def test_what_may_not_be_shown_is_refused_and_what_was_typed_stays(desk: PatronDesk) -> None:
    browser = await desk.house.browser(Role.LIBRARIAN)
    page = await browser.do("/board", "notice.add", text_vi="Không có tiêu đề")
    assert page.flash.startswith("Thông báo cần có tiêu đề") and "Không có tiêu đề</textarea>" in page.text
    bad: list[dict[str, object]] = [
        {"title_vi": "x", "place": "y"},
        {"title_vi": "x", "shown_from": "2027-05-01T00:00", "shown_until": "2027-04-01T00:00"},
        {"title_vi": "x", "shown_until": "2029-01-01T00:00"},
        {"title_vi": "x", "happens_at": "mai"},
        {"title_vi": "x" * 101},
        {"title_vi": ["x"]},
    ]
    for fields in bad:
        status, _ = await desk.house.ask("POST", "/notices", fields, role=Role.LIBRARIAN)
        assert status in (409, 422), fields
    assert desk.house.rows("SELECT 1 FROM notices") == []
    assert (await desk.house.ask("POST", "/notices", {"title_vi": "x"}, role=Role.DESK))[0] == 403
    assert (await desk.house.ask("DELETE", "/notices/5", {}, role=Role.LIBRARIAN))[0] == 404


async def test_hostile_words_are_told_or_escaped(desk: PatronDesk) -> None:
    browser = await desk.house.browser(Role.LIBRARIAN)
    form = (await browser.get("/board")).form("notice.add")
    for hostile in HOSTILE:
        for field in ("title_vi", "text_vi", "title_en", "text_en", "place", "happens_at", "shown_from"):
            typed = {**form, "title_vi": "tên", "happens_at": "2027-04-10T08:00", field: hostile}
            page = await browser.send("/do/notice.add", typed)
            assert page.status in (200, 413) and "<script>alert" not in page.text and "<img" not in page.text
    for path in ("/board", "/board/1", "/board/history", "/board/preview?title_vi=%3Cscript%3Ealert"):
        shown = await browser.get(path)
        assert shown.status == 200 and "<script>alert" not in shown.text and "<img" not in shown.text


async def test_purposes_are_the_commands_figures(desk: PatronDesk) -> None:
    browser = await desk.house.browser(Role.DESK)
    assert "Không có câu trả lời nào" in (await browser.get("/board")).text

    def count(sql: object) -> None:
        rows = [("2027-03-30", "study", 7), ("2027-03-31", "study", 2), ("2027-03-31", "old", 1)]
        sql.executemany("INSERT INTO purposes VALUES (?, ?, ?)", rows)  # type: ignore[attr-defined]

    await desk.house.database.run(count)
    page = await browser.get("/board?first=2027-03-01&last=2027-03-31")
    assert "<svg" in page.text and "Học tập" in page.text and "90,0%" in page.text
    _, told = await desk.house.ask("GET", "/purposes?first=2027-03-01&last=2027-03-31", role=Role.AUDITOR)
    command = json.loads(await cong(desk, "purposes", "--from", "2027-03-01", "--to", "2027-03-31", "--json"))
    sums, days = told["sums"], told["days"]
    assert isinstance(sums, list) and isinstance(days, list)
    assert {each["purpose"]: each["count"] for each in sums} == command["sums"] == {"study": 9, "old": 1}
    assert {each["day"]: {one["purpose"]: one["count"] for one in each["sums"]} for each in days} == command["days"]
    status, _ = await desk.house.ask("GET", f"/purposes?first=2027-04-01&last={date(2027, 3, 1)}", role=Role.DESK)
    assert status == 409
