"""Facts of a made-up office for papers: letterhead, plan, two sites, PCs, outages, contracts, costs."""

import json
from collections.abc import Iterator
from datetime import date, timedelta

from gateway.facts.lines import header
from tests.edge.desk import CommandDesk

Told = dict[str, object]

LONG = (
    "Thư viện cộng đồng xã Sa Sơn A & B <xã Ya Xiêr> thuộc Trung tâm Văn hóa, Thông tin, Thể thao và Truyền thông " * 2
)
EVERY_LETTER = (
    "aàáảãạ ăằắẳẵặ âầấẩẫậ eèéẻẽẹ êềếểễệ iìíỉĩị oòóỏõọ ôồốổỗộ ơờớởỡợ uùúủũụ ưừứửữự yỳýỷỹỵ đ "
    "AÀÁẢÃẠ ĂẰẮẲẴẶ ÂẦẤẨẪẬ EÈÉẺẼẸ ÊỀẾỂỄỆ IÌÍỈĨỊ OÒÓỎÕỌ ÔỒỐỔỖỘ ƠỜỚỞỠỢ UÙÚỦŨỤ ƯỪỨỬỮỰ YỲÝỶỸỴ Đ"
)
SITE = "sa-thay"


def take(desk: CommandDesk, *told: Told) -> None:
    """Import them."""
    lines = [header(), *(json.dumps(one) for one in told)]
    desk.cong("facts", "import", desk.file("facts.jsonl", "\n".join(lines)))


def office(*, issuing: str = "Thư viện xã Sa Thầy") -> list[Told]:
    """What the office says of itself, from 1 July 2025 on."""
    since = "2025-07-01"
    return [
        {
            "kind": "letterhead",
            "first": since,
            "parent_body": "Ủy ban nhân dân xã Sa Thầy",
            "issuing_body": issuing,
            "place": "Sa Thầy",
            "symbol": "BC-TV",
            "post": "Phụ trách thư viện",
            "signer": "Nguyễn Thị Hường",
            "tax_code": "6100000001",
            "budget_unit": "1234567",
            "address": "12 Hùng Vương, xã Sa Thầy, tỉnh Quảng Ngãi",
        },
        {
            "kind": "letterhead",
            "first": "2010-01-01",
            "parent_body": "UBND huyện Sa Thầy",
            "issuing_body": "Thư viện huyện Sa Thầy",
            "place": "Sa Thầy",
            "symbol": "BC-TVH",
        },
        {"kind": "recipient", "order": 1, "first": since, "name": "UBND xã (để báo cáo)"},
        {"kind": "recipient", "order": 2, "first": since, "name": "Thư viện tỉnh"},
        {"kind": "recipient", "order": 3, "first": since, "name": "Lưu: VT, TV"},
        {
            "kind": "document",
            "number": "156/KH-UBND",
            "title": "duy trì bền vững kết quả Dự án “Nâng cao khả năng sử dụng máy tính và truy nhập Internet công "
            "cộng tại Việt Nam”",
            "issued_on": "2017-12-11",
            "issuer": "Ủy ban nhân dân huyện Sa Thầy",
        },
        {"kind": "plan", "year": 2027, "document": "156/KH-UBND", "low_percent": 5, "high_percent": 7},
        {"kind": "vat", "first": "2020-01-01", "percent": "10"},
        {"kind": "unit", "code": "ST", "first": since, "name": "xã Sa Thầy", "level": "commune"},
    ]


def site(name: str = "Thư viện Sa Thầy", code: str = SITE) -> list[Told]:
    """A site with its week of 7 h a day."""
    hours = ["07:30-11:00", "13:30-17:00"]
    return [
        {
            "kind": "site",
            "site": code,
            "first": "2020-01-01",
            "name": name,
            "type": "Thư viện",
            "unit": "ST",
            "opened_by": "staff",
        },
        {
            "kind": "week",
            "site": code,
            "first": "2020-01-01",
            **dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), hours),
        },
    ]


def march(code: str = SITE, *, each_day: int = 3) -> list[Told]:
    """A month of use at a site: signs of life, sessions at PCs and over Wi-Fi, one Saturday, two outages."""
    facts: list[Told] = [*_use(code, each_day)]
    facts += [
        {"kind": "outage", "site": code, "id": "1", "begin": _at(10, "14:00"), "end": _at(10, "14:36"), "cause": "isp",
         "reported_at": _at(10, "14:10"), "ticket": "SC-77", "evidence_sha256": "ab" * 32},
        {"kind": "outage", "site": code, "id": "2", "begin": _at(12, "09:10"), "end": _at(12, "09:55"),
         "cause": "power", "note": "cắt điện báo trước"},
    ]  # fmt: skip
    for number in range(1, 11):
        facts.append({"kind": "pc", "site": code, "code": f"PC{number:02}", "bought_on": "2019-06-01",
                      "place": "Phòng máy", "model": "FPT Elead", "asset_code": f"TS-{number:03}",
                      "cost_vnd": 9_500_000, "source": "Dự án"})  # fmt: skip
        days = ("03", "10", "17", "24", "31")
        facts += [
            {"kind": "pc_seen", "site": code, "pc": f"PC{number:02}", "at": f"2027-{month}-{day}T08:00:00+07:00"}
            for month in ("02", "03") for day in days if (month, day) != ("02", "31")
        ]  # fmt: skip
        facts += [
            {"kind": "pc_seen", "site": code, "pc": f"PC{number:02}", "at": f"2027-03-{day:02}T08:30:00+07:00"}
            for day in range(1, 31)
        ]
    facts.append({"kind": "pc_fault", "site": code, "pc": "PC07", "begin": _at(12, "08:00"), "what": "hỏng nguồn",
                  "reported": True})  # fmt: skip
    facts += [{"kind": "blocked", "site": code, "day": "2027-03-02", "category": category, "count": count}
              for category, count in (("games", 120), ("gambling", 61), ("threats", 97), ("own", 33))]  # fmt: skip
    facts.append({"kind": "event", "site": code, "id": "1", "day": "2027-03-20", "title": "Ngày hội đọc sách",
                  "heads": 85})  # fmt: skip
    return facts


