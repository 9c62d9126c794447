"""The calendar at the desk: what staff see and do, what the database and the commands then say."""

import html
import re
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from gateway.config.load import load_config
from gateway.staff.roles import Role
from tests.edge.plan_desk import PlanDesk, plan_desk

# The fake clock's Wednesday, 31 March 2027, 08:00; the week is Monday to Friday, 07:30-11:00 and 13:30-17:00.
SATURDAY = "2027-04-03"
HOSTILE = ("<script>alert(1)</script>", "'\"><img src=x onerror=alert(1)>", "\u202egnp.exe", "x" * 10_000, "a\0b", "🦊")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[PlanDesk]:
    async with plan_desk(tmp_path) as made:
        yield made


def changes(desk: PlanDesk) -> list[dict[str, object]]:
    return desk.house.rows(
        "SELECT kind, taken_back_at IS NULL AS stands, author, reason FROM calendar_changes ORDER BY id"
    )


async def test_an_extra_saturday_is_two_clicks_from_the_start_page(desk: PlanDesk) -> None:
    browser = await desk.house.browser(Role.LIBRARIAN)
    page = await browser.do(
        "/calendar", "calendar.extra"
    )  # the first click opens it, the second sends the form as it is
    assert page.flash == "Đã ghi mở thêm ngày 03/4/2027." and page.url.endswith("/calendar?month=2027-04")
    assert changes(desk) == [{"kind": "extra", "stands": 1, "author": "r-librarian", "reason": ""}]
    (day,) = (await desk.told("hours", "--from", SATURDAY, "--days", "1"))["days"]
    assert (day["open"], day["promised"]) == (["07:30-11:00"], [])
    again = await browser.do("/calendar", "calendar.extra", day=SATURDAY)  # the same click twice: one decision
    assert again.flash and len(changes(desk)) == 1
    (deed,) = desk.house.rows("SELECT subject, after FROM audit_outcomes ORDER BY audit_id LIMIT 1")
    assert deed["subject"] == SATURDAY and '"hours": "07:30-11:00"' in str(deed["after"])


async def test_the_month_is_what_the_command_tells(desk: PlanDesk) -> None:
    browser = await desk.house.browser(Role.LIBRARIAN)
    await browser.do("/calendar", "calendar.extra", day="2027-04-10", begin="08:00", end="10:00", reason="ngày hội")
    await browser.do("/calendar", "calendar.close", first="2027-04-05", last="2027-04-07", reason="tập huấn")
    await browser.do("/calendar", "calendar.close", first="2027-04-08", begin="13:30", reason="họp")
    status, month = await desk.house.ask("GET", "/calendar/months/2027-04")
    told = await desk.told("hours", "--from", "2027-04-01", "--days", "30")
    assert status == 200 and isinstance(month["days"], list) and len(month["days"]) == 30
    assert [(one["day"], one["open"], one["promised"]) for one in month["days"]] == [
        (one["day"], one["open"], one["promised"]) for one in told["days"]
    ]
    listed = (await desk.house.ask("GET", "/calendar/changes"))[1]["changes"]
    assert isinstance(listed, list) and [one["id"] for one in listed] == [one["id"] for one in told["changes"]]
    page = await browser.get("/calendar?month=2027-04")
    assert "tập huấn" in page.text and "Giỗ Tổ Hùng Vương – chưa ghi" in page.text and "style=" not in page.text


async def test_a_closure_that_has_begun_lowers_what_is_promised_of_its_later_days(desk: PlanDesk) -> None:
    browser = await desk.house.browser(Role.LIBRARIAN)
    await browser.do("/calendar", "calendar.close", first="2027-03-31", last="2027-04-02", reason="mất điện")
    days = {}
    for day in ("2027-03-31", "2027-04-01", "2027-04-02"):
        _, days[day] = await desk.house.ask("GET", f"/calendar/days/{day}")
    assert all(day["open"] == [] for day in days.values())
    assert days["2027-03-31"]["promised"] == ["07:30-11:00", "13:30-17:00"]  # unplanned
    assert days["2027-04-01"]["promised"] == days["2027-04-02"]["promised"] == []
    assert desk.hours.is_closed()  # at the door at once
    assert "đột xuất" in (await browser.get("/calendar")).text


async def test_a_decision_is_taken_back_once(desk: PlanDesk) -> None:
    browser = await desk.house.browser(Role.LIBRARIAN)
    await browser.do("/calendar", "calendar.close", first="2027-03-31", reason="họp")
    assert desk.hours.is_closed()
    page = await browser.do("/calendar", "calendar.take_back")
    assert page.flash == "Đã bỏ thay đổi của ngày 31/3/2027." and not desk.hours.is_closed()
    assert [row["stands"] for row in changes(desk)] == [0]
    status, said = await desk.house.ask("DELETE", "/calendar/changes/1")
    assert (status, said["error"]) == (404, "calendar.no_change")


