"""Annexes of a period's report: method and quality, figures by day or month, assets (counting 5.1).

In:  Report, Office.
Out: blocks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date

from gateway.accounting.rollup import minutes
from gateway.papers.adjusted import adjusted
from gateway.papers.hours_tables import month_name
from gateway.papers.indicator_table import gb_cell, hours_cell
from gateway.papers.office import Office
from gateway.papers.paper import Align, Annex, Block, Cell, Column, Number, Paragraph, Table
from gateway.papers.sentences import method_told
from gateway.papers.site_tables import weekday
from gateway.papers.tongue import Tongue
from gateway.reports.figures import Counted
from gateway.reports.period_quality import quality_line
from gateway.reports.report_values import Report


def method_annex(report: Report, office: Office, say: Tongue) -> tuple[Block, ...]:
    """How figures are made, and how far each site's can be trusted; always printed."""
    quality = [f"{one.name} – {quality_line(one.quality, say.language)}" for one in report.sites]
    return (
        Paragraph(method_told(say, office.lock_day)),
        Paragraph(
            say(
                "Giờ phục vụ thực hiện là phần giờ quy định mà điểm phục vụ mở cửa và thiết bị hoạt động; giờ có "
                "Internet là phần giờ phục vụ mà đường truyền không gián đoạn từ 05 phút trở lên. Giờ phục vụ tăng "
                "thêm không tính vào tỷ lệ. Dung lượng tính theo GB thập phân (1 GB = 1.000.000.000 byte) của các "
                "phiên truy nhập. Dấu “–”: không có số liệu.",
                "Hours held are those prescribed hours in which the site was open and its equipment ran; hours with "
                "Internet are hours held without an outage of the line of 5 minutes or more. Extra hours raise no "
                "ratio. Volume is in decimal GB (1 GB = 1,000,000,000 bytes) of sessions. “–” means no figure.",
            )
        ),
        *(Paragraph(line) for line in quality),
        *adjusted(report, say),
    )


def day_table(report: Report, say: Tongue) -> Table:
    """A row a date, over all sites; their sum is that of Biểu 1."""
    days: dict[date, Counted] = {}
    for one in report.sites:
        for day in one.days:
            days[day.day] = days.get(day.day, Counted()) + day.counted
    rows: list[tuple[Cell, ...]] = [
        (day, weekday(day.weekday(), say), *_figures(counted)) for day, counted in sorted(days.items())
    ]
    by_hand = _less(report.total.counted, sum(days.values(), Counted()))
    if by_hand != Counted():  # a register kept by hand tells months, not days
        rows.append((say("Sổ ghi tay", "Register"), say("chênh lệch", "difference"), *_figures(by_hand)))
    return _figures_table(
        "theo_ngay",
        say("Số liệu chi tiết theo ngày", "Figures by day"),
        (Column(say("Ngày", "Date"), Align.CENTRE, 5), Column(say("Thứ", "Weekday"), Align.LEFT, 4)),
        [*rows, (say("Cộng", "Total"), "", *_figures(report.total.counted))],
        say,
    )


def month_table(report: Report, say: Tongue) -> Table:
    """A row a month, over all sites."""
    months: dict[date, Counted] = {}
    for one in report.sites:
        for month in one.months:
            months[month.month] = months.get(month.month, Counted()) + month.counted
    rows = [(month_name(month), *_figures(counted)) for month, counted in sorted(months.items())]
    return _figures_table(
        "theo_thang",
        say("Số liệu chi tiết theo tháng", "Figures by month"),
        (Column(say("Tháng", "Month"), Align.LEFT, 4),),
        [*rows, (say("Cộng", "Total"), *_figures(report.total.counted))],
        say,
    )


