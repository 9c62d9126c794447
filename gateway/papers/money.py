"""What the plan's lines cost: V Kinh phí of the annual report, and the ledger of costs (counting 5.1).

In:  Cost, planned or spent.
Out: tables and a paper; sums are those of the rows.
"""

from collections.abc import Iterable
from fractions import Fraction

from gateway.papers.frame import framed
from gateway.papers.office import Cost, Office
from gateway.papers.paper import Align, Block, Cell, Column, Heading, Number, Paper, Paragraph, Table
from gateway.papers.tongue import Tongue
from gateway.visits.comparison import Dates

ITEMS = {
    "electricity": ("Tiền điện", "Electricity"),
    "internet": ("Thuê bao Internet", "Internet subscription"),
    "antivirus": ("Phần mềm diệt vi-rút", "Antivirus"),
    "maintenance": ("Bảo dưỡng, sửa chữa", "Maintenance and repair"),
    "duty_pay": ("Phụ cấp kiêm nhiệm", "Part-time duty pay"),
    "other": ("Chi khác", "Other"),
}
_SOURCES = {"budget": ("Ngân sách", "State budget"), "social": ("Xã hội hóa", "Social funding")}


def funding_table(costs: Iterable[Cost], dates: Dates, say: Tongue) -> Table:
    """The plan's lines: budget of the years, spent in the period, rate, who paid."""
    told = _within(costs, dates)
    rows: list[tuple[Cell, ...]] = []
    for n, (item, words) in enumerate(ITEMS.items(), 1):
        own = [one for one in told if one.item == item]
        planned, spent = _sum(own, planned=True), _sum(own, planned=False)
        sources = sorted({one.source for one in own if one.source})
        paid = ", ".join(say(*_SOURCES[source]) for source in sources)
        rows.append((Number(n), say(*words), *_money(own, planned, spent), paid))
    planned, spent = _sum(told, planned=True), _sum(told, planned=False)
    rows.append(("", say("Cộng", "Total"), *_money(told, planned, spent), ""))
    return Table(
        code="kinh_phi",
        title=say("Kinh phí thực hiện (đồng)", "Funding (dong)"),
        columns=(
            Column(say("TT", "No."), Align.CENTRE, 2),
            Column(say("Nội dung chi", "Item"), Align.LEFT, 8),
            Column(say("Dự toán", "Budget"), Align.RIGHT, 4),
            Column(say("Thực hiện", "Actual"), Align.RIGHT, 4),
            Column(say("Tỷ lệ (%)", "Rate (%)"), Align.RIGHT, 3),
            Column(say("Nguồn", "Source"), Align.LEFT, 4),
        ),
        rows=tuple(rows),
        bold_rows=frozenset({len(rows) - 1}),
        note="" if told else say("Chưa có số liệu kinh phí.", "There are no figures of costs yet."),
    )


def cost_ledger(costs: Iterable[Cost], office: Office, names: dict[str, str], dates: Dates, say: Tongue) -> Paper:
    """Every sum of a period with its voucher, and the plan's lines."""
    told = sorted(_within(costs, dates), key=lambda one: (one.day, one.site, one.item, one.document, one.vnd))
    spent = [one for one in told if not one.is_planned]
    rows: list[tuple[Cell, ...]] = [
        (
            Number(n),
            one.day,
            say(*ITEMS[one.item]),
            names.get(one.site, one.site),
            one.document,
            say(*_SOURCES[one.source]) if one.source else "",
            Number(one.vnd),
        )
        for n, one in enumerate(spent, 1)
    ]
    rows.append(("", "", say("Cộng", "Total"), "", "", "", Number(_sum(spent, planned=False))))
    ledger = Table(
        code="so_chi",
        title=say("Các khoản chi (đồng)", "Costs (dong)"),
        columns=(
            Column(say("TT", "No."), Align.CENTRE, 2),
            Column(say("Ngày", "Date"), Align.CENTRE, 4),
            Column(say("Nội dung chi", "Item"), Align.LEFT, 6),
            Column(say("Điểm phục vụ", "Site"), Align.LEFT, 6),
            Column(say("Chứng từ", "Voucher"), Align.LEFT, 5),
            Column(say("Nguồn", "Source"), Align.LEFT, 4),
            Column(say("Số tiền", "Sum"), Align.RIGHT, 4),
        ),
        rows=tuple(rows),
        bold_rows=frozenset({len(rows) - 1}),
    )
    blocks: tuple[Block, ...] = (
        Heading(1, say("I. TỔNG HỢP THEO NỘI DUNG CHI", "I. BY ITEM")),
        funding_table(told, dates, say),
        Heading(1, say("II. CHI TIẾT", "II. DETAILS")),
        ledger,
        Paragraph(say("Số tiền tính bằng đồng.", "Sums are in dong.")),
    )
    form = say("SỔ CHI PHÍ", "LEDGER OF COSTS")
    about = say(
        f"Duy trì máy tính và Internet công cộng {say.period(dates)}",
        f"Upkeep of public computers and Internet, {say.period(dates)}",
    )
    return framed(office, say, form, about, blocks)


def _within(costs: Iterable[Cost], dates: Dates) -> list[Cost]:
    """Spent in the period; planned for its years, for a plan stands on the first day of its year."""
    years = range(dates[0].year, dates[1].year + 1)
    return [
        one
        for one in costs
        if (one.is_planned and one.day.year in years) or (not one.is_planned and dates[0] <= one.day <= dates[1])
    ]


def _sum(costs: Iterable[Cost], *, planned: bool) -> int:
    return sum(one.vnd for one in costs if one.is_planned is planned)


def _money(costs: list[Cost], planned: int, spent: int) -> tuple[Cell, ...]:
    has_plan = any(one.is_planned for one in costs)
    return (
        Number(planned) if has_plan else None,
        Number(spent),
        Number(Fraction(100 * spent, planned), 2) if planned else None,
    )
