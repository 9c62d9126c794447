"""Signed reports never change; what comes out otherwise later stands as an adjustment, once."""

import asyncio
import json
import re
import sqlite3
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.register import Desk, at_register
from gateway.flows.signed_reports import Asked, Printed, lock_months, printed_report
from gateway.ports_counts import ToldMonth
from gateway.reports.report_body import report_of
from gateway.store.db import Database
from gateway.store.signed_reports import SqliteReports
from tests.edge.desk import CommandDesk
from tests.edge.test_period_reports import session, take

ZONE = timezone(timedelta(hours=7))
# the command reads the true clock: periods that are over on any day it may run
MARCH, APRIL, MAY = "2025-03", "2025-04", "2025-05"
HEAD = ("first=2025-01-01", "parent_body=UBND xã", "place=Sa Thầy", "symbol=BC-TV")
SIGN = ("report", "sign", "month", MARCH, "--number", "12/BC-TV", "--date", "2025-04-05", "--by", "hoa")


@pytest.fixture
def desk(tmp_path: Path) -> CommandDesk:
    made = CommandDesk.at(tmp_path)
    made.cong("facts", "add", "letterhead", *HEAD, "issuing_body=Thư viện xã")
    came(made, 1, "2025-03-10")
    came(made, 2, "2025-04-10")
    return made


def came(desk: CommandDesk, number: int, day: str) -> None:
    """A session of 25 minutes, told as a late bundle would be."""
    take(desk, session(str(number), "wifi", f"d{number}", f"{day}T08:00:00+07:00", f"{day}T08:25:00+07:00"))


def adjusted(made: Any) -> list[tuple[str, str, int, int, int]]:
    return [
        (one["month"][:7], one["figure"], one["signed"], one["counted"], one["difference"])
        for one in made["adjustments"]
        if one["figure"] in ("visits", "use_s")
    ]


def test_a_signed_report_is_printed_as_it_stands_byte_for_byte(desk: CommandDesk) -> None:
    draft = desk.told("report", "month", MARCH)
    assert draft["signed"] is None and "DỰ THẢO" in desk.cong("report", "month", MARCH)
    assert desk.cong(*SIGN).startswith("2025-03: signed, number 12/BC-TV of 2025-04-05; SHA-256 ")
    signed = desk.cong("report", "month", MARCH, "--json")
    tree = json.loads(signed)
    assert {**tree, "signed": None} == draft
    assert (tree["signed"]["number"], tree["signed"]["dated_on"]) == ("12/BC-TV", "2025-04-05")
    assert tree["signed"]["author"] == "hoa"
    came(desk, 3, "2025-03-11")
    assert desk.cong("report", "month", MARCH, "--json") == signed
    text = desk.cong("report", "month", MARCH)
    assert text.startswith("Số: 12/BC-TV, ngày 05 tháng 4 năm 2025 (đã ký, số liệu không thay đổi)")
    now = desk.told("report", "month", MARCH, "--draft")
    assert (now["signed"], now["total"]["counted"]["visits"]) == (None, 2)
    assert adjusted(now) == [("2025-03", "use_s", 1500, 3000, 1500), ("2025-03", "visits", 1, 2, 1)]


def test_a_correction_stands_in_the_next_report_until_that_is_signed(desk: CommandDesk) -> None:
    desk.cong(*SIGN)
    came(desk, 3, "2025-03-11")
    correction = [("2025-03", "use_s", 1500, 3000, 1500), ("2025-03", "visits", 1, 2, 1)]
    made = desk.told("report", "month", APRIL)
    assert adjusted(made) == correction == adjusted(desk.told("report", "month", MAY))
    assert made["sites"][0]["quality"]["adjustments"] == len(made["adjustments"]) > 1
    assert made["total"]["counted"]["visits"] == 1  # April's own figures are not moved by it
    text = desk.cong("report", "month", APRIL)
    assert "Điều chỉnh số liệu đã ký hoặc đã khóa:" in text
    assert "  sa-thay, tháng 3/2025, Lượt người sử dụng: đã báo cáo 1, nay 2 (+1)" in text
    desk.cong("report", "sign", "month", APRIL, "--number", "15/BC-TV", "--date", "2025-05-05")
    assert adjusted(desk.told("report", "month", APRIL)) == correction  # it stands in the report that told it
    assert adjusted(desk.told("report", "month", MAY)) == []
    came(desk, 4, "2025-03-12")
    assert adjusted(desk.told("report", "month", MAY))[1] == ("2025-03", "visits", 2, 3, 1)
    assert adjusted(desk.told("report", "year", "2025"))[1] == ("2025-03", "visits", 2, 3, 1)
    assert [one["period"] for one in desk.told("report", "signed")] == [MARCH, APRIL]


