"""The desk's line: the truth of the commands, outages told by hand with who did it, evidence; hostile words."""

import asyncio
import hashlib
import html
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from markupsafe import escape

from gateway.ports_line import Beat
from gateway.service.line import Round, outage_number
from gateway.staff.roles import Role
from gateway.store.line import SqliteLine
from tests.edge import office_facts as office
from tests.edge.desk import CommandDesk
from tests.edge.desk_house import DeskHouse
from tests.edge.money_house import APRIL, money_house, told

HOSTILE = ("<script>alert(1)</script>", "'\"><img src=x onerror=alert(1)>", "\u202egnp.exe")


@pytest.fixture
def commands(tmp_path: Path) -> CommandDesk:
    desk = CommandDesk.at(tmp_path)
    outages = [one for one in office.march() if one["kind"] == "outage"]
    office.take(desk, *office.office(), *office.site(), *office.bills(), *outages)
    return desk


@pytest.fixture
async def house(commands: CommandDesk) -> AsyncIterator[DeskHouse]:
    async with money_house(commands.folder) as made:
        yield made


def entered(house: DeskHouse, number: str) -> list[dict[str, Any]]:
    """Revisions of an outage, with who told them and by what."""
    rows = house.rows(
        f"""SELECT f.rev, f.void, f.body, t.author, t.source FROM facts f JOIN tellings t ON t.id = f.telling_id
            WHERE f.kind = 'outage' AND f.key = '{number}' ORDER BY f.rev"""
    )
    return [{**row, "body": json.loads(str(row["body"]))} for row in rows]


async def test_the_month_is_that_of_the_commands(commands: CommandDesk, tmp_path: Path) -> None:
    listed = await asyncio.to_thread(commands.told, "line", "outages", "2027-03")
    (row,) = (await asyncio.to_thread(commands.told, "reconcile", "2027-03"))["rows"]
    async with money_house(tmp_path) as house:
        line = told(await house.ask("GET", "/line/2027-03"))
        assert {one["number"] for one in line["outages"]} == {one["id"] for one in listed}
        assert (line["isp_down_s"], line["availability_percent"]) == (36 * 60, "99.92")
        assert row["quality"]["down_s"] == line["isp_down_s"]
        assert line["days"][9]["down_s"]["isp"] == 36 * 60
        assert line["days"][11]["down_s"]["power"] == 45 * 60
        assert line["days"][11]["availability_percent"] == "100.00"
        assert [one["month"] for one in line["history"]][::11] == ["2026-04", "2027-03"]
        assert (line["mean_kbit_s"], line["speed_tests_counted"], line["speed_is_enough"]) == (92_400, 1, True)
        page = (await (await house.browser(Role.DESK)).get("/line?month=2027-03")).text
        assert "99,92%" in page and "SC-77" in page and "92,4 Mbit/s" in page and len(page) < 100_000


async def test_an_outage_by_hand_its_ticket_its_cause_and_its_end(house: DeskHouse) -> None:
    librarian = await house.browser(Role.LIBRARIAN)
    typed: dict[str, Any] = {"begin": "2027-04-05T14:00", "end": "", "cause": "isp", "note": "cả xã mất mạng"}
    for _ in range(2):  # a double click
        answer = await librarian.do("/line", "outage.add", **typed)
        assert answer.flash == "Đã ghi lần mất kết nối H20270405T070000."
    assert "Đang mất kết nối: Nhà mạng" in answer.text
    number = "H20270405T070000"
    (only,) = entered(house, number)
    assert (only["author"], only["source"]) == ("r-librarian", "desk outage.add")
    desk = await house.browser(Role.DESK)
    await desk.do(f"/line/outages/{number}", "outage.told", at="2027-04-05T14:10", ticket="SC-9")
    await librarian.do(f"/line/outages/{number}", "outage.cause", cause="planned", note="công văn 5/VT")
    moments: dict[str, Any] = {"begin": "2027-04-05T14:00:00", "end": "2027-04-05T15:00"}
    await librarian.do(f"/line/outages/{number}", "outage.correct", **moments)
    last = entered(house, number)[-1]["body"]
    assert (last["ticket"], last["reported_at"]) == ("SC-9", "2027-04-05T07:10:00Z")
    assert (last["cause"], last["end"]) == ("planned", "2027-04-05T08:00:00Z")
    assert [one["author"] for one in entered(house, number)] == ["r-librarian", "r-desk", "r-librarian", "r-librarian"]
    answer = await librarian.do(f"/line/outages/{number}", "outage.remove")
    assert answer.flash == f"Đã bỏ {number} khỏi sổ." and number not in answer.text.partition("</p>")[2]
    assert entered(house, number)[-1]["void"] == 1
    deeds = house.rows("SELECT act FROM audit ORDER BY id")
    assert [one["act"] for one in deeds][-4:] == ["outage.told", "outage.cause", "outage.correct", "outage.remove"]