def bills(code: str = SITE) -> list[Told]:
    """A contract, a promise, an invoice that gives too little, tests, volume, costs."""
    own: Told = {"site": code}
    return [
        {**own, "kind": "contract", "code": "HD-12", "customer": "KH-77", "isp": "Viễn thông A", "first": "2026-01-01",
         "package": "Fiber 100", "speed_kbit_s": 100_000, "credit": "phut", "seller_tax_code": "0100000000"},
        {**own, "kind": "price", "contract": "HD-12", "first": "2026-01-01", "month_vnd": 350_000},
        {**own, "kind": "rule", "id": "1", "what": "percent", "percent": "30", "first": "2026-01-01",
         "document": "12/CK-VT"},
        {**own, "kind": "invoice", "seller": "0100000000", "form": "1", "series": "C27TAA", "number": "12",
         "dated": "2027-03-31", "contract": "HD-12", "month": "2027-03", "list_vnd": 350_000, "discount_vnd": 70_000,
         "credit_vnd": 0, "vat_vnd": 28_000, "vat_percents": ["10"], "total_vnd": 308_000, "sha256": "cd" * 32},
        {**own, "kind": "speed_test", "at": _at(3, "07:00"), "kbit_s": 92_400, "client_kbit_s": 0, "lasted_s": 12},
        {**own, "kind": "speed_test", "at": _at(4, "10:00"), "kbit_s": 40_000, "client_kbit_s": 50_000, "lasted_s": 12},
        {**own, "kind": "wan_day", "day": "2027-03-03", "up_bytes": 2 * 10**9, "down_bytes": 31 * 10**9},
        {**own, "kind": "cost", "id": "1", "day": "2027-01-01", "item": "electricity", "vnd": 6_000_000,
         "planned": True, "source": "budget"},
        {**own, "kind": "cost", "id": "2", "day": "2027-03-05", "item": "electricity", "vnd": 512_345,
         "source": "budget", "document": "=1+1"},
    ]  # fmt: skip


def hand(visits: int, before: int, code: str = SITE) -> list[Told]:
    """Two Marches out of a register kept by hand."""
    return [
        {"kind": "hand_count", "site": code, "month": "2026-03", "visits": before, "document": "Sổ 2026",
         "served_s": 604_800},
        {"kind": "hand_count", "site": code, "month": "2027-03", "visits": visits, "document": "Sổ 2027"},
    ]  # fmt: skip


def _use(code: str, each_day: int) -> Iterator[Told]:
    day, number = date(2027, 3, 1), 0
    while day.month == 3:
        if day.weekday() < 5 or day.day == 20:
            yield {"kind": "heartbeat", "site": code, "begin": _at(day.day, "07:00"), "end": _at(day.day, "18:00")}
            yield from _doors(code, day.day)
            for turn in range(each_day):
                number += 1
                access: Told = {"access": "wifi", "device": f"D{number % 17}"}
                if turn % 2:
                    access = {"access": "kiosk", "device": f"pc0{turn % 9}", "pc": f"PC0{turn % 9}"}
                yield {"kind": "session", "site": code, "id": f"s{number}", **access,
                       "start": _at(day.day, f"{8 + turn % 8:02}:{number % 60:02}"),
                       "stop": _at(day.day, f"{9 + turn % 8:02}:{number % 50:02}"),
                       "up_bytes": 1_000_000 * number, "down_bytes": 31_000_000 * number}  # fmt: skip
            yield {"kind": "session", "site": code, "id": f"e{number}", "access": "wifi", "device": f"L{number}",
                   "start": _at(day.day, "16:58"), "stop": _at(day.day, "17:00")}  # fmt: skip
            yield {"kind": "session", "site": code, "id": f"m{number}", "access": "wifi", "device": f"M{number}",
                   "start": _at(day.day, "07:30"), "stop": _at(day.day, "07:32")}  # fmt: skip
        day += timedelta(days=1)


def _doors(code: str, day: int) -> Iterator[Told]:
    for time, opens in (("07:30", True), ("11:00", False), ("13:30", True), ("17:00", False)):
        yield {"kind": "door", "site": code, "at": _at(day, time), "opens": opens}


def _at(day: int, time: str) -> str:
    return f"2027-03-{day:02}T{time}:00+07:00"