def test_what_can_not_be_signed_is_refused_with_the_reason(desk: CommandDesk) -> None:
    assert desk.told(*SIGN)["new"] is True
    assert desk.told(*SIGN)["new"] is False  # the same click twice
    other = desk.refused("report", "sign", "month", MARCH, "--number", "13/BC-TV", "--date", "2025-04-05")
    assert "signed already: number 12/BC-TV of 2025-04-05, entered by hoa; a signed report never changes" in other
    assert "signed already" in desk.refused(
        "report", "sign", "month", MARCH, "--number", "12/BC-TV", "--date", "2025-04-06"
    )
    future = desk.refused("report", "sign", "year", "9000", "--number", "1/BC", "--date", "9001-01-05")
    assert "9000 is not over: its last day is 9000-12-31" in future
    early = desk.refused("report", "sign", "month", APRIL, "--number", "1/BC", "--date", "2025-04-30")
    assert "can't be dated 2025-04-30" in early
    assert '"2025-13" is no month' in desk.refused(
        "report", "sign", "month", "2025-13", "--number", "1", "--date", "2025-05-05"
    )
    assert "no number of a paper" in desk.refused(
        "report", "sign", "month", APRIL, "--number", " ", "--date", "2025-05-05"
    )
    assert "is no day" in desk.refused("report", "sign", "month", APRIL, "--number", "1", "--date", "5/5/2025")
    nowhere = ("--number", "1", "--date", "2025-05-05", "--site", "x")
    assert "nothing is known of a site x" in desk.refused("report", "sign", "month", APRIL, *nowhere)
    assert [one["period"] for one in desk.told("report", "signed")] == [MARCH]


def test_nothing_is_signed_where_nothing_is_known(tmp_path: Path) -> None:
    empty = CommandDesk.at(tmp_path)
    made = at_register(
        tmp_path / "cong.toml", lambda desk: printed_report(desk.all_facts(), Asked.of("month", MARCH, None))
    )
    assert [one.site for one in made.report.sites] == ["sa-thay"]  # the configuration's own site, all zeros
    assert empty.told("report", "signed") == []


def test_without_a_letterhead_nothing_is_signed(tmp_path: Path) -> None:
    desk = CommandDesk.at(tmp_path)
    came(desk, 1, "2025-03-10")
    assert "the letterhead is not known" in desk.refused(*SIGN)
    assert desk.told("report", "signed") == []


def test_nothing_overwrites_and_what_is_damaged_is_not_printed(desk: CommandDesk) -> None:
    desk.cong(*SIGN)
    with sqlite3.connect(desk.folder / "cong.sqlite") as sql:
        for change in (
            "UPDATE signed_reports SET number = '1'", "DELETE FROM signed_reports",
            "UPDATE told_months SET figures = '{}'", "DELETE FROM told_months",
        ):  # fmt: skip
            with pytest.raises(sqlite3.IntegrityError, match=r"signed report|what was told"):
                sql.execute(change)
        sql.execute("DROP TRIGGER signed_reports_never_change")
        sql.execute("UPDATE signed_reports SET papers = replace(papers, 'BÁO CÁO', 'BÁO')")
        sql.commit()
        file = str(desk.folder / "damaged.html")
        assert "is damaged" in desk.refused("report", "month", MARCH, "--to", file) and not Path(file).exists()
        sql.execute("UPDATE signed_reports SET body = replace(body, '1500', '1501')")
    sql.close()
    assert "is damaged" in desk.refused("report", "month", MARCH)
    assert "DỰ THẢO" in desk.cong("report", "month", MARCH, "--draft")


def test_papers_of_a_signed_report_are_written_as_they_were_signed_whatever_comes_later(desk: CommandDesk) -> None:
    desk.cong(*SIGN)
    files = [desk.folder / f"march.{form}" for form in ("html", "csv", "docx", "xlsx")]

    def written(*more: str) -> list[bytes]:
        for file in files:
            desk.cong("report", "month", MARCH, "--to", str(file), *more)
        return [file.read_bytes() for file in files]

    before, english = written(), written("--language", "en")
    assert "Thư viện xã" in before[0].decode() and "DỰ THẢO" not in before[0].decode() and before[0] != english[0]
    desk.cong("facts", "add", "letterhead", *HEAD, "issuing_body=Trung tâm khác")
    desk.cong("facts", "add", "vat", "first=2020-01-01", "percent=10")
    desk.cong("contract", "add", "HD-1", "--isp", "Viễn thông A", "--from", "2025-01-01", "--price", "350000")
    came(desk, 9, "2025-03-12")
    assert (written(), written("--language", "en")) == (before, english)
    assert "Trung tâm khác" in written("--draft")[0].decode()


async def test_of_two_who_sign_at_once_the_first_stands(desk: CommandDesk) -> None:
    await asyncio.to_thread(desk.cong, *SIGN)
    async with Database.opened(desk.folder / "cong.sqlite") as database:
        store = SqliteReports(database)
        first = await store.signed("month", MARCH, None)
        assert first is not None
        late = ToldMonth("sa-thay", date(2025, 3, 1), {"visits": 99})
        assert await store.sign(replace(first, sha256="x", body="y"), [late]) == first
        assert (await store.told("sa-thay", date(2025, 3, 1), date(2025, 3, 1)))[date(2025, 3, 1)]["visits"] == 1


