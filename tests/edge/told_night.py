"""Facts that give the very numbers of the specification's nightly mail (counting 5.3): 31 March 2027 at Sa Thầy."""

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime

from gateway.cli.nightly import told_at
from gateway.config.load import load_config
from gateway.facts.lines import header
from gateway.flows.night_told import NightTold
from gateway.reports.day import Language
from gateway.reports.nightly import Told as Summary
from gateway.reports.nightly import tell
from gateway.store.db import Database
from tests.edge.desk import CommandDesk

SITE = "sa-thay"
DAY = "2027-03-31"
SERVICE_DAYS = ("2027-03-24", "2027-03-25", "2027-03-26", "2027-03-29", "2027-03-30")
VISITS = {
    "2026-03-02": 600,
    "2026-03-25": 607,
    "2027-03-01": 1066,
    "2027-03-03": 41,
    "2027-03-10": 45,
    "2027-03-17": 40,
    "2027-03-24": 46,
    DAY: 46,
}

TEXT = """\
Ngày thứ Tư, 31/3/2027 – Thư viện Sa Thầy
CẦN XỬ LÝ: Máy PC07 không hoạt động từ 29/3. Mất Internet 36 phút (14:00–14:36), chưa có mã sự cố.
Lượt sử dụng: 46 (trung bình 4 thứ Tư gần đây: 43; +7,0%)
Máy hoạt động: 9/10    Giờ phục vụ: 6,1/7,0 (86,4%)
Internet: gián đoạn 1 lần, 36 phút; tốc độ đo 92/100 Mb/s
Ngăn chặn: 311 lượt (game nạp tiền 120, quảng cáo độc hại 97, cờ bạc 61, khác 33)
Lũy kế tháng 3: 1.284 lượt (cùng kỳ 1.207; +6,38%) – Đạt
Chất lượng số liệu: đầy đủ. Báo cáo tháng khóa ngày 05/4.
"""
SUBJECT = "[Thư viện Sa Thầy] Tổng hợp ngày 31/3/2027: 46 lượt, 9/10 máy, 2 việc cần xử lý"

LATER = datetime.fromisoformat("2027-04-02T08:00:00+07:00")
Told = Mapping[str, object]


def at(text: str, day: str = DAY) -> str:
    """An instant at the site."""
    return f"{day}T{text}:00+07:00"


def facts() -> Iterator[Told]:
    """All of them."""
    yield {"kind": "site", "first": "2020-01-01", "name": "Thư viện Sa Thầy", "opened_by": "staff"}
    for day in SERVICE_DAYS:
        yield {"kind": "door", "at": at("07:30", day), "opens": True}
        yield {"kind": "door", "at": at("17:00", day), "opens": False}
        yield {"kind": "heartbeat", "begin": at("07:00", day), "end": at("18:00", day)}
    for when, opens in (("07:42", True), ("11:05", False), ("13:30", True), ("17:20", False)):
        yield {"kind": "door", "at": at(when), "opens": opens}
    yield {"kind": "heartbeat", "begin": at("07:00"), "end": at("09:10")}
    yield {"kind": "heartbeat", "begin": at("09:55"), "end": at("18:00")}
    yield {"kind": "outage", "id": "1", "begin": at("09:10"), "end": at("09:55"), "cause": "power"}
    yield {"kind": "outage", "id": "2", "begin": at("14:00"), "end": at("14:36"), "cause": "isp"}
    yield {
        "kind": "contract", "code": "HD-12", "isp": "Viễn thông A", "first": "2027-03-01", "speed_kbit_s": 100_000,
        "credit": "phut",
    }  # fmt: skip
    yield {"kind": "speed_test", "at": at("12:00"), "kbit_s": 92_000, "client_kbit_s": 100, "lasted_s": 12}
    blocked = {"games": 120, "malvertising": 97, "gambling": 61, "threats": 20, "own": 13}
    for category, count in blocked.items():
        yield {"kind": "blocked", "day": DAY, "category": category, "count": count}
    yield from _pcs()
    for day, visits in VISITS.items():
        for n in range(visits):
            span = {"start": at(f"{8 + n % 3:02}:{n % 60:02}", day), "stop": at(f"{11 + n % 3:02}:00", day)}
            yield {"kind": "session", "id": f"{day}-{n}", "access": "wifi", "device": f"{day}-{n}", **span}


def _pcs() -> Iterator[Told]:
    """PC07 was last seen on the 24th: after three days with service it is suspect, from the 29th."""
    for n in range(1, 11):
        code = f"PC{n:02}"
        yield {"kind": "pc", "code": code, "bought_on": "2026-09-01"}
        for day in (*SERVICE_DAYS, DAY) if code != "PC07" else SERVICE_DAYS[:1]:
            yield {"kind": "pc_seen", "pc": code, "at": at("08:00", day)}


def take(desk: CommandDesk, told: Iterable[Told] | None = None) -> None:
    """Import them."""
    text = "\n".join([header(), *(json.dumps({"site": SITE, **one}) for one in told or facts())])
    desk.cong("facts", "import", desk.file("facts.jsonl", text))


def night(desk: CommandDesk, day: str = DAY, *, now: datetime = LATER, site: str = SITE) -> NightTold:
    """The day as `cong nightly` tells it at `now`: the command itself reads the true clock."""
    config = load_config(desk.folder / "cong.toml")

    async def told() -> NightTold:
        async with Database.opened(config.state.database) as database:
            return await told_at(database, config, site, date.fromisoformat(day), now)

    return asyncio.run(told())


def summary(desk: CommandDesk, day: str = DAY, language: Language = "vi", *, now: datetime = LATER) -> Summary:
    """Its texts."""
    made = night(desk, day, now=now)
    return tell(made.figures, made.name, language, made.state)
