"""Reports at the desk: figures and papers are the commands', a signature is for ever; the night's summary and mail."""

import asyncio
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.ports_mail import Letter, MailKind, NewMail
from gateway.staff.roles import Role
from gateway.store.mails import SqliteMails
from tests.edge import office_facts as office
from tests.edge.desk import CommandDesk
from tests.edge.mail_server import mail_server
from tests.edge.money_house import LETTERHEAD, money_house, told

MAY = datetime(2026, 5, 10, 2, 0, tzinfo=UTC)
HAND: list[office.Told] = [
    {"kind": "hand_count", "site": office.SITE, "month": f"{year}-{month:02}", "visits": visits, "served_s": 500_000,
     "document": "Sổ"}
    for year, month, visits in ((2024, 4, 1000), (2025, 4, 1207), (2026, 4, 1284), (2026, 3, 900))
]  # fmt: skip


@pytest.fixture
def commands(tmp_path: Path) -> CommandDesk:
    desk = CommandDesk.at(tmp_path)
    office.take(desk, LETTERHEAD, *office.site(), *HAND, {"kind": "vat", "first": "2020-01-01", "percent": "10"})
    return desk


async def test_figures_and_files_are_those_of_the_command(commands: CommandDesk, tmp_path: Path) -> None:
    printed = await asyncio.to_thread(commands.cong, "report", "month", "2026-04", "--json")
    command = json.loads(printed)
    async with money_house(tmp_path, MAY) as house:
        found = told(await house.ask("GET", "/reports/month/2026-04"))
        assert found["visits"] == command["total"]["counted"]["visits"] == 1284
        assert (found["before"], found["percent"], found["rating"]) == (1207, 6.3795, command["growth"]["rating"])
        assert (found["signature"], found["is_over"], found["still_needed"]) == (None, True, 0)
        librarian = await house.browser(Role.LIBRARIAN)
        shell = await librarian.get("/reports/month/2026-04")
        assert "Dự thảo" in shell.text and 'hx-get="/reports/month/2026-04/figures"' in shell.text
        page = (await librarian.get("/reports/month/2026-04/figures")).text
        assert (
            "1.284" in page and "+6,38%" in page and "Đạt" in page and page.count("<svg") >= 4 and len(page) < 100_000
        )
        assert command["sites"][0]["name"] in page
        kept = await librarian.get("/reports/month/2026-04/file/json")
        assert kept.text == printed
        for kind, magic in (("docx", b"PK"), ("pdf", b"%PDF")):
            file = await librarian.get(f"/reports/month/2026-04/file/{kind}")
            assert file.body.startswith(magic), file.text[:500]
            assert f'filename="bao-cao-2026-04.{kind}"' in file.headers["Content-Disposition"]
        shown = await librarian.get("/reports/month/2026-04/file/html")
        assert "DỰ THẢO" in shown.text and "sandbox" in shown.headers["Content-Security-Policy"]
        for path in ("/reports/month/2026-Q1", "/reports/year/2026-04/figures", "/reports/month/9999-01/sign"):
            assert (await librarian.get(path)).status == 422
        assert (await (await house.browser(Role.DESK)).get("/reports")).status == 403