def asset_table(office: Office, names: dict[str, str], last: date, say: Tongue) -> Table:
    """The inventory at the end of a period: those that are in service, or left it within its year."""
    told = [
        one
        for one in office.pcs
        if one.bought_on <= last and (one.retired_on is None or one.retired_on >= date(last.year, 1, 1))
    ]
    known = [one.cost_vnd for one in told if one.cost_vnd is not None]
    rows: list[tuple[Cell, ...]] = [
        (
            Number(n),
            one.code,
            one.asset_code,
            ", ".join(text for text in (one.model, one.serial) if text),
            ", ".join(text for text in (one.place, names.get(one.site, one.site)) if text),
            one.bought_on,
            None if one.cost_vnd is None else Number(one.cost_vnd),
            one.source,
            one.warranty_until or "",
            one.retired_on or "",
        )
        for n, one in enumerate(told, 1)
    ]
    rows.append(("", say("Cộng", "Total"), "", "", "", "", Number(sum(known)) if known else None, "", "", ""))
    return Table(
        code="tai_san",
        title=say("Danh mục máy tính", "Inventory of PCs"),
        columns=(
            Column(say("TT", "No."), Align.CENTRE, 2),
            Column(say("Mã máy", "PC code"), Align.LEFT, 4),
            Column(say("Mã tài sản", "Asset code"), Align.LEFT, 5),
            Column(say("Hãng, loại, số máy", "Make, model, serial"), Align.LEFT, 9),
            Column(say("Vị trí", "Place"), Align.LEFT, 8),
            Column(say("Ngày đưa vào sử dụng", "In service from"), Align.CENTRE, 5),
            Column(say("Nguyên giá (đồng)", "Cost (dong)"), Align.RIGHT, 5),
            Column(say("Nguồn", "Source"), Align.LEFT, 5),
            Column(say("Bảo hành đến", "Warranty until"), Align.CENTRE, 5),
            Column(say("Thôi sử dụng từ", "Out of service from"), Align.CENTRE, 5),
        ),
        rows=tuple(rows),
        bold_rows=frozenset({len(rows) - 1}),
        is_landscape=True,
    )


def _less(one: Counted, other: Counted) -> Counted:
    return Counted(*(getattr(one, each.name) - getattr(other, each.name) for each in fields(one)))


def _figures(one: Counted) -> tuple[Cell, ...]:
    return (
        Number(one.visits),
        Number(one.kiosk_visits),
        Number(one.wifi_visits),
        Number(one.sessions),
        Number(minutes(one.use_s)),
        hours_cell(one.promised_s),
        hours_cell(one.held_s),
        gb_cell(one.down_bytes),
        gb_cell(one.up_bytes),
        Number(one.blocked),
    )


def _figures_table(
    code: str, title: str, first: tuple[Column, ...], rows: Sequence[tuple[Cell, ...]], say: Tongue
) -> Table:
    return Table(
        code=code,
        title=title,
        columns=(
            *first,
            Column(say("Lượt", "Visits"), Align.RIGHT, 3),
            Column(say("Máy tính", "PCs"), Align.RIGHT, 3),
            Column("Wi-Fi", Align.RIGHT, 3),
            Column(say("Phiên", "Sessions"), Align.RIGHT, 3),
            Column(say("Phút sử dụng", "Minutes used"), Align.RIGHT, 4),
            Column(say("Giờ quy định", "Hours prescribed"), Align.RIGHT, 3),
            Column(say("Giờ thực hiện", "Hours held"), Align.RIGHT, 3),
            Column(say("Tải xuống (GB)", "Down (GB)"), Align.RIGHT, 4),
            Column(say("Tải lên (GB)", "Up (GB)"), Align.RIGHT, 3),
            Column(say("Ngăn chặn", "Blocked"), Align.RIGHT, 4),
        ),
        rows=tuple(rows),
        bold_rows=frozenset({len(rows) - 1}),
    )


def annex(number: str, title: str, blocks: Iterable[Block], say: Tongue) -> tuple[Block, ...]:
    """A new page: PHỤ LỤC II. …"""
    return (Annex(f"{say('PHỤ LỤC', 'ANNEX')} {number}. {title}"), *blocks)
