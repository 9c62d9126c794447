"""Biểu 2 and the tables of section II: by site, access type, hour and weekday (counting 5.1).

In:  Report, Office.
Out: tables of exact values.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction

from gateway.accounting.rollup import Sums, minutes
from gateway.papers.indicator_table import change_cell, percent_cell
from gateway.papers.office import Office, SiteCard
from gateway.papers.paper import Align, Cell, Column, Number, Table
from gateway.papers.tongue import Tongue
from gateway.reports import english as en
from gateway.reports import vietnamese as vi
from gateway.reports.report_values import Report, SiteReport
from gateway.service.workstation import PcState

_MONDAY = date(2027, 3, 1)


def site_table(report: Report, office: Office, say: Tongue) -> Table:
    """Biểu 2: a row a site, and their sum."""
    rows: list[tuple[Cell, ...]] = [
        (Number(n), *_site_cells(one, report, office.sites.get(one.site, SiteCard()), say))
        for n, one in enumerate(report.sites, 1)
    ]
    total = report.total
    if len(rows) > 1:
        counted = total.counted
        rows.append(
            (
                "",
                say("Cộng", "Total"),
                "",
                Number(total.pcs.whole) if total.pcs else None,
                Number(counted.visits),
                change_cell(report.growth.percent),
                percent_cell(counted.held_s, counted.promised_s),
                percent_cell(counted.internet_s, counted.promised_s),
                percent_cell(total.pcs.part, total.pcs.whole) if total.pcs else None,
                "",
            )
        )
    return Table(
        code="bieu2",
        title=say("Biểu 2. Kết quả theo điểm phục vụ", "Table 2. Results by site"),
        columns=(
            Column(say("TT", "No."), Align.CENTRE, 2),
            Column(say("Điểm phục vụ", "Site"), Align.LEFT, 9),
            Column(say("Loại điểm", "Type"), Align.LEFT, 5),
            Column(say("Số máy", "PCs"), Align.RIGHT, 3),
            Column(say("Lượt", "Visits"), Align.RIGHT, 4),
            Column(say("Tăng, giảm (%)", "Change (%)"), Align.RIGHT, 4),
            Column(say("Giờ phục vụ (%)", "Service hours (%)"), Align.RIGHT, 4),
            Column(say("Giờ có Internet (%)", "Hours with Internet (%)"), Align.RIGHT, 5),
            Column(say("Máy hoạt động (%)", "PCs working (%)"), Align.RIGHT, 5),
            Column(say("Ghi chú", "Remarks"), Align.LEFT, 6),
        ),
        rows=tuple(rows),
        bold_rows=frozenset({len(rows) - 1} if len(report.sites) > 1 else ()),
    )


def access_table(report: Report, say: Tongue) -> Table:
    """Visits by access type."""
    counted = report.total.counted
    kinds = (
        (say("Máy tính công cộng", "Public PCs"), counted.kiosk_visits),
        (say("Wi-Fi, thiết bị cá nhân", "Wi-Fi, own devices"), counted.wifi_visits),
    )
    rows: list[tuple[Cell, ...]] = [(name, Number(visits), _share(visits, counted.visits)) for name, visits in kinds]
    rest = counted.visits - counted.kiosk_visits - counted.wifi_visits
    if rest:  # a hand register may not tell one from the other
        rows.append(
            (
                say("Sổ ghi tay, không phân loại", "Hand register, not told apart"),
                Number(rest),
                _share(rest, counted.visits),
            )
        )
    rows.append((say("Cộng", "Total"), Number(counted.visits), _share(counted.visits, counted.visits)))
    return Table(
        code="hinh_thuc",
        title=say("Lượt sử dụng theo hình thức truy nhập", "Visits by access type"),
        columns=(
            Column(say("Hình thức truy nhập", "Access type"), Align.LEFT, 4),
            Column(say("Lượt", "Visits"), Align.RIGHT, 2),
            Column(say("Tỷ lệ (%)", "Share (%)"), Align.RIGHT, 2),
        ),
        rows=tuple(rows),
        bold_rows=frozenset({len(rows) - 1}),
    )


def hour_table(report: Report, say: Tongue) -> Table:
    """Use by hour of the day, from the first hour that has any to the last."""
    sums = _over_sites([one.by_hour for one in report.sites])
    used = [hour for hour, one in enumerate(sums) if one != Sums()]
    hours = range(used[0], used[-1] + 1) if used else range(0)
    rows = [(f"{hour:02}:00–{hour + 1:02}:00", *_use(sums[hour])) for hour in hours]
    return _use_table("khung_gio", say("Theo khung giờ", "By hour"), say("Khung giờ", "Hour"), rows, report, say)


def weekday_table(report: Report, say: Tongue) -> Table:
    """Use by weekday, Monday first."""
    sums = _over_sites([one.by_weekday for one in report.sites])
    rows = [(weekday(day, say), *_use(one)) for day, one in enumerate(sums)]
    title = say("Theo ngày trong tuần", "By weekday")
    return _use_table("ngay_trong_tuan", title, say("Ngày", "Day"), rows, report, say)


def weekday(number: int, say: Tongue) -> str:
    """thứ Hai; Monday is 0."""
    day = date.fromordinal(_MONDAY.toordinal() + number)
    name = say(vi.weekday(day), en.weekday(day))
    return name[0].upper() + name[1:]


def _site_cells(one: SiteReport, report: Report, card: SiteCard, say: Tongue) -> tuple[Cell, ...]:
    counted, pcs = one.period.counted, one.period.pcs
    return (
        f"{one.name}, {card.unit}" if card.unit else one.name,
        card.type,
        Number(pcs.whole) if pcs else None,
        Number(counted.visits),
        change_cell(one.growth.percent),
        percent_cell(counted.held_s, counted.promised_s),
        percent_cell(counted.internet_s, counted.promised_s),
        percent_cell(pcs.part, pcs.whole) if pcs else None,
        "; ".join(_remarks(one, report, card, say)),
    )


def _remarks(one: SiteReport, report: Report, card: SiteCard, say: Tongue) -> Iterable[str]:
    if card.joined_on and report.before_first < card.joined_on <= report.last:
        yield say(f"tham gia từ {say.day(card.joined_on)}", f"joined on {say.day(card.joined_on)}")
    if one.site in report.compared.left_out:
        yield say("không so sánh", "not compared")
    if one.quality.missing:
        count = len(one.quality.missing)
        yield say(f"{count:02} ngày không có số liệu", f"{count} days without figures")
    if any(row.state is PcState.SUSPECT for row in one.pcs):
        yield say("có máy không hoạt động", "PCs not seen")


def _over_sites(sites: Sequence[Sequence[Sums]]) -> list[Sums]:
    return [sum(each, Sums()) for each in zip(*sites, strict=True)]


def _use(one: Sums) -> tuple[Cell, ...]:
    return Number(one.visits), Number(one.sessions), Number(minutes(one.use_s))


def _use_table(
    code: str, title: str, first: str, told: Sequence[tuple[Cell, ...]], report: Report, say: Tongue
) -> Table:
    counted, sums = report.total.counted, sum(_over_sites([one.by_hour for one in report.sites]), Sums())
    by_hand = counted.visits - sums.visits
    rows = list(told)
    if by_hand:
        rows.append((say("Chênh lệch theo sổ ghi tay", "Difference by hand register"), Number(by_hand), None, None))
    rows.append((say("Cộng", "Total"), Number(counted.visits), Number(sums.sessions), Number(minutes(sums.use_s))))
    return Table(
        code=code,
        title=title,
        columns=(
            Column(first, Align.LEFT, 4),
            Column(say("Lượt", "Visits"), Align.RIGHT, 2),
            Column(say("Phiên", "Sessions"), Align.RIGHT, 2),
            Column(say("Thời gian sử dụng (phút)", "Time used (minutes)"), Align.RIGHT, 3),
        ),
        rows=tuple(rows),
        bold_rows=frozenset({len(rows) - 1}),
    )


def _share(part: int, whole: int) -> Cell:
    return Number(Fraction(100 * part, whole), 2) if whole else None
