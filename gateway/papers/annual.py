"""The report of a year: results with the goal's path, funding, assessment, next year, annexes (counting 5.1, annual).

In:  Report of a year, Office, the reconciled bills of its months.
Out: Paper.
"""

from collections.abc import Sequence
from fractions import Fraction

from gateway.papers.annexes import annex, asset_table, method_annex, month_table
from gateway.papers.charts import hours_chart, pcs_chart
from gateway.papers.frame import framed
from gateway.papers.hours_tables import duty_table
from gateway.papers.indicator_table import hours_cell, percent_cell
from gateway.papers.money import funding_table
from gateway.papers.office import Office
from gateway.papers.paper import Align, Block, Cell, Chart, Column, Heading, Number, Paper, Paragraph, Series, Table
from gateway.papers.period import drawn, events, growth, line, opening, results, safety, use
from gateway.papers.tongue import Tongue
from gateway.papers.trouble_tables import filter_table, incident_table, pc_table
from gateway.reports.bill_report import Reconciliation
from gateway.reports.report_values import Report
from gateway.visits.growth import needed, path

_YEARS = 3


def annual_paper(report: Report, office: Office, bills: Sequence[Reconciliation], say: Tongue) -> Paper:
    """BÁO CÁO Kết quả thực hiện năm …"""
    year = report.first.year
    blocks: tuple[Block, ...] = (
        Paragraph(opening(report, office, say)),
        *results(report, office, say),
        *growth(report, say),
        *goal_path(report, office, say),
        *use(report, office, say),
        *safety(report, say),
        *line(report, bills, say),
        Heading(1, say("V. KINH PHÍ", "V. FUNDING")),
        funding_table(office.costs, (report.first, report.last), say),
        Heading(1, say("VI. ĐÁNH GIÁ CHUNG", "VI. ASSESSMENT")),
        Heading(2, say("1. Kết quả nổi bật", "1. Results")),
        Paragraph("", to_fill=3),
        Heading(2, say("2. Tồn tại, hạn chế", "2. Shortcomings")),
        Paragraph("", to_fill=3),
        Heading(2, say("3. Nguyên nhân", "3. Causes")),
        Paragraph("", to_fill=3),
        Heading(1, say(f"VII. PHƯƠNG HƯỚNG, CHỈ TIÊU NĂM {year + 1}", f"VII. DIRECTIONS AND TARGETS FOR {year + 1}")),
        Paragraph(_next_year(report, say)),
        Paragraph("", to_fill=3),
        Heading(1, say("VIII. KIẾN NGHỊ", "VIII. PROPOSALS")),
        Paragraph("", to_fill=3),
        *_annexes(report, office, say),
    )
    about = say(
        f"Kết quả thực hiện năm {year} về khai thác, sử dụng máy tính và Internet công cộng",
        f"Results of {year}: use of public computers and Internet",
    )
    return framed(office, say, say("BÁO CÁO", "REPORT"), about, blocks)


def goal_path(report: Report, office: Office, say: Tongue) -> tuple[Block, ...]:
    """The compounded path from the year before; a guide line, for each year is judged on the actual one before."""
    base, band = report.growth.before, report.band
    if not base:
        return ()
    low, high = path(base, band.low, _YEARS), path(base, band.high, _YEARS)
    years = range(report.first.year, report.first.year + _YEARS)
    low_name = say(f"Mức tăng {band.low}%", f"Up {band.low}%")
    high_name = say(f"Mức tăng {band.high}%", f"Up {band.high}%")
    actual: tuple[int | None, ...] = (report.growth.visits, *(None,) * (_YEARS - 1))
    rows: list[tuple[Cell, ...]] = [
        (str(report.before_first.year), None, None, Number(base)),
        *(
            (str(year), Number(low[n]), Number(high[n]), None if actual[n] is None else Number(report.growth.visits))
            for n, year in enumerate(years)
        ),
    ]
    told = office.plan.visits if office.plan else None
    named = (
        say(f" Kế hoạch nêu {say.number(told)} lượt.", f" The plan names {say.number(told)} visits.") if told else ""
    )
    return (
        Table(
            code="lo_trinh",
            title=say(
                f"Lộ trình tăng {band.low}–{band.high}% mỗi năm (lượt)",
                f"Path of {band.low}–{band.high}% a year (visits)",
            ),
            columns=(
                Column(say("Năm", "Year"), Align.CENTRE, 2),
                Column(low_name, Align.RIGHT, 3),
                Column(high_name, Align.RIGHT, 3),
                Column(say("Thực hiện", "Actual"), Align.RIGHT, 3),
            ),
            rows=tuple(rows),
            note=say(
                "Chỉ tiêu mỗi năm tính theo số thực hiện của năm liền trước; lộ trình cộng dồn chỉ để tham khảo."
                + named,
                "Each year is judged on the actual figure of the year before; the path is a guide line only." + named,
            ),
        ),
        Chart(
            "lo_trinh_do_thi",
            say("Lượt sử dụng và lộ trình", "Visits and the path"),
            "lines",
            (str(report.before_first.year), *(str(year) for year in years)),
            (Series(say("Thực hiện", "Actual"), (base, *actual)),),
            say("lượt", "visits"),
            (Series(low_name, (base, *low)), Series(high_name, (base, *high))),
        ),
    )