def test_a_report_is_read_back_from_its_text_with_every_part(desk: CommandDesk) -> None:
    outage = {"kind": "outage", "id": "1", "begin": "2025-03-10T08:00:00+07:00", "end": "2025-03-10T09:00:00+07:00"}
    take(
        desk,
        {**outage, "cause": "isp"},
        {"kind": "pc", "code": "PC01", "bought_on": "2020-01-01"},
        {"kind": "blocked", "day": "2025-03-10", "category": "x", "count": 3},
        {"kind": "hand_count", "month": "2024-03", "visits": 3, "document": "Sổ"},
    )
    for asked in (Asked.of("month", MARCH, None), Asked.of("year", "2025", None)):
        made = printed(desk, asked)
        assert report_of(made.body) == made.report


def at(desk: CommandDesk, work: Callable[[Desk], Coroutine[Any, Any, Any]]) -> Any:
    return at_register(desk.folder / "cong.toml", work)


def printed(desk: CommandDesk, asked: Asked) -> Printed:
    made: Printed = at(desk, lambda opened: printed_report(opened.all_facts(), asked))
    return made


def lock(desk: CommandDesk, *when: int) -> list[str]:
    now = datetime(*when, tzinfo=ZONE)  # type: ignore[misc,arg-type]
    kept: list[ToldMonth] = at(desk, lambda opened: lock_months(opened.all_facts(), now, ZONE, 5))
    return [f"{one.month:%Y-%m}" for one in kept]


def test_an_unsigned_month_is_locked_at_the_end_of_day_five_once(desk: CommandDesk) -> None:
    assert lock(desk, 2025, 4, 5, 23, 59) == ["2025-02"]  # the first night: the latest that is past its lock
    assert lock(desk, 2025, 4, 6, 0, 0) == [MARCH]
    assert lock(desk, 2025, 4, 6, 21, 30) == []
    came(desk, 3, "2025-03-11")
    assert lock(desk, 2025, 4, 7, 21, 30) == []
    correction = [("2025-03", "use_s", 1500, 3000, 1500), ("2025-03", "visits", 1, 2, 1)]
    assert adjusted(desk.told("report", "month", MARCH)) == correction == adjusted(desk.told("report", "month", APRIL))
    # who signs the month afterwards tells the correction with it
    desk.cong(*SIGN)
    assert adjusted(desk.told("report", "month", MARCH)) == correction
    assert adjusted(desk.told("report", "month", APRIL)) == []
    # a box that was off for three months makes them up; what was signed meanwhile is not told again
    desk.cong("report", "sign", "month", MAY, "--number", "20/BC-TV", "--date", "2025-06-05")
    assert lock(desk, 2025, 7, 20, 21, 30) == [APRIL, "2025-06"]


def test_a_month_signed_before_its_lock_is_not_locked(desk: CommandDesk) -> None:
    desk.cong(*SIGN)
    assert lock(desk, 2025, 4, 6, 0, 0) == []


def test_a_site_alone_and_all_of_them_are_papers_of_their_own(desk: CommandDesk) -> None:
    desk.cong(*SIGN)
    desk.cong("report", "sign", "month", MARCH, "--number", "13/BC-TV", "--date", "2025-04-05", "--site", "sa-thay")
    alone, whole = (desk.told("report", "month", MARCH, *more) for more in (("--site", "sa-thay"), ()))
    assert [one["signed"]["number"] for one in (alone, whole)] == ["13/BC-TV", "12/BC-TV"]
    came(desk, 3, "2025-03-11")
    assert adjusted(desk.told("report", "month", APRIL))[1] == ("2025-03", "visits", 1, 2, 1)


def test_counting_all_anew_changes_no_report_and_no_signature(desk: CommandDesk) -> None:
    desk.cong(*SIGN)
    before = [desk.cong("report", "month", month, "--json") for month in (MARCH, APRIL)]
    assert desk.told("report", "recount") == {"months": 2}
    assert [desk.cong("report", "month", month, "--json") for month in (MARCH, APRIL)] == before


def test_a_paper_of_a_signed_report_has_its_number_its_date_and_its_data(desk: CommandDesk) -> None:
    head = ("parent_body=UBND xã", "issuing_body=Thư viện xã", "place=Sa Thầy", "symbol=BC-TV")
    desk.cong("facts", "add", "letterhead", "first=2020-01-01", *head)
    desk.cong(*SIGN)
    came(desk, 3, "2025-03-11")
    texts = []
    for name, more in (("signed.html", ()), ("draft.html", ("--draft",))):
        desk.cong("report", "month", MARCH, "--to", str(desk.folder / name), *more)
        page = (desk.folder / name).read_text(encoding="utf-8")
        texts.append(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))
    assert "Số: 12/BC-TV" in texts[0] and "ngày 05 tháng 4 năm 2025" in texts[0] and "DỰ THẢO" not in texts[0]
    assert "đã phục vụ 1 lượt" in texts[0] and "đã phục vụ 2 lượt" in texts[1]
    assert "12/BC-TV" not in texts[1] and "DỰ THẢO" in texts[1]
    assert (
        "Điều chỉnh số liệu đã ký hoặc đã khóa" in texts[1] and "Điều chỉnh số liệu đã ký hoặc đã khóa" not in texts[0]
    )
