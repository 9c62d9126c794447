"""PCs, outages, contracts and invoices typed in by hand, with who did it; live figures beside them."""

import sqlite3
from pathlib import Path

import pytest

from tests.edge.desk import CommandDesk


@pytest.fixture
def desk(tmp_path: Path) -> CommandDesk:
    return CommandDesk.at(tmp_path)


def test_a_pc_from_purchase_to_repair(desk: CommandDesk) -> None:
    for number in range(1, 11):
        desk.cong("pc", "add", f"PC{number:02}", "--bought", "2020-01-02", "--place", "Phòng máy", "--cost", "9500000")
    desk.cong("pc", "fault", "PC07", "không khởi động", "--since", "2027-03-10 00:00", "--reported", "--by", "Lan")
    assert "open fault already" in desk.refused("pc", "fault", "PC07", "hỏng")
    listed = {one["code"]: one["open_fault"] for one in desk.told("pc", "list")}
    assert listed["PC07"]["what"] == "không khởi động" and listed["PC01"] is None
    desk.cong("pc", "repair", "PC07", "thay nguồn", "--at", "2027-03-13 00:00", "--cost", "450000", "--by", "Minh")
    assert "no open fault" in desk.refused("pc", "repair", "PC07", "thay nguồn")
    key = "PC07|2027-03-09T17:00:00Z"
    assert [one["by"] for one in desk.told("facts", "history", "pc_fault", key)] == ["Lan", "Minh"]
    made = desk.told("report", "month", "2027-03")
    rows = {one["pc"]: one["days_out"] for one in made["sites"][0]["pcs"]}
    assert rows["PC07"] == 3 and rows["PC01"] == 0
    assert made["total"]["pcs"] == {"part": 10, "whole": 10}
    counted = made["total"]["counted"]
    assert (counted["pc_days_ok"], counted["pc_days"]) == (227, 230)  # GV-G
    desk.cong("pc", "retire", "PC10", "2027-03-31")
    assert desk.told("report", "month", "2027-03")["total"]["pcs"]["whole"] == 9


def test_an_unknown_pc_is_refused(desk: CommandDesk) -> None:
    assert "there is no pc PC99 at sa-thay" in desk.refused("pc", "fault", "PC99", "hỏng")


def test_an_outage_and_when_the_isp_was_told(desk: CommandDesk) -> None:
    outage = desk.told("line", "outage", "2027-03-31 14:00", "2027-03-31 14:36", "--cause", "isp", "--by", "Lan")
    desk.cong("line", "told", outage["id"], "--at", "2027-03-31 14:10", "--ticket", "SC-123")
    (listed,) = desk.told("line", "outages", "2027-03")
    assert (listed["begin"], listed["ticket"]) == ("2027-03-31T07:00:00Z", "SC-123")
    assert desk.told("line", "outages", "2027-01") == []
    (row,) = desk.told("report", "month", "2027-03")["sites"][0]["incidents"]
    assert (row["lasted_s"], row["within_hours_s"], row["cause"]) == (36 * 60, 36 * 60, "isp")
    assert "is before begin" in desk.refused("line", "outage", "2027-03-31 14:00", "2027-03-31 13:00", "--cause", "isp")


def test_a_contract_with_its_prices_and_an_invoice_by_hand(desk: CommandDesk) -> None:
    desk.cong("contract", "add", "HD1", "--isp", "A", "--from", "2026-01-01", "--price", "385000", "--with-vat")
    desk.cong("contract", "price", "HD1", "400000", "--from", "2027-05-01")
    desk.cong("facts", "add", "vat", "first=2020-01-01", "percent=10")
    words = ["--seller", "0100000000", "--series", "C27TAA", "--number", "1", "--dated", "2027-04-30"]
    desk.cong("invoice", "add", *words, "--contract", "HD1", "--month", "2027-04", "--total", "385000")
    (row,) = desk.told("reconcile", "2027-04")["rows"]
    assert (row["expected_vnd"], row["status"]) == (385_000, "khớp")
    assert desk.told("reconcile", "2027-05")["rows"][0]["expected_vnd"] == 440_000
    desk.cong("contract", "end", "HD1", "2027-04-30")
    assert desk.told("reconcile", "2027-05")["rows"] == []
    assert "there is no contract HD2" in desk.refused("contract", "price", "HD2", "1", "--from", "2027-01-01")


def test_what_the_gateway_counted_is_told_and_exported_like_imported_facts(desk: CommandDesk, tmp_path: Path) -> None:
    desk.cong("facts", "list", "pc")  # makes the database
    with sqlite3.connect(desk.folder / "cong.sqlite") as sql:
        sql.execute("INSERT INTO clients VALUES (7, '02:00:5e:10:00:07', NULL, 1806454800)")
        for number, opened, stopped in ((1, 1806454800, 1806456300), (2, 1806456900, 1806458100)):
            sql.execute(
                """INSERT INTO sessions (id, client_id, kind, method, profile, session_s, idle_s, opened_at, boot_id,
                     opened_boot_s, active_boot_s, state, cause, stopped_at, total_up_bytes, total_down_bytes)
                   VALUES (?, 7, 'wifi', 'click', 'library', 7200, 900, ?, 'b', 0, 0, 'closed', 'user-request', ?,
                     5, 70)""",
                (number, opened, stopped),
            )
            sql.execute("INSERT INTO usage VALUES (?, ?, 1, 5, 70, 1)", (stopped, number))
        sql.execute(
            "INSERT INTO starts (started_at, boot_id, alive_at, stopped) VALUES (1806451200, 'b', 1806490000, 0)"
        )
        sql.execute("INSERT INTO refusals VALUES (1806454800, 'library', 'gambling', 3)")
    sql.close()
    live = desk.told("report", "month", "2027-03")
    counted = live["total"]["counted"]
    assert (counted["visits"], counted["sessions"], counted["use_s"]) == (1, 2, 2700)
    assert (counted["up_bytes"], counted["down_bytes"], counted["blocked"]) == (10, 140, 3)
    desk.cong("facts", "export", str(tmp_path / "all.jsonl"))
    (tmp_path / "b").mkdir()
    other = CommandDesk.at(tmp_path / "b")
    other.cong("facts", "import", str(tmp_path / "all.jsonl"))
    assert other.told("report", "month", "2027-03") == live
    assert "02:00" not in (tmp_path / "all.jsonl").read_text(encoding="utf-8")
