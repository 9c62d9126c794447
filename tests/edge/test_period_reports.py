"""cong report and cong reconcile on imported facts: the specification's golden vectors through the whole program."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from gateway.facts.lines import header
from tests.edge.desk import CommandDesk

SITE = "sa-thay"


@pytest.fixture
def desk(tmp_path: Path) -> CommandDesk:
    return CommandDesk.at(tmp_path)


def take(desk: CommandDesk, *facts: Mapping[str, object]) -> None:
    text = "\n".join([header(), *(json.dumps({"site": SITE, **one}) for one in facts)])
    desk.cong("facts", "import", desk.file("facts.jsonl", text.replace('"site": null, ', "")))


def at(text: str, day: str = "2027-03-31") -> str:
    return f"{day}T{text}:00+07:00"


def session(number: str, access: str, device: str, begin: str, end: str, **more: object) -> dict[str, object]:
    given = {"kind": "session", "id": number, "access": access, "device": device, **more}
    return {**given, "start": begin if "T" in begin else at(begin), "stop": end if "T" in end else at(end)}


GV_B = (
    session("s01", "wifi", "A", "08:00", "08:25"),
    session("s02", "wifi", "A", "08:50", "09:10"),
    session("s03", "wifi", "A", "09:41", "10:00"),
    session("s04", "wifi", "B", "08:10", "08:10", accepted=False),
    session("s05", "wifi", "C", "08:30", "08:31"),
    session("s06", "kiosk", "pc01", "08:00", "08:30", pc="PC01"),
    session("s07", "kiosk", "pc01", "08:33", "09:00", pc="PC01"),
    session("s08", "kiosk", "pc01", "09:06", "09:40", pc="PC01"),
    session("s09", "kiosk", "pc01", "09:41", "10:00", pc="PC01", person="u1"),
    session("s10", "wifi", "D", "10:05", "10:30", person="u1"),
    session("s11", "wifi", "E", "23:40", at("00:20", "2027-04-01")),
    session("s12", "wifi", "E", at("00:30", "2027-04-01"), at("00:40", "2027-04-01")),
    session("s13", "wifi", "STAFF1", "08:00", "11:00", staff=True),
)


def test_visits_of_gv_b_come_out_of_the_command(desk: CommandDesk) -> None:
    take(desk, *GV_B)
    march, april = (desk.told("report", "month", month)["sites"][0] for month in ("2027-03", "2027-04"))
    counted = march["period"]["counted"]
    assert (counted["visits"], counted["kiosk_visits"], counted["wifi_visits"]) == (7, 3, 4)
    assert counted["sessions"] + april["period"]["counted"]["sessions"] == 11
    assert (counted["use_s"], april["period"]["counted"]["use_s"]) == (220 * 60, 30 * 60)
    assert april["period"]["counted"]["visits"] == 0
    assert march["period"]["devices"] == 5


def test_service_hours_of_gv_f(desk: CommandDesk) -> None:
    """H 363, N 327, X 25 minutes: opened by staff, a power cut, the ISP down."""
    day = "2027-03-31"
    take(
        desk,
        {"kind": "site", "first": "2020-01-01", "name": "Sa Thầy", "opened_by": "staff"},
        *(
            {"kind": "door", "at": at(when), "opens": opens}
            for when, opens in (("07:42", True), ("11:05", False), ("13:30", True), ("17:20", False))
        ),
        {"kind": "heartbeat", "begin": at("07:00"), "end": at("09:10")},
        {"kind": "heartbeat", "begin": at("09:55"), "end": at("18:00")},
        {"kind": "outage", "id": "1", "begin": at("09:10"), "end": at("09:55"), "cause": "power"},
        {"kind": "outage", "id": "2", "begin": at("14:00"), "end": at("14:36"), "cause": "isp"},
    )
    made = desk.told("report", "month", "2027-03")
    days = {one["day"]: one["counted"] for one in made["sites"][0]["days"]}
    got = days[day]
    assert [got[name] // 60 for name in ("promised_s", "held_s", "internet_s", "extra_s")] == [420, 363, 327, 25]
    assert made["sites"][0]["service"]["promised_s"] == 161 * 3600  # 23 service days
    assert [one["cause"] for one in made["sites"][0]["incidents"]] == ["power", "isp"]


def test_growth_against_a_hand_register_carries_its_flag(desk: CommandDesk) -> None:
    hand = {"kind": "hand_count", "month": "2026-03", "visits": 1207, "document": "Sổ 2026"}
    now = {"kind": "hand_count", "month": "2027-03", "visits": 1284, "document": "Sổ 2027"}
    take(desk, hand, now)
    made = desk.told("report", "month", "2027-03")
    assert made["growth"]["percent"]["shown"] == "6.38" and made["growth"]["rating"] == "đạt"
    assert made["sites"][0]["quality"]["method_changed"] is True
    assert "tăng 6,38% so với cùng kỳ năm trước, đạt chỉ tiêu" in desk.cong("report", "month", "2027-03")
    missing = desk.told("report", "month", "2026-03")
    assert missing["growth"]["rating"] == "chưa có số liệu so sánh" and missing["growth"]["before"] is None


def test_a_report_is_the_same_bytes_in_any_order_and_twice(desk: CommandDesk, tmp_path: Path) -> None:
    facts: list[Mapping[str, object]] = [
        *GV_B,
        {"kind": "heartbeat", "begin": at("07:00"), "end": at("18:00")},
        {"kind": "pc", "code": "PC01", "bought_on": "2020-01-01"},
    ]
    take(desk, *facts)
    take(desk, *facts)
    (tmp_path / "b").mkdir()
    other = CommandDesk.at(tmp_path / "b")
    take(other, *reversed(facts))
    for words in (("report", "month", "2027-03"), ("report", "year", "2027"), ("report", "quarter", "2027-Q1")):
        assert desk.cong(*words, "--json") == other.cong(*words, "--json") == desk.cong(*words, "--json")


def line(desk: CommandDesk, *more: Mapping[str, object]) -> None:
    take(
        desk,
        {"kind": "vat", "site": None, "first": "2020-01-01", "percent": "10"},
        {"kind": "contract", "code": "HD1", "isp": "A", "first": "2026-01-01", "credit": "phut"},
        {"kind": "price", "contract": "HD1", "first": "2026-01-01", "month_vnd": 350_000},
        *more,
    )


PROMISE = {"kind": "rule", "id": "1", "what": "percent", "percent": "30", "first": "2026-01-01", "document": "12/CK"}
INVOICE = {
    "kind": "invoice", "seller": "0100000000", "form": "1", "series": "C27TAA", "number": "1", "dated": "2027-04-30",
    "contract": "HD1", "month": "2027-04", "list_vnd": 350_000, "discount_vnd": 70_000, "credit_vnd": 0,
    "vat_vnd": 28_000, "vat_percents": ["10"], "total_vnd": 308_000,
}  # fmt: skip


def test_the_bill_of_r_a_against_too_small_a_reduction(desk: CommandDesk) -> None:
    line(desk, PROMISE, INVOICE)
    made = desk.told("reconcile", "2027-04")
    (row,) = made["rows"]
    assert (row["expected_vnd"], row["difference_vnd"], row["status"]) == (269_500, 38_500, "thu cao hơn cam kết")
    parts = row["variance"]
    assert (parts["discount_vnd"], parts["vat_vnd"], parts["list_vnd"], parts["other_vnd"]) == (35_000, 3_500, 0, 0)
    assert made["expected_text"].startswith("269.500 đồng (Hai trăm sáu mươi chín nghìn năm trăm đồng")


def test_the_credit_of_r_b(desk: CommandDesk) -> None:
    """1,903 minutes out in a month of 30 days, by the minute."""
    outage = {"kind": "outage", "id": "1", "cause": "isp"}
    span = {"begin": "2027-04-05T00:00:00+07:00", "end": "2027-04-06T07:43:00+07:00"}
    line(desk, PROMISE, {**outage, **span})
    (row,) = desk.told("reconcile", "2027-04")["rows"]
    assert (row["expected"]["credit_vnd"], row["expected_vnd"], row["status"]) == (10_792, 257_629, "thiếu hóa đơn")
    assert row["quality"]["down_s"] == 1903 * 60


def test_a_promise_without_a_paper_is_shown_and_not_counted(desk: CommandDesk) -> None:
    line(desk, {name: value for name, value in PROMISE.items() if name != "document"})
    (row,) = desk.told("reconcile", "2027-04")["rows"]
    assert (row["expected_vnd"], row["has_commitment"]) == (385_000, False)
    assert "chưa có cam kết bằng văn bản" in desk.cong("reconcile", "2027-04")


def test_without_a_legal_rate_it_says_what_to_do(desk: CommandDesk) -> None:
    take(desk, {"kind": "contract", "code": "HD1", "isp": "A", "first": "2026-01-01", "credit": "phut"})
    assert "no VAT rate is set" in desk.refused("reconcile", "2027-04")
    assert "cong facts add vat" in desk.refused("reconcile", "2027-04")


def test_sites_without_a_place_stand_in_the_order_of_a_dictionary(desk: CommandDesk) -> None:
    names = {"a": "Sa Thầy", "b": "Đăk Tô", "c": "Đắk Hà", "d": "Sa Sơn", "e": "Mô Rai"}
    take(
        desk,
        *({"kind": "site", "site": site, "first": "2020-01-01", "name": name} for site, name in names.items()),
        {"kind": "site", "site": "z", "first": "2020-01-01", "name": "Xốp", "order": 1},
    )
    sites = desk.told("report", "month", "2027-03")["sites"]
    assert [one["name"] for one in sites] == ["Đắk Hà", "Đăk Tô", "Mô Rai", "Sa Sơn", "Sa Thầy", "Xốp"]