REFUSED: tuple[tuple[str, dict[str, object], str], ...] = (
    ("extra", {"day": "2027-03-30", "begin": "08:00", "end": "10:00"}, "đã qua"),
    ("extra", {"day": "2027-04-03", "begin": "10:00", "end": "08:00"}, "sau bắt đầu"),
    ("extra", {"day": "2092-04-03", "begin": "08:00", "end": "10:00"}, "quá xa"),
    ("extra", {"day": "03/04/2027", "begin": "08:00", "end": "10:00"}, "Hãy"),
    ("extra", {"day": "2027-04-03", "begin": "8h", "end": "10:00"}, "mục được đánh dấu"),
    ("close", {"first": "2027-04-03", "last": "2027-04-02", "reason": "x"}, "sau bắt đầu"),
    ("close", {"first": "2027-04-03", "last": "2027-09-02", "reason": "x"}, "62 ngày"),
    ("close", {"first": "2027-04-03", "reason": ""}, "Hãy"),
)


async def test_what_can_not_be_decided_says_why_and_changes_nothing(desk: PlanDesk) -> None:
    browser = await desk.house.browser(Role.LIBRARIAN)
    opened = await browser.get("/calendar")
    for act, typed, says in REFUSED:
        page = await browser.send(f"/do/calendar.{act}", {**opened.form(f"calendar.{act}"), **typed})
        assert says in page.text and 'class="flash bad"' in page.text, (typed, page.flash)
    assert changes(desk) == []


async def test_a_reason_is_text_or_refused(desk: PlanDesk) -> None:
    browser = await desk.house.browser(Role.LIBRARIAN)
    opened = await browser.get("/calendar")
    for n, text in enumerate(HOSTILE):
        form = {**opened.form("calendar.close"), "first": f"2027-04-{n + 10}", "reason": text}
        assert (await browser.send("/do/calendar.close", form)).status == 200
    assert [row["reason"] for row in changes(desk)] == [HOSTILE[0], HOSTILE[1], HOSTILE[5]]
    for path in ("/calendar?month=2027-04", "/calendar/days/2027-04-10", "/calendar/days/2027-04-11"):
        page = await browser.get(path)
        assert page.status == 200 and "<script>alert" not in page.text and "<img src=x" not in page.text


async def test_doors_are_told_once_however_often_it_is_clicked(desk: PlanDesk) -> None:
    browser = await desk.house.browser(Role.DESK)
    for _ in range(2):
        page = await browser.do("/calendar", "door.open")
        desk.house.clock.pass_s(5)
    assert page.flash == "Đã ghi mở cửa lúc 08:00."
    desk.house.clock.pass_s(3 * 3600)
    await browser.sign_in("r-desk")  # it was idle for long
    page = await browser.do("/calendar", "door.close")
    told = await desk.told("door", "list", "2027-03-31")
    assert [(one["at"], one["opens"]) for one in told] == [
        ("2027-03-31T01:00:00Z", True),
        ("2027-03-31T04:00:10Z", False),
    ]
    (telling,) = desk.house.rows("SELECT DISTINCT author, source FROM tellings")
    assert telling == {"author": "r-desk", "source": "desk"}
    assert "Đã ghi mở cửa lúc 08:00; đã ghi đóng cửa lúc 11:00." in page.text
    status, said = await desk.house.ask("POST", "/door/open", {"at": "2027-04-01T07:30"})
    assert (status, said["error"]) == (409, "calendar.future")
    status, said = await desk.house.ask("POST", "/door/open", {"at": "2027-03-30T07:30"})
    assert (status, said["at"]) == (200, "2027-03-30T07:30:00+07:00")


async def test_who_may_do_what(desk: PlanDesk) -> None:
    for role, may_open, may_plan in ((Role.DESK, 200, 403), (Role.LIBRARIAN, 200, 200), (Role.AUDITOR, 403, 403)):
        assert (await desk.house.ask("GET", "/calendar/now", role=role))[0] == 200
        assert (await desk.house.ask("POST", "/door/open", {}, role=role))[0] == may_open
        extra = {"day": SATURDAY, "begin": "07:30", "end": "11:30"}
        assert (await desk.house.ask("POST", "/calendar/extra", extra, role=role))[0] == may_plan
    page = await (await desk.house.browser(Role.DESK)).get("/calendar")
    assert "/do/door.open" in page.text and "/do/calendar.extra" not in page.text
    assert (await desk.house.ask("GET", "/calendar/now", role=Role.VOUCHERS))[0] == 403