async def test_a_report_is_signed_as_it_was_looked_at_and_never_again(commands: CommandDesk, tmp_path: Path) -> None:
    async with money_house(tmp_path, MAY) as house:
        librarian = await house.browser(Role.LIBRARIAN)
        sure = "/reports/month/2026-04/sign?number=12/BC-TV&dated_on=2026-05-05"
        asked = await librarian.get(sure)
        assert "12/BC-TV" in asked.text and "05/5/2026" in asked.text and "1.284" in asked.text
        late: office.Told = {**HAND[2], "visits": 1285, "rev": 1}
        await asyncio.to_thread(office.take, commands, late)
        changed = await librarian.send("/do/report.sign", asked.form("report.sign"))
        assert changed.flash.startswith("Số liệu vừa thay đổi") and house.rows("SELECT * FROM signed_reports") == []
        house.clock.pass_s(31)  # figures are kept for half a minute
        done = await librarian.do(sure, "report.sign")
        assert done.flash == "Đã chốt báo cáo 2026-04 với số 12/BC-TV."
        (row,) = house.rows("SELECT form, period, number, dated_on, author, sha256 FROM signed_reports")
        expected = ("month", "2026-04", "12/BC-TV", "2026-05-05", "r-librarian")
        assert tuple(row.values())[:5] == expected
        (listed,) = told(await house.ask("GET", "/reports/signed"))["reports"]
        assert listed["sha256"] == row["sha256"]
        body = {"number": "13/BC-TV", "dated_on": "2026-05-05", "figures": "0" * 64}
        path = "/reports/month/2026-04/signature"
        told(await house.ask("POST", path, {**body, "number": "12/BC-TV"}))  # the same click twice
        told(await house.ask("POST", path, body), 409)
        told(await house.ask("POST", path, body, role=Role.AUDITOR), 403)
        told(await house.ask("POST", "/reports/month/2026-05/signature", body), 409)  # it is not over
        told(await house.ask("POST", "/reports/month/2026-03/signature", {**body, "dated_on": "2026-03-31"}), 409)
        for wrong in ({"figures": ""}, {"number": ""}, {"number": "a" * 61}, {"number": "a\nb"}):
            told(await house.ask("POST", path, {**body, **wrong}), 422)
        assert len(house.rows("SELECT 1 FROM signed_reports")) == 1
        page = (await librarian.get("/reports")).text
        assert "12/BC-TV" in page and str(row["sha256"])[:16] in page
        signed = await librarian.get("/reports/month/2026-04/file/json")
        assert json.loads(signed.text)["signed"]["number"] == "12/BC-TV"
        (deed, *_) = house.rows("SELECT act FROM audit WHERE act = 'report.sign'")
        assert deed


async def test_without_a_letterhead_nothing_is_signed(tmp_path: Path) -> None:
    desk = CommandDesk.at(tmp_path)
    await asyncio.to_thread(office.take, desk, *office.site(), *HAND)
    async with money_house(tmp_path, MAY) as house:
        librarian = await house.browser(Role.LIBRARIAN)
        page = await librarian.get("/reports/month/2026-04/sign?number=1/BC&dated_on=2026-05-05")
        assert page.status == 409 and "Chưa có thông tin đầu trang" in page.text


async def test_years_stand_against_the_goal(commands: CommandDesk, tmp_path: Path) -> None:
    command = await asyncio.to_thread(commands.told, "report", "years")
    async with money_house(tmp_path, MAY) as house:
        found = told(await house.ask("GET", "/reports/years?years=5"))["years"]
        assert [(one["year"], one["visits"], one["before"]) for one in found] == [
            (one["year"], one["visits"], one["before"]) for one in command
        ]
        assert [one["visits"] for one in found] == [1000, 1207, 2184]
        librarian = await house.browser(Role.LIBRARIAN)
        page = (await librarian.get("/reports/years")).text
        assert "2.184" in page and "<svg" in page


async def test_the_night_is_told_as_the_command_tells_it(commands: CommandDesk, tmp_path: Path) -> None:
    open_day: list[office.Told] = [
        {"kind": "heartbeat", "site": office.SITE, "begin": "2026-04-08T07:00:00+07:00",
         "end": "2026-04-08T18:00:00+07:00"},
        {"kind": "session", "site": office.SITE, "id": "1", "device": "1", "access": "wifi",
         "start": "2026-04-08T09:00:00+07:00", "stop": "2026-04-08T09:40:00+07:00"},
    ]  # fmt: skip
    await asyncio.to_thread(office.take, commands, *open_day)
    printed = await asyncio.to_thread(commands.cong, "nightly", "--date", "2026-04-08")
    async with money_house(tmp_path, MAY) as house:
        night = told(await house.ask("GET", "/nights/2026-04-08"))
        assert night["text"] == printed.strip() and "08/4/2026" in printed.replace("8/4", "08/4").replace("008", "08")
        librarian = await house.browser(Role.LIBRARIAN)
        page = await librarian.get("/reports/night?day=2026-04-08&now=1")
        assert printed.splitlines()[0] in page.text
        told(await house.ask("GET", "/nights/2026-05-11"), 409)
        assert "refused" not in (await librarian.get("/reports/night?day=2026-05-11&now=1")).text


