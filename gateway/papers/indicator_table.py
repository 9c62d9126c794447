"""Biểu 1: the indicators of a period over all sites (counting 5.1).

In:  Report, whose indicators are exact.
Out: Table with a row for each, numbers as numbers.
"""

from fractions import Fraction

from gateway.papers.paper import Align, Cell, Column, Number, Table
from gateway.papers.tongue import Tongue
from gateway.reports.indicators import Indicator, Row, Unit
from gateway.reports.period_quality import quality_line
from gateway.reports.report_values import Report
from gateway.reports.rounding import below_goal
from gateway.visits.growth import Rating

_GB = 10**9

_ROWS: dict[Row, tuple[str, tuple[str, str], tuple[str, str]]] = {
    # row: number, indicator, unit
    Row.VISITS: ("1", ("Lượt người sử dụng", "Visits"), ("lượt", "visits")),
    Row.KIOSK_VISITS: (
        "1.1",
        ("trong đó: tại máy tính công cộng", "of which at public PCs"),
        ("lượt", "visits"),
    ),
    Row.WIFI_VISITS: ("1.2", ("trong đó: qua Wi-Fi", "of which over Wi-Fi"), ("lượt", "visits")),
    Row.OUTSIDE_VISITS: (
        "1.3",
        ("trong đó: ngoài giờ hành chính", "of which outside office hours"),
        ("lượt", "visits"),
    ),
    Row.SESSIONS: ("2", ("Phiên truy nhập", "Sessions"), ("phiên", "sessions")),
    Row.DEVICES: (
        "3",
        ("Số thiết bị truy nhập (không phải số người)", "Devices (not persons)"),
        ("thiết bị", "devices"),
    ),
    Row.HOURS_HELD: (
        "4",
        ("Giờ phục vụ thực hiện/quy định", "Service hours held/prescribed"),
        ("giờ", "hours"),
    ),
    Row.HOURS_INTERNET: ("5", ("Giờ có Internet", "Hours with Internet"), ("giờ", "hours")),
    Row.HOURS_EXTRA: (
        "6",
        (
            "Giờ phục vụ tăng thêm (thứ Bảy, Chủ nhật, đột xuất)",
            "Extra hours (Saturday, Sunday, ad hoc)",
        ),
        ("giờ", "hours"),
    ),
    Row.PCS: ("7", ("Số máy tính hoạt động/tổng số", "PCs working/total"), ("máy", "PCs")),
    Row.PC_DAYS: ("8", ("Tỷ lệ ngày-máy hoạt động", "PC-days in working order"), ("%", "%")),
    Row.WORKSTATION_USE: ("9", ("Tỷ lệ sử dụng giờ máy", "Workstation use rate"), ("%", "%")),
    Row.REJECTED: (
        "10",
        ("Số lượt không phục vụ được", "Requests for access not served"),
        ("lượt", "requests"),
    ),
    Row.DOWN: ("11", ("Dung lượng tải xuống", "Volume downloaded"), ("GB", "GB")),
    Row.UP: ("12", ("Dung lượng tải lên", "Volume uploaded"), ("GB", "GB")),
    Row.BLOCKED: ("13", ("Số lượt bị ngăn chặn", "Blocked requests"), ("lượt", "requests")),
}
_RATINGS = {
    Rating.NO_BASE: ("Chưa có số liệu so sánh", "No figures to compare with"),
    Rating.MISSED: ("Chưa đạt", "Not met"),
    Rating.MET: ("Đạt", "Met"),
    Rating.EXCEEDED: ("Vượt", "Exceeded"),
}