async def test_holidays_are_taken_from_the_years_table(desk: PlanDesk, tmp_path: Path) -> None:
    browser = await desk.house.browser(Role.LIBRARIAN)
    page = await browser.do(
        "/calendar/plan?year=2026", "calendar.holidays", days=_ticked(await browser.get("/calendar/plan?year=2026"))
    )
    assert "ngày lễ của năm 2026" in page.flash
    config = load_config(tmp_path / "cong.toml")
    assert date(2026, 2, 18) in config.site.holiday_dates and config.hours.swapped == (
        "2026-01-10 as fri",
        "2026-08-22 as mon",
    )
    status, told = await desk.house.ask("GET", "/calendar/holidays/2026")
    assert (status, told["missing"]) == (200, []) and "chưa ghi" not in page.text
    _, day = await desk.house.ask("GET", "/calendar/days/2026-09-02")
    assert (day["is_holiday"], day["holiday"], day["open"]) == (True, "Quốc khánh", [])
    assert (await desk.told("hours", "--from", "2026-09-02", "--days", "1"))["days"][0]["open"] == []
    only = await desk.house.ask("POST", "/calendar/holidays/2027", {"days": ["2027-01-01"]})
    assert only[0] == 200 and load_config(tmp_path / "cong.toml").site.holidays.count("2027-01-01") == 1
    assert (await desk.house.ask("POST", "/calendar/holidays/2050", {"days": ["2050-01-01"]}))[0] == 404


def _ticked(page: object) -> list[str]:
    return re.findall(r'form="enter" name="days" value="([^"]+)" checked', str(getattr(page, "text", "")))


async def test_a_new_week_holds_from_today_and_leaves_days_that_are_over_as_they_were(
    desk: PlanDesk, tmp_path: Path
) -> None:
    before = (await desk.told("report", "month", "2027-02", "--draft"))["sites"][0]["service"]["promised_s"]
    browser = await desk.house.browser(Role.LIBRARIAN)
    page = await browser.do("/calendar/plan", "calendar.week", sat="7:30 - 11:30", mon="07:30-11:00")
    assert page.flash.startswith("Đã lưu") and 'value="07:30-11:30"' in page.text
    config = load_config(tmp_path / "cong.toml")
    assert (config.hours.sat, config.hours.mon) == (("07:30-11:30",), ("07:30-11:00",))
    weeks = await desk.told("facts", "list", "week")
    assert [(one["first"], one.get("sat")) for one in weeks] == [("2000-01-01", None), ("2027-03-31", ["07:30-11:30"])]
    after = (await desk.told("report", "month", "2027-02", "--draft"))["sites"][0]["service"]["promised_s"]
    april = (await desk.told("report", "month", "2027-04", "--draft"))["sites"][0]["service"]["promised_s"]
    assert before == after == 20 * 7 * 3600
    assert april == (18 * 7 + 4 * 3.5 + 4 * 4) * 3600
    bad = await browser.do("/calendar/plan", "calendar.week", tue="sáng")
    assert bad.flash == "thứ Ba: hãy viết như 07:30-11:30, 13:30-17:00." and 'value="sáng"' in bad.text
    assert len(await desk.told("facts", "list", "week")) == 2


async def test_hours_promised_and_held_are_those_of_the_report(tmp_path: Path) -> None:
    async with plan_desk(tmp_path) as desk:
        for day in range(1, 6):
            beats = ("begin", f"2027-03-{day:02}T00:00:00Z"), ("end", f"2027-03-{day:02}T08:30:00Z")
            await desk.cong("facts", "add", "heartbeat", *(f"{name}={at}" for name, at in beats))
            await desk.cong(
                "facts",
                "add",
                "pc_seen",
                "pc=PC01",
                f"at=2027-03-{day:02}T00:40:00Z",
                f"until=2027-03-{day:02}T09:30:00Z",
            )
        status, told = await desk.house.ask("GET", "/hours/2027-03")
        report = (await desk.told("report", "month", "2027-03"))["sites"][0]
        assert status == 200
        for name in ("promised_s", "held_s", "internet_s", "extra_s"):
            assert told[name] == report["service"][name], name
        assert told["held_s"] and isinstance(told["lost"], list)
        assert [one["seconds"] for one in told["lost"]] == [seconds for _, seconds in report["service"]["lost_s"]]
        browser = await desk.house.browser(Role.DESK)
        page = await browser.get("/calendar/hours?period=2027-03")  # kept by now
        assert page.status == 200 and "<svg" in page.text and "Chưa mở cửa" in page.text
        first = await browser.get("/calendar/hours?period=2025")
        assert "Đang tính" in first.text and 'data-live="/live/calendar/hours?period=2025"' in first.text
        assert (await desk.house.ask("GET", "/hours/2027-13"))[0] == 422


async def test_the_door_says_until_when(desk: PlanDesk) -> None:
    _, now = await desk.house.ask("GET", "/calendar/now")
    told = await desk.told("hours", "--from", "2027-03-31", "--days", "1")
    assert (now["is_open"], now["closes_at"]) == (True, "2027-03-31T11:00:00+07:00")
    assert told["days"][0]["open"][0] == "07:30-11:00"
    desk.house.clock.pass_s(3 * 3600)
    page = await (await desk.house.browser(Role.DESK)).get("/calendar")
    assert "mở lại thứ Tư 31/3/2027, lúc 13:30" in html.unescape(page.text)


async def test_a_month_far_off_and_no_month(desk: PlanDesk) -> None:
    browser = await desk.house.browser(Role.DESK)
    assert (await browser.get("/calendar?month=2031-02")).status == 200
    assert (await browser.get("/calendar?month=soon")).status == 422
    assert (await browser.get("/calendar/days/2027-02-30")).status == 422