def _next_year(report: Report, say: Tongue) -> str:
    """What the goal makes of this year's visits."""
    year, visits, band = report.first.year + 1, report.total.counted.visits, report.band
    least = say.number(needed(visits, band))
    return say(
        f"Chỉ tiêu năm {year}: tăng từ {band.low}% đến {band.high}% so với {say.number(visits)} lượt năm {year - 1}, "
        f"tức ít nhất {least} lượt.",
        f"Target for {year}: up {band.low}% to {band.high}% from {say.number(visits)} visits in {year - 1}: at least "
        f"{least} visits.",
    )


def _annexes(report: Report, office: Office, say: Tongue) -> tuple[Block, ...]:
    names = {one.site: one.name for one in report.sites}
    sites = report.sites
    training = say("TẬP HUẤN, TRUYỀN THÔNG", "TRAINING, OUTREACH")
    return (
        *annex(
            "I",
            say("TÌNH TRẠNG MÁY TÍNH, NGĂN CHẶN NỘI DUNG", "PCS, FILTERING"),
            [pc_table(report, office, say), *drawn([pcs_chart(sites, say.language)]), filter_table(report, say)],
            say,
        ),
        *annex("II", say("PHƯƠNG PHÁP THỐNG KÊ", "METHOD"), method_annex(report, office, say), say),
        *annex("III", say("SỐ LIỆU THEO THÁNG", "FIGURES BY MONTH"), [month_table(report, say)], say),
        *annex("IV", say("SỰ CỐ", "INCIDENTS"), [incident_table(report, office, say)], say),
        *annex("V", say("CHỈ SỐ THEO TCVN 11774", "INDICATORS BY TCVN 11774"), [_indices(report, say)], say),
        *annex("VI", say("DANH MỤC TÀI SẢN", "ASSETS"), [asset_table(office, names, report.last, say)], say),
        *annex(
            "VII",
            say("GIỜ TRỰC", "DUTY HOURS"),
            [duty_table(report, say), *drawn([hours_chart(sites, say.language)])],
            say,
        ),
        *annex("VIII", training, events(office, say), say),
    )


def _indices(report: Report, say: Tongue) -> Table:
    """Those of the standard (ISO 11620) that figures give; the population is the office's to know."""
    one = report.total.counted
    per_hour: Cell = Number(Fraction(one.visits * 3600, one.served_s), 2) if one.served_s else None
    rows: tuple[tuple[Cell, ...], ...] = (
        (
            say("Giờ máy sẵn sàng phục vụ", "Workstation hours available"),
            say("giờ", "hours"),
            hours_cell(one.available_s),
        ),
        (say("Giờ máy được sử dụng", "Workstation hours used"), say("giờ", "hours"), hours_cell(one.used_s)),
        (say("Tỷ lệ sử dụng máy", "Workstation use rate"), "%", percent_cell(one.used_s, one.available_s)),
        (say("Giờ mở cửa thực hiện/quy định", "Hours held/prescribed"), "%", percent_cell(one.held_s, one.promised_s)),
        (say("Lượt sử dụng trên một giờ phục vụ", "Visits per hour served"), say("lượt", "visits"), per_hour),
        (say("Lượt sử dụng trên đầu người", "Visits per capita"), say("lượt", "visits"), None),
    )
    return Table(
        code="tcvn_11774",
        title=say("Chỉ số hoạt động", "Performance indicators"),
        columns=(
            Column(say("Chỉ số", "Indicator"), Align.LEFT, 6),
            Column(say("Đơn vị tính", "Unit"), Align.CENTRE, 2),
            Column(say("Giá trị", "Value"), Align.RIGHT, 2),
        ),
        rows=rows,
        note=say(
            "Lượt trên đầu người: đơn vị bổ sung theo dân số của địa bàn phục vụ.",
            "Visits per capita: to be added by the population served.",
        ),
    )