def indicator_table(report: Report, say: Tongue) -> Table:
    """Biểu 1; its note is the data-quality line."""
    is_year = say.span((report.first, report.last)) == say("năm", "year")
    now, before = str(report.first.year), str(report.before_first.year)
    columns = (
        Column(say("TT", "No."), Align.CENTRE, 2),
        Column(say("Chỉ tiêu", "Indicator"), Align.LEFT, 11),
        Column(say("Đơn vị tính", "Unit"), Align.CENTRE, 4),
        Column(say("Kế hoạch", "Plan"), Align.RIGHT, 4),
        Column(
            say(f"Thực hiện năm {now}", f"Actual {now}") if is_year else say("Thực hiện kỳ này", "Actual"),
            Align.RIGHT,
            5,
        ),
        Column(
            say(f"Thực hiện năm {before}", f"Actual {before}")
            if is_year
            else say("Cùng kỳ năm trước", "Same period last year"),
            Align.RIGHT,
            5,
        ),
        Column(say("Tăng, giảm (%)", "Change (%)"), Align.RIGHT, 4),
        Column(say("Lũy kế từ đầu năm", "Year to date"), Align.RIGHT, 5),
        Column(say("Đánh giá", "Rating"), Align.CENTRE, 5),
    )
    return Table(
        code="bieu1",
        title=say("Biểu 1. Kết quả thực hiện các chỉ tiêu", "Table 1. Results against targets"),
        columns=columns,
        rows=tuple(_row(one, say) for one in report.indicators),
        note=quality_told(report, say),
        bold_rows=frozenset(n for n, one in enumerate(report.indicators) if one.row is Row.VISITS),
    )


def quality_told(report: Report, say: Tongue) -> str:
    """How far the figures can be trusted: of each site where something lowers them."""
    lowered = [one for one in report.sites if not one.quality.is_complete]
    if len(report.sites) == 1 or not lowered:
        return quality_line(report.sites[0].quality, say.language) if report.sites else ""
    if len(lowered) > _NAMED:
        count = say.number(len(lowered))
        of = say.number(len(report.sites))
        return say(
            f"Chất lượng số liệu: {count}/{of} điểm có số liệu chưa đầy đủ (chi tiết tại phụ lục).",
            f"Data quality: figures of {count} of {of} sites are not complete (see the annex).",
        )
    return " ".join(f"{one.name} – {quality_line(one.quality, say.language)}" for one in lowered)


_NAMED = 3


def rating_told(rating: Rating | None, say: Tongue) -> str | None:
    """Đạt, Chưa đạt, Vượt, Chưa có số liệu so sánh."""
    return say(*_RATINGS[rating]) if rating else None


def hours_cell(seconds: int | Fraction) -> Number:
    """Hours with a decimal."""
    return Number(Fraction(seconds) / 3600, 1)


def gb_cell(count_bytes: int) -> Number:
    """Decimal GB (10^9) with two decimals."""
    return Number(Fraction(count_bytes, _GB), 2)


def percent_cell(part: int, whole: int) -> Cell:
    """A ratio beside its goal of 100; "–" of nothing (2.7, 11)."""
    return Number(below_goal(Fraction(100 * part, whole)), 2) if whole else None


def change_cell(change: Fraction | None) -> Cell:
    """A signed percentage, its sign "%" stands in the heading."""
    return None if change is None else Number(change, 2, is_signed=True)


def _row(one: Indicator, say: Tongue) -> tuple[Cell, ...]:
    number, name, unit = _ROWS[one.row]
    return (
        number,
        say(*name),
        say(*unit),
        _cell(one, one.plan),
        _cell(one, one.actual),
        _cell(one, one.before),
        change_cell(one.change),
        _cell(one, one.to_date),
        rating_told(one.rating, say) or "",
    )


def _cell(one: Indicator, value: int | Fraction | None) -> Cell:
    if value is None:
        return None
    match one.unit:
        case Unit.COUNT:
            return Number(value)
        case Unit.SECONDS:
            return hours_cell(value)
        case Unit.BYTES:
            return gb_cell(int(value))
        case Unit.PERCENT:
            return Number(below_goal(Fraction(value)) if one.row is Row.PC_DAYS else value, 2)
