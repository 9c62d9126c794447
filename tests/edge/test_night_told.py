"""The nightly summary out of facts (counting 5.3): the specification's example to the letter, how the site stood."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import GatewayError
from gateway.reports.nightly_json import figures_tree
from tests.edge.desk import CommandDesk
from tests.edge.told_night import SITE, SUBJECT, TEXT, Told, at, facts, night, summary, take


@pytest.fixture
def desk(tmp_path: Path) -> CommandDesk:
    return CommandDesk.at(tmp_path)


def tree(desk: CommandDesk) -> Any:
    made = night(desk)
    return json.loads(json.dumps(figures_tree(made.figures, SITE, made.name, "vi", made.state)))


def test_the_specifications_example_to_the_letter(desk: CommandDesk) -> None:
    take(desk)
    told = summary(desk)
    assert (told.subject, told.text) == (SUBJECT, TEXT)
    assert summary(desk) == told, "the same again"


def test_english_mirrors_it(desk: CommandDesk) -> None:
    take(desk)
    told = summary(desk, language="en")
    assert told.subject == "[Thư viện Sa Thầy] Daily summary 31 Mar 2027: 46 visits, 9/10 PCs, 2 items to handle"
    assert told.text == (
        "Wednesday, 31 Mar 2027 – Thư viện Sa Thầy\n"
        "NEEDS ACTION: Computer PC07 not working since 29 Mar. Internet down 36 minutes (14:00–14:36), no ticket yet.\n"
        "Visits: 46 (mean of the last 4 Wednesdays: 43; +7.0%)\n"
        "PCs working: 9/10    Service hours: 6.1/7.0 (86.4%)\n"
        "Internet: 1 outage, 36 minutes; measured speed 92/100 Mb/s\n"
        "Refused: 311 requests (pay-to-play games 120, malicious advertising 97, gambling 61, other 33)\n"
        "March to date: 1,284 visits (same days last year 1,207; +6.38%) – goal met\n"
        "Data quality: complete. The month's report is locked on 5 Apr.\n"
    )


def test_short_form_is_one_paragraph_for_a_chat(desk: CommandDesk) -> None:
    take(desk)
    told = summary(desk).short
    assert told == (
        "Thư viện Sa Thầy, thứ Tư 31/3/2027: 46 lượt (trung bình 4 thứ Tư gần đây: 43; +7,0%); máy hoạt động 9/10; "
        "giờ phục vụ 6,1/7,0 (86,4%); Internet gián đoạn 1 lần, 36 phút; tốc độ đo 92/100 Mb/s; ngăn chặn 311 lượt. "
        "CẦN XỬ LÝ: Máy PC07 không hoạt động từ 29/3; Mất Internet 36 phút (14:00–14:36), chưa có mã sự cố. "
        "Lũy kế tháng 3: 1.284 lượt (cùng kỳ 1.207; +6,38%) – Đạt. Số liệu: đầy đủ."
    )
    assert len(told) <= 500


def test_json_has_each_figure_and_its_parts(desk: CommandDesk) -> None:
    take(desk)
    told = tree(desk)
    assert (told["visits"], told["sessions"], told["month_to_date"]["visits"]) == (46, 46, 1284)
    assert told["pcs"] == {"working": 9, "in_service": 10}
    assert told["service"] == {"promised_s": 420 * 60, "held_s": 363 * 60}
    assert told["line"] == {
        "outages": [{"start": at("14:00"), "stop": at("14:36"), "goes_on": False, "has_ticket": False}],
        "down_minutes": 36,
        "speed_kbit_s": "92000.0",
        "contracted_kbit_s": 100_000,
    }
    goal = told["goal"]
    assert (goal["before"], goal["change_percent"], goal["still_needed"]) == (1207, "6.38", 0)
    assert len(told["needs"]) == 2
    assert sum(told["refusals"]["by_category"].values()) == told["refusals"]["total"] == 311


def test_same_days_of_the_year_before_and_what_the_month_still_needs(desk: CommandDesk) -> None:
    take(desk)
    text = summary(desk, "2027-03-24").text
    assert "1.238 lượt (cùng kỳ 600; +106,33%) – Vượt; tháng này cần thêm 30 lượt để đạt chỉ tiêu, mỗi ngày" in text
    assert ", mỗi ngày phục vụ 6 lượt\n" in text


def test_a_register_of_whole_months_is_no_base_for_days(desk: CommandDesk) -> None:
    take(desk)
    take(desk, iter([{"kind": "hand_count", "month": "2026-03", "visits": 1300, "document": "Sổ theo dõi 2026"}]))
    text = summary(desk, "2027-03-24").text
    assert "Lũy kế tháng 3: 1.238 lượt (cả tháng này năm trước 1.300); tháng này cần thêm 127 lượt" in text
    text = summary(desk).text
    assert "1.284 lượt (cùng kỳ 1.300; -1,23%) – Chưa đạt; tháng này cần thêm 81 lượt để đạt chỉ tiêu\n" in text
    assert "cách đếm của kỳ gốc khác kỳ này, so sánh chỉ để tham khảo. Báo cáo tháng khóa ngày 05/4." in text


def test_a_ticket_or_a_repair_takes_an_item_off_the_list(desk: CommandDesk) -> None:
    take(desk)
    ticket = {"kind": "outage", "id": "2", "begin": at("14:00"), "end": at("14:36"), "cause": "isp"}
    seen: Told = {"kind": "pc_seen", "pc": "PC07", "at": at("09:00")}
    take(desk, [{**ticket, "ticket": "SC-1", "rev": 1}, seen])
    told = summary(desk)
    assert "CẦN XỬ LÝ" not in told.text
    assert told.subject.endswith("46 lượt, 10/10 máy")
    assert "gián đoạn 1 lần, 36 phút" in told.text, "the outage stays"


def test_faults_and_bills_are_told(desk: CommandDesk) -> None:
    take(desk)
    more: list[Told] = [
        {"kind": "pc_fault", "pc": "PC02", "begin": at("10:00", "2027-03-12"), "what": "màn hình"},
        {
            "kind": "contract", "code": "HD-12", "isp": "Viễn thông A", "first": "2026-03-01", "rev": 1,
            "speed_kbit_s": 100_000, "credit": "phut",
        },
        {"kind": "price", "contract": "HD-12", "first": "2026-03-01", "month_vnd": 350_000},
    ]  # fmt: skip
    take(desk, more)
    assert "hợp đồng" not in summary(desk).text, "no VAT rate is told: nothing can be expected yet"
    desk.cong("facts", "add", "vat", "first=2026-01-01", "percent=10")
    told = summary(desk)
    text = told.text
    assert "Máy PC02 hỏng từ 12/3. Máy PC07 không hoạt động từ 29/3. Mất Internet" in text
    assert "Cước tháng 2/2027, hợp đồng HD-12: thiếu hóa đơn." in text
    assert told.subject.endswith("8/10 máy, 4 việc cần xử lý")


def test_a_day_nothing_tells_of_has_no_summary(desk: CommandDesk) -> None:
    take(desk)
    assert "there are no figures of 2025-03-31" in desk.refused("nightly", "--date", "2025-03-31")
    with pytest.raises(GatewayError, match="there are no figures"):
        night(desk, site="elsewhere")


def test_facts_in_another_order_or_twice_give_the_same_bytes(desk: CommandDesk) -> None:
    take(desk)
    first = tree(desk)
    take(desk, reversed(list(facts())))
    assert tree(desk) == first


def test_a_day_that_was_not_promised_tells_pcs_as_they_stood_last(desk: CommandDesk) -> None:
    take(desk)
    saturday = "2027-04-03"
    take(desk, [{"kind": "heartbeat", "begin": at("08:00", saturday), "end": at("12:00", saturday)}])
    span = {"begin": at("09:00", saturday), "end": at("10:00", saturday)}
    take(desk, [{"kind": "outage", "id": "7", **span, "cause": "isp", "ticket": "SC-7"}])
    told = summary(desk, saturday, now=datetime.fromisoformat("2027-04-04T08:00:00+07:00"))
    assert told.subject == "[Thư viện Sa Thầy] Tổng hợp ngày 3/4/2027: 0 lượt, 9/10 máy, 1 việc cần xử lý"
    assert "Máy PC07 không hoạt động từ 29/3." in told.text and "Giờ phục vụ" not in told.text
    assert "Internet: gián đoạn 1 lần, 60 phút\n" in told.text