async def test_mails_are_shown_and_a_test_without_a_server_is_refused(commands: CommandDesk, tmp_path: Path) -> None:
    del commands
    async with money_house(tmp_path, MAY) as house:
        queue = SqliteMails(house.database)
        letter = Letter("<b>Tổng hợp</b>", "x", "x", "x")
        mail = NewMail(office.SITE, MailKind.NIGHT, date(2026, 5, 9), date(2026, 5, 9), "<1@x>", letter)
        await queue.add(mail, ["tv@example.vn"], MAY)
        mails = told(await house.ask("GET", "/mails"))
        assert (mails["is_on"], mails["mails"][0]["deliveries"][0]["state"]) == (False, "waiting")
        page = (await (await house.browser(Role.LIBRARIAN)).get("/reports/mail")).text
        assert "&lt;b&gt;Tổng hợp&lt;/b&gt;" in page and "<b><b>" not in page
        sent: dict[str, Any] = {"address": "tv@example.vn"}
        told(await house.ask("POST", "/mails/test", sent), 409)
        for wrong in ("x", "-a@b.vn", "a b@c.vn", "a@b.vn\nBcc: c@d.vn"):
            told(await house.ask("POST", "/mails/test", {"address": wrong}), 422)


async def test_recipients_are_changed_and_a_test_is_mailed(commands: CommandDesk, tmp_path: Path) -> None:
    with mail_server() as server:
        mail = f"""[mail]
server = "127.0.0.1"
port = {server.port}
tls = "none"
sender = "tv@example.vn"
recipients = ["lan@example.vn"]
"""
        config = tmp_path / "cong.toml"
        config.write_text(config.read_text(encoding="utf-8") + mail, encoding="utf-8")
        async with money_house(tmp_path, MAY) as house:
            chief = await house.browser(Role.ADMINISTRATOR)
            answer = await chief.do("/reports/mail", "mail.recipients", recipients="minh@example.vn\r\nlan@example.vn")
            assert answer.flash == "Đã lưu: thư hằng đêm đi tới 2 địa chỉ."
            assert told(await house.ask("GET", "/mails"))["recipients"] == ["minh@example.vn", "lan@example.vn"]
            command = await asyncio.to_thread(commands.told, "settings", "list")
            assert command["settings"]["mail.recipients"]["origin"] == "desk"
            none = await chief.do("/reports/mail", "mail.recipients", recipients="")
            assert none.flash == "Phải còn ít nhất một người nhận."
            told(await house.ask("PUT", "/mails/recipients", {"recipients": ["x"]}), 422)
            told(await house.ask("PUT", "/mails/recipients", {"recipients": []}, role=Role.LIBRARIAN), 403)
            sent = await chief.do("/reports/mail", "mail.test", address="minh@example.vn")
            assert sent.flash.startswith("Máy chủ đã nhận thư gửi minh@example.vn")
            (mailed,) = server.received
            assert mailed.recipients == ("minh@example.vn",)
            server.script.recipients["minh@example.vn"] = ["550 no such user"]
            refused = await chief.do("/reports/mail", "mail.test", address="minh@example.vn")
            assert (
                refused.flash.startswith("Máy chủ không nhận thư cho địa chỉ này") and "no such user" in refused.flash
            )