async def test_what_can_not_be_is_refused_in_words_and_stores_nothing(house: DeskHouse) -> None:
    librarian = await house.browser(Role.LIBRARIAN)
    before = house.rows("SELECT COUNT(*) AS n FROM facts")
    future: dict[str, Any] = {"begin": f"{APRIL + timedelta(days=1):%Y-%m-%dT%H:%M}", "cause": "isp"}
    assert (await librarian.do("/line", "outage.add", **future)).flash.startswith("Thời điểm này chưa đến")
    turned: dict[str, Any] = {"begin": "2027-04-05T15:00", "end": "2027-04-05T14:00", "cause": "isp"}
    answer = await librarian.do("/line", "outage.add", **turned)
    assert "bắt đầu phải trước kết thúc" in answer.text and 'value="2027-04-05T15:00"' in answer.text
    gone, seen = (
        await house.ask("POST", "/line/outages/H1/told", {"ticket": "1"}),
        {"begin": "2027-03-10T14:00:00+07:00"},
    )
    assert gone[0] == 404
    told(await house.ask("PUT", "/line/outages/1", seen), 409)  # not one of ours by hand
    told(await house.ask("DELETE", "/line/outages/1"), 409)
    told(await house.ask("POST", "/line/speed-tests", {}), 409)  # nothing to measure against
    told(await house.ask("POST", "/line/outages", {**turned, "end": None}, role=Role.DESK), 403)
    for wrong in ({"begin": 7}, {"cause": "fate"}, {"note": "a" * 10_000}, {"note": "a\0b"}, {"site": "x"}):
        told(await house.ask("POST", "/line/outages", {"begin": "2027-04-05T14:00", "cause": "isp", **wrong}), 422)
    assert house.rows("SELECT COUNT(*) AS n FROM facts") == before


async def test_hostile_words_are_text(house: DeskHouse) -> None:
    librarian = await house.browser(Role.LIBRARIAN)
    for word in HOSTILE[:2]:
        await librarian.do("/line/outages/1", "outage.told", at="2027-03-10T14:10", ticket=word)
        for path in ("/line?month=2027-03", "/line/outages/1"):
            page = (await librarian.get(path)).text
            assert word not in page and str(escape(word)) in page
    answer = await librarian.do("/line/outages/1", "outage.told", at="2027-03-10T14:10", ticket=HOSTILE[2])
    assert "ký tự không in được" in answer.text
    assert (await librarian.get("/line?month=<script>")).status == 422
    assert (await librarian.get("/line/outages/%2e%2e%2f%2e%2e")).status in (404, 422)


async def test_the_log_is_the_file_its_hash_is_of(house: DeskHouse) -> None:
    at = datetime(2027, 4, 5, 1, 0, tzinfo=APRIL.tzinfo)
    lines = SqliteLine(house.database)
    for n in range(5):
        up = n == 4
        moment = at + timedelta(seconds=30 * n)
        one = Round(moment, carrier=True, first_hop=True, at_home=(up,), abroad=(up,))
        await lines.note(one, Beat(moment, 30.0 * n, "b", True))
    number = outage_number(at)
    librarian = await house.browser(Role.LIBRARIAN)
    line = told(await house.ask("GET", "/line/2027-04"))
    (outage,) = line["outages"]
    assert (outage["number"], outage["by_hand"], outage["lasted_s"]) == (number, False, 120)
    log = await librarian.get(f"/line/outages/{number}/log")
    assert "attachment" in log.headers["Content-Disposition"]
    assert hashlib.sha256(log.body).hexdigest() == outage["evidence_sha256"]
    page = (await librarian.get(f"/line/outages/{number}")).text
    assert str(outage["evidence_sha256"]) in page and log.text.splitlines()[0] in html.unescape(page)
