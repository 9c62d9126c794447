"""Two papers of their own beside a report: the service hours, and the PCs (counting 2.4 F and G).

In:  Report, Office.
Out: Paper.
"""

from fractions import Fraction

from gateway.papers.annexes import annex, asset_table
from gateway.papers.charts import hours_chart, pcs_chart
from gateway.papers.frame import framed
from gateway.papers.hours_tables import duty_table, hours_blocks
from gateway.papers.indicator_table import hours_cell, percent_cell
from gateway.papers.office import Office
from gateway.papers.paper import Align, Block, Cell, Column, Number, Paper, Paragraph, Table
from gateway.papers.period import drawn
from gateway.papers.sentences import hours_told, pcs_told
from gateway.papers.tongue import Tongue
from gateway.papers.trouble_tables import pc_table
from gateway.reports.report_values import Report, SiteReport
from gateway.service.hours import summed


def hours_paper(report: Report, office: Office, say: Tongue) -> Paper:
    """BÁO CÁO Giờ phục vụ: what was prescribed, held and lost, by site and day."""
    dates = report.first, report.last
    blocks: tuple[Block, ...] = (
        *_over_all(report, say),
        *drawn([hours_chart(report.sites, say.language)]),
        *hours_blocks(report, say),
        *([duty_table(report, say)] if len(report.sites) > 1 or say.span(dates) != say("tháng", "month") else []),
        Paragraph(_causes_note(say)),
    )
    about = say(f"Giờ phục vụ Internet công cộng {say.period(dates)}", f"Hours of public Internet, {say.period(dates)}")
    return framed(office, say, say("BÁO CÁO", "REPORT"), about, blocks)


def pcs_paper(report: Report, office: Office, say: Tongue) -> Paper:
    """BÁO CÁO Tình trạng máy tính: snapshot, PC-days, workstation hours, each PC, the inventory."""
    dates = report.first, report.last
    names = {one.site: one.name for one in report.sites}
    blocks: tuple[Block, ...] = (
        Paragraph(pcs_told(report, say, reported=False)),
        _rates(report, say),
        pc_table(report, office, say),
        *drawn([pcs_chart(report.sites, say.language)]),
        *annex("I", say("DANH MỤC MÁY TÍNH", "INVENTORY"), [asset_table(office, names, report.last, say)], say),
    )
    about = say(
        f"Tình trạng máy tính công cộng {say.period(dates)}", f"Public computers in working order, {say.period(dates)}"
    )
    return framed(office, say, say("BÁO CÁO", "REPORT"), about, blocks)


def _over_all(report: Report, say: Tongue) -> list[Block]:
    """The sentence over all sites; of one site it stands at its own heading."""
    if len(report.sites) == 1:
        return []
    return [Paragraph(hours_told(summed(one.service for one in report.sites), say))]


def _rates(report: Report, say: Tongue) -> Table:
    rows = [_rate_row(one) for one in report.sites]
    return Table(
        code="may_tinh",
        title=say("Tỷ lệ hoạt động và sử dụng máy tính", "PCs in working order and in use"),
        columns=(
            Column(say("Điểm phục vụ", "Site"), Align.LEFT, 6),
            Column(say("Máy hoạt động cuối kỳ", "Working at the end"), Align.CENTRE, 3),
            Column(say("Tỷ lệ (%)", "Rate (%)"), Align.RIGHT, 3),
            Column(say("Ngày-máy hoạt động", "PC-days working"), Align.RIGHT, 3),
            Column(say("Tổng ngày-máy", "PC-days"), Align.RIGHT, 3),
            Column(say("Tỷ lệ (%)", "Rate (%)"), Align.RIGHT, 3),
            Column(say("Giờ máy sẵn sàng", "PC-hours available"), Align.RIGHT, 3),
            Column(say("Giờ máy sử dụng", "PC-hours used"), Align.RIGHT, 3),
            Column(say("Tỷ lệ (%)", "Rate (%)"), Align.RIGHT, 3),
        ),
        rows=tuple(rows),
        note=say(
            "Chỉ tiêu 100% xét theo số máy hoạt động cuối kỳ. Máy đang tắt không phải là máy hỏng.",
            "The goal of 100% is judged on the PCs working at the end. A PC that is switched off is not out of order.",
        ),
    )


def _rate_row(one: SiteReport) -> tuple[Cell, ...]:
    counted, pcs = one.period.counted, one.period.pcs
    return (
        one.name,
        f"{pcs.part}/{pcs.whole}" if pcs else None,
        percent_cell(pcs.part, pcs.whole) if pcs else None,
        Number(counted.pc_days_ok),
        Number(counted.pc_days),
        percent_cell(counted.pc_days_ok, counted.pc_days),
        hours_cell(counted.available_s),
        hours_cell(counted.used_s),
        Number(Fraction(100 * counted.used_s, counted.available_s), 2) if counted.available_s else None,
    )


def _causes_note(say: Tongue) -> str:
    return say(
        "Mỗi phút không phục vụ có một nguyên nhân, xét theo thứ tự: nghỉ đột xuất, mất điện, hỏng thiết bị, chưa mở "
        "cửa, không rõ. Giờ tăng thêm không tính vào tỷ lệ.",
        "Each minute that was not served has one cause, asked in this order: unplanned closing, power, equipment, not "
        "opened, unknown. Extra hours raise no ratio.",
    )
