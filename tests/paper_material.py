"""Reports and papers to write and look at: a month of a library, a year, one without any figure, hostile texts."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, timezone
from fractions import Fraction

from gateway.access.client import AccessKind, ClientId
from gateway.access.session import SessionId
from gateway.accounting.rollup import Span
from gateway.papers.charts import charts_of
from gateway.papers.paper import (
    Align,
    Annex,
    Block,
    Cell,
    Column,
    Head,
    Heading,
    Language,
    Number,
    Paper,
    Paragraph,
    Signature,
    Table,
)
from gateway.reports.month_counts import count_month
from gateway.reports.period_report import months_needed, report
from gateway.reports.report_values import HandMonth, Report, SiteTold
from gateway.reports.site_facts import SiteFacts, Volume
from gateway.reports.spans import dates_of
from gateway.service.calendar import Calendar, Hours
from gateway.service.outages import OutageCause
from gateway.service.workstation import Pc, PcId, Record
from gateway.visits.growth import GOAL
from gateway.visits.visit import CountedSession

ZONE = timezone(timedelta(hours=7))
WEEK = dict.fromkeys(range(5), (Hours(450, 660), Hours(810, 1020)))
MARCH = (date(2027, 3, 1), date(2027, 3, 31))
YEAR = (date(2027, 1, 1), date(2027, 12, 31))
LONG_NAME = (
    "Thư viện và Trung tâm Học tập cộng đồng xã Mô Rai (điểm truy nhập Internet công cộng làng Le, nhà rông văn hóa)"
)
HOSTILE = (
    "=1+1",
    "+84 912",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "<b>&\"'</b>",
    "https://example.com/",
    "a;b,c\nd",
    "\x00\x1f\ud800",
)


def told(dates: tuple[date, date], *, visitors: int = 12, before: Mapping[date, int] | None = None) -> SiteTold:
    """A site; `before`: visits by hand of months of the year before."""
    up = (datetime.combine(dates[0] - timedelta(days=60), time.min, ZONE), datetime.combine(dates[1], time.max, ZONE))
    sessions: list[CountedSession] = []
    volumes: list[Volume] = []
    for n, day in enumerate(dates_of(dates)):
        if day.weekday() > 4:
            continue
        for k in range((visitors * (7 + n * 5 % 11) // 12) if visitors else 0):
            start = datetime.combine(day, time(7 + (k * 3 + n) % 10, 30 + k % 30), ZONE)
            stop = start + timedelta(minutes=12 + (k * 17 + n) % 50)
            number = SessionId(len(sessions) + 1)
            kind = AccessKind.KIOSK if k % 3 == 0 else AccessKind.WIFI
            sessions.append(CountedSession(number, kind, ClientId(1000 * n + k), None, start, stop))
            volumes.append(Volume(Span(number, start, stop), 2_000_000 * (k + 1), 37_000_000 * (k + 1 + n % 4)))
    cut = datetime.combine(dates[0] + timedelta(days=9), time(9), ZONE)
    seen = [(datetime.combine(day, time(8), ZONE), datetime.combine(day, time(9), ZONE)) for day in dates_of(dates)]
    pcs = [
        Record(
            Pc(PcId(f"PC{n:02}"), date(2020, 1, 1)),
            faults=[(cut, cut + timedelta(days=3))] if n in (3, 7) else [],
            sightings=seen,
        )
        for n in range(1, 11)
    ]
    blocked = {"games": 1200, "gambling": 311, "threats": 97, "own": 4} if visitors else {}
    facts = SiteFacts(Calendar(ZONE, WEEK), [up], sessions, volumes=volumes, pcs=pcs if visitors else [])
    return SiteTold(
        site="sa-thay",
        name="Thư viện Sa Thầy",
        calendar=Calendar(ZONE, WEEK),
        counts={month: count_month(facts, month) for month in months_needed(dates)},
        active=[(date(2000, 1, 1), date(2100, 1, 1))],
        hand={month: HandMonth(visits, 0, 0, 500_000, "Sổ 2026") for month, visits in (before or {}).items()},
        outages={OutageCause.POWER: [(cut, cut + timedelta(minutes=45))]},
        blocked={name: {dates[0]: count, dates[0] - timedelta(days=1): count // 2} for name, count in blocked.items()},
    )


def month(*, visitors: int = 12, before: int | None = 240) -> Report:
    """March 2027."""
    base = {date(2026, 3, 1): before} if before is not None else {}
    return report([told(MARCH, visitors=visitors, before=base)], MARCH, GOAL)


def year() -> Report:
    """2027; the year before lacks June."""
    base = {date(2026, n, 1): 190 + 17 * n % 90 for n in range(1, 13) if n != 6}
    return report([told(YEAR, before=base)], YEAR, GOAL)


def paper(made: Report, language: Language = "vi", *, is_draft: bool = True, long: bool = False) -> Paper:
    """A report with tables, charts, an annex and all that stands round them."""
    site = made.sites[0]
    name = LONG_NAME if long else "Thư viện Sa Thầy"
    rows: tuple[tuple[Cell, ...], ...] = (
        (Number(1), "Lượt người sử dụng", "lượt", Number(1268), Number(1284), Number(1207), change("7700/1207"), "Đạt"),
        (Number(2), "Tỷ lệ sử dụng giờ máy", "%", None, share("6378409/90000"), share("70"), None, ""),
        (Number(3), "Giờ phục vụ", "giờ", Number(161), Number(Fraction(6961, 50), 1), None, None, "Chưa đạt"),
        (Number(4), "Số máy tính hoạt động/tổng số", "máy", Number(10), "9/10", None, change("-10"), "Chưa đạt"),
        (Number(5), name, "GB", None, Number(Fraction(1_234_567_890_123, 10**9), 1), Number(0), None, ""),
    )
    titles = (
        "TT",
        "Chỉ tiêu",
        "Đơn vị tính",
        "Kế hoạch",
        "Thực hiện kỳ này",
        "Cùng kỳ năm trước",
        "Tăng, giảm (%)",
        "Đánh giá",
    )
    widths = (1, 6, 2, 2, 2, 2, 2, 2)
    columns = tuple(
        Column(title, Align.RIGHT if 3 <= n <= 6 else Align.LEFT, width)
        for n, (title, width) in enumerate(zip(titles, widths, strict=True))
    )
    daily = Table(
        "ngay",
        "Số liệu chi tiết theo ngày",
        (
            Column("Ngày", Align.CENTRE, 2),
            *(
                Column(one, Align.RIGHT, 2)
                for one in ("Lượt", "Phiên", "Giờ quy định", "Giờ phục vụ", "Tải xuống (GB)")
            ),
        ),
        tuple(
            (
                one.day,
                Number(one.counted.visits),
                Number(one.counted.sessions),
                Number(Fraction(one.counted.promised_s, 3600), 1),
                Number(Fraction(one.counted.held_s, 3600), 1),
                Number(Fraction(one.counted.down_bytes, 10**9), 2),
            )
            for one in site.days
        ),
        bold_rows=frozenset({0}),
    )
    incidents = Table(
        "bieu5",
        "Biểu 5. Sự cố",
        tuple(Column(one, Align.LEFT, 2) for one in ("Bắt đầu", "Nguyên nhân", "Ghi chú")),
        ((datetime(2027, 3, 10, 9, 10, tzinfo=ZONE), "mất điện", f"{name}; {'rất dài ' * 12}"), (None, "không rõ", "")),
        is_landscape=True,
    )
    blocks: tuple[Block, ...] = (
        Paragraph(f"{name} báo cáo kết quả thực hiện tháng 3 năm 2027 như sau:"),
        Heading(1, "I. KẾT QUẢ THỰC HIỆN CÁC CHỈ TIÊU CHÍNH"),
        Table(
            "bieu1",
            "Biểu 1. Kết quả thực hiện các chỉ tiêu",
            columns,
            rows,
            "Số thiết bị không đồng nghĩa với số người.",
            frozenset({0}),
        ),
        Heading(2, "1. Lượt người sử dụng máy tính và Internet"),
        *charts_of(made, language),
        Heading(1, "VI. KHÓ KHĂN, VƯỚNG MẮC"),
        Paragraph("", 3),
        Annex("Phụ lục. Số liệu chi tiết theo ngày"),
        daily,
        incidents,
    )
    head = Head("ỦY BAN NHÂN DÂN XÃ SA THẦY", name.upper(), "BC-TV", "", "Sa Thầy", None)
    signatures = (Signature("", "GIÁM ĐỐC", "Y Blơm", "(Ký, ghi rõ họ tên, đóng dấu)"),)
    recipients = ("- Sở Văn hóa, Thể thao và Du lịch;", "- Lưu: VT.")
    return Paper(
        language,
        "BÁO CÁO",
        "Tình hình khai thác, sử dụng máy tính và Internet công cộng tháng 3 năm 2027",
        head,
        blocks,
        signatures,
        recipients,
        is_draft,
    )


def hostile() -> Paper:
    """Texts that a spreadsheet would run, a browser would obey and XML can't hold."""
    table = Table(
        "=cmd|'/C calc'!A0[]:*?/\\",
        "<script>alert(1)</script>",
        (Column("=1"), Column("<i>"), Column("n")),
        tuple((one, one, Number(-n)) for n, one in enumerate(HOSTILE)),
        "=2",
    )
    twin = Table("BIEU1", "=3", (Column("a"),), (("",),))
    return Paper(
        "vi",
        "=F()",
        "<img src=x onerror=alert(1)>",
        Head("=1", "=1", "=1", "=1", "=1", None),
        (table, twin, Table("bieu1", "", (Column("a"),), ()), Paragraph("<script>")),
        (),
        ("=1", "<b>"),
        True,
    )


def change(text: str) -> Number:
    """A signed percentage of two decimals."""
    return Number(Fraction(text), 2, is_percent=True, is_signed=True)


def share(text: str) -> Number:
    """A percentage of two decimals."""
    return Number(Fraction(text), 2, is_percent=True)
