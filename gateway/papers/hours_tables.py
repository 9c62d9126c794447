"""Service hours of a period in tables, by cause and day or month (counting 2.4 F, 5.1).

In:  Report.
Out: blocks of exact values; sums are those of the days.
"""

from collections.abc import Iterable
from datetime import date

from gateway.accounting.rollup import minutes
from gateway.papers.indicator_table import hours_cell, percent_cell
from gateway.papers.paper import Align, Block, Cell, Column, Heading, Number, Paragraph, Table
from gateway.papers.sentences import hours_told
from gateway.papers.tongue import Tongue
from gateway.reports.figures import Counted
from gateway.reports.report_values import Report, SiteReport
from gateway.reports.spans import months_of
from gateway.service.hours import Cause

_CAUSES = {
    Cause.SUDDEN_CLOSURE: ("nghỉ đột xuất", "unplanned closing"),
    Cause.POWER: ("mất điện", "power"),
    Cause.EQUIPMENT: ("hỏng thiết bị", "equipment"),
    Cause.NOT_OPENED: ("chưa mở cửa", "not opened"),
    Cause.UNKNOWN: ("không rõ", "unknown"),
}


def hours_blocks(report: Report, say: Tongue) -> tuple[Block, ...]:
    """Service hours of each site: the sentence, what broke them, and a row a day or a month."""
    blocks: list[Block] = []
    for one in report.sites:
        blocks += [Heading(2, one.name), Paragraph(hours_told(one.service, say)), Paragraph(_ratios(one, say))]
        blocks.append(_lost_table(one, say))
        blocks.append(_hours_table(one, report, say))
    return tuple(blocks)


def duty_table(report: Report, say: Tongue) -> Table:
    """Duty hours by month: what was prescribed and held, and the extra hours."""
    rows: list[tuple[Cell, ...]] = []
    for one in report.sites:
        rows += [(one.name, month_name(month.month), *_hours(month.counted)) for month in one.months]
    total = report.total.counted
    rows.append((say("Cộng", "Total"), "", *_hours(total)))
    return Table(
        code="gio_truc",
        title=say("Giờ trực phục vụ theo tháng", "Duty hours by month"),
        columns=(
            Column(say("Điểm phục vụ", "Site"), Align.LEFT, 7),
            Column(say("Tháng", "Month"), Align.LEFT, 4),
            *_hour_columns(say),
        ),
        rows=tuple(rows),
        bold_rows=frozenset({len(rows) - 1}),
    )


def month_name(month: date) -> str:
    """03/2027, as tables have it."""
    return f"{month.month:02}/{month.year}"


def _parts(one: SiteReport, *, by_day: bool) -> Iterable[tuple[date, Counted]]:
    if by_day:
        return ((day.day, day.counted) for day in one.days)
    return ((month.month, month.counted) for month in one.months)


def _hours(one: Counted) -> tuple[Cell, ...]:
    return (
        hours_cell(one.promised_s),
        hours_cell(one.held_s),
        percent_cell(one.held_s, one.promised_s),
        hours_cell(one.internet_s),
        percent_cell(one.internet_s, one.promised_s),
        hours_cell(one.extra_s),
        hours_cell(one.served_s),
    )


def _hour_columns(say: Tongue) -> tuple[Column, ...]:
    return (
        Column(say("Giờ quy định", "Hours prescribed"), Align.RIGHT, 3),
        Column(say("Giờ thực hiện", "Hours held"), Align.RIGHT, 3),
        Column(say("Tỷ lệ (%)", "Rate (%)"), Align.RIGHT, 3),
        Column(say("Giờ có Internet", "Hours with Internet"), Align.RIGHT, 3),
        Column(say("Tỷ lệ (%)", "Rate (%)"), Align.RIGHT, 3),
        Column(say("Giờ tăng thêm", "Extra hours"), Align.RIGHT, 3),
        Column(say("Tổng giờ phục vụ", "All hours served"), Align.RIGHT, 3),
    )


def _hours_table(one: SiteReport, report: Report, say: Tongue) -> Table:
    is_month = len(list(months_of((report.first, report.last)))) == 1
    rows: list[tuple[Cell, ...]] = [
        (at if is_month else month_name(at), *_hours(counted)) for at, counted in _parts(one, by_day=is_month)
    ]
    rows.append((say("Cộng", "Total"), *_hours(one.period.counted)))
    return Table(
        code=f"gio_{one.site}",
        title=say("Giờ phục vụ", "Service hours"),
        columns=(
            Column(say("Ngày", "Date") if is_month else say("Tháng", "Month"), Align.CENTRE, 4),
            *_hour_columns(say),
        ),
        rows=tuple(rows),
        bold_rows=frozenset({len(rows) - 1}),
    )


def _ratios(one: SiteReport, say: Tongue) -> str:
    """Raw, which decides, and without what is nobody's fault (2.4 F)."""
    told = one.service
    raw, fair = told.hours_ratio, told.objective_hours_ratio
    if raw is None:
        return say("Trong kỳ không có giờ quy định.", "No hours were prescribed.")
    left = say.number(fair, 2) + "%" if fair is not None else "–"
    met = say("đạt", "met") if told.is_met else say("chưa đạt", "not met")
    ratio = say.ratio(told.held_s, told.promised_s)
    return say(
        f"Tỷ lệ giờ phục vụ: {ratio} ({met}); trừ lý do khách quan: {left}.",
        f"Service hours: {ratio} ({met}); without objective reasons: {left}.",
    )


def _lost_table(one: SiteReport, say: Tongue) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (say(*_CAUSES[cause]), hours_cell(seconds), Number(minutes(seconds))) for cause, seconds in one.service.lost_s
    ]
    isp = one.service.isp_lost_s
    rows.append((say("mất Internet do đường truyền", "no Internet, line"), hours_cell(isp), Number(minutes(isp))))
    return Table(
        code=f"mat_gio_{one.site}",
        title=say("Giờ không phục vụ được theo nguyên nhân", "Hours lost by cause"),
        columns=(
            Column(say("Nguyên nhân", "Cause"), Align.LEFT, 5),
            Column(say("Giờ", "Hours"), Align.RIGHT, 2),
            Column(say("Phút", "Minutes"), Align.RIGHT, 2),
        ),
        rows=tuple(rows),
    )
