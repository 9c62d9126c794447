"""Tables 1 to 3 of the reconciliation minutes: money, quality, commitments (counting 3.7, 5.2).

In:  Reconciliation, one a month; Office.
Out: tables whose printed lines foot: list - reduction - credit = before VAT, + VAT = payable.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from gateway.accounting.rollup import minutes
from gateway.billing.contract import Clawback, Fixed, FreeMonths, Package, Percent, Rule, Subsidy
from gateway.papers.office import ContractCard, Office
from gateway.papers.paper import Align, Cell, Column, Number, Table
from gateway.papers.tongue import Tongue
from gateway.reports.bill_report import Reconciliation, Row

_STATUS = {
    "khớp": "agrees",
    "thu cao hơn cam kết": "charged above the commitment",
    "thu thấp hơn": "charged below",
    "thiếu hóa đơn": "invoice missing",
    "thiếu hợp đồng": "contract missing",
    "đã trả trước": "paid in advance",
    "không phát sinh": "nothing",
}


def money_table(bills: Sequence[Reconciliation], office: Office, say: Tongue) -> Table:
    """Table 1: a row a contract and month, and their sum."""
    many = len(bills) > 1
    rows: list[tuple[Cell, ...]] = []
    for bill in bills:
        for row in bill.rows:
            number = sum(isinstance(one[0], Number) for one in rows) + 1
            rows.append((Number(number), *_money(row, bill, office, say, many=many)))
            if row.expected.excess_vnd:
                excess = say("phần vượt giá", "beyond the price")
                rows.append(("", "", "", "", "", excess, Number(-row.expected.excess_vnd), *("",) * 8))
    rows.append(_total([row for bill in bills for row in bill.rows], say))
    return Table(
        code="bang1",
        title=say("Bảng 1. Số liệu cước (đồng)", "Table 1. Charges (dong)"),
        columns=_money_columns(say),
        rows=tuple(rows),
        bold_rows=frozenset({len(rows) - 1}),
        is_landscape=True,
    )


def quality_table(bills: Sequence[Reconciliation], say: Tongue) -> Table:
    """Table 2: how good the line was; the minutes stand beside the availability, for 99,50 may still fail."""
    many = len(bills) > 1
    rows = [(bill, row) for bill in bills for row in bill.rows]
    return Table(
        code="bang2",
        title=say("Bảng 2. Chất lượng dịch vụ", "Table 2. Quality of service"),
        columns=(
            Column(say("TT", "No."), Align.CENTRE, 2),
            Column(say("Điểm sử dụng", "Site"), Align.LEFT, 8),
            Column(say("Tốc độ cam kết (Mb/s)", "Committed speed (Mb/s)"), Align.RIGHT, 4),
            Column(say("Tốc độ đo trung bình (Mb/s)", "Mean measured speed (Mb/s)"), Align.RIGHT, 4),
            Column(say("Phân vị 10% (Mb/s)", "10th percentile (Mb/s)"), Align.RIGHT, 4),
            Column(say("Số lần đo", "Tests"), Align.RIGHT, 3),
            Column(say("Số lần gián đoạn", "Outages"), Align.RIGHT, 3),
            Column(say("Tổng thời gian (phút)", "Total (minutes)"), Align.RIGHT, 4),
            Column(say("Lâu nhất (phút)", "Longest (minutes)"), Align.RIGHT, 4),
            Column(say("Độ khả dụng (%)", "Availability (%)"), Align.RIGHT, 4),
            Column(say("Trong giờ phục vụ (%)", "In service hours (%)"), Align.RIGHT, 4),
            Column(say("Mã sự cố", "Tickets"), Align.LEFT, 5),
            Column(say("Giảm trừ (đồng)", "Credit (dong)"), Align.RIGHT, 4),
            Column(say("Đánh giá", "Rating"), Align.LEFT, 7),
        ),
        rows=tuple((Number(n), *_quality(row, bill, say, many=many)) for n, (bill, row) in enumerate(rows, 1)),
        is_landscape=True,
    )


def commitment_table(bills: Sequence[Reconciliation], office: Office, say: Tongue) -> Table:
    """Table 3: what was promised in writing against what the invoice gave, by month."""
    rows = [(bill, row) for bill in bills for row in bill.rows]
    return Table(
        code="bang3",
        title=say("Bảng 3. Thực hiện cam kết giảm cước (đồng)", "Table 3. Commitments kept (dong)"),
        columns=(
            Column(say("TT", "No."), Align.CENTRE, 2),
            Column(say("Hợp đồng", "Contract"), Align.LEFT, 5),
            Column(say("Tháng", "Month"), Align.CENTRE, 3),
            Column(say("Văn bản cam kết", "Document"), Align.LEFT, 6),
            Column(say("Mức giảm cam kết", "Committed reduction"), Align.LEFT, 6),
            Column(say("Tiền giảm phải có", "Reduction due"), Align.RIGHT, 4),
            Column(say("Tiền giảm trên hóa đơn", "Reduction invoiced"), Align.RIGHT, 4),
            Column(say("Chênh lệch", "Difference"), Align.RIGHT, 4),
            Column(say("Chênh lệch cước lũy kế năm", "Year's variance of charges"), Align.RIGHT, 4),
        ),
        rows=tuple((Number(n), *_commitment(row, bill, office, say)) for n, (bill, row) in enumerate(rows, 1)),
        is_landscape=True,
    )


def reduction_told(row: Row, say: Tongue) -> str:
    """30%; 50.000 đ/tháng; one without a paper is shown and said not to count (2.7, 20)."""
    none = say("chưa có cam kết bằng văn bản", "no commitment in writing")
    lines = [(one.rule, one.counted) for one in row.expected.lines]
    told = [_rule(rule, say) + ("" if counted else f" ({none})") for rule, counted in lines]
    if not told:
        return none
    return "; ".join(told) + ("" if row.has_commitment or any(not counted for _, counted in lines) else f"; {none}")


def card_of(office: Office, row: Row) -> ContractCard:
    """Who is on the other side; empty where the register has no contract."""
    told = (one for one in office.contracts if (one.site, one.code) == (row.site, row.contract))
    return next(told, ContractCard(row.site, row.contract, ""))


def mbit_cell(kbit_s: int | Fraction | None) -> Cell:
    """Mb/s with a decimal; "–" of nothing measured or agreed."""
    return Number(Fraction(kbit_s) / 1000, 1) if kbit_s else None


def _rule(rule: Rule, say: Tongue) -> str:
    month = say("đ/tháng", "dong a month")
    match rule.kind:
        case Percent(share):
            return f"{say.plain(100 * share, 6)}%"
        case Fixed(vnd, _):
            return f"{say.number(vnd)} {month}"
        case Subsidy(vnd, _, fund):
            paid = say("hỗ trợ", "subsidy")
            return f"{paid} {say.number(vnd)} {month}" + (f" ({fund})" if fund else "")
        case Package(vnd, _):
            return f"{say('giá gói', 'price')} {say.number(vnd)} {month}"
        case FreeMonths(paid_months, free, _):
            return say(f"trả {paid_months} tháng, tặng {free} tháng", f"{paid_months} months paid, {free} free")
        case Clawback(_, share):
            return say(f"hoàn {say.plain(100 * share, 6)}%", f"{say.plain(100 * share, 6)}% paid back")


def _money_columns(say: Tongue) -> tuple[Column, ...]:
    return (
        Column(say("TT", "No."), Align.CENTRE, 2),
        Column(say("Số hợp đồng, mã khách hàng", "Contract, customer code"), Align.LEFT, 5),
        Column(say("Điểm sử dụng", "Site"), Align.LEFT, 6),
        Column(say("Gói cước, tốc độ", "Package, speed"), Align.LEFT, 5),
        Column(say("Giá niêm yết (chưa thuế)", "List price (without VAT)"), Align.RIGHT, 4),
        Column(say("Mức giảm cam kết", "Committed reduction"), Align.LEFT, 5),
        Column(say("Tiền giảm", "Reduction"), Align.RIGHT, 4),
        Column(say("Giảm trừ do gián đoạn", "Outage credit"), Align.RIGHT, 4),
        Column(say("Tiền trước thuế", "Before tax"), Align.RIGHT, 4),
        Column(say("Thuế GTGT", "VAT"), Align.RIGHT, 4),
        Column(say("Phải thanh toán", "Payable"), Align.RIGHT, 4),
        Column(say("Hóa đơn (số, ngày)", "Invoice (no., date)"), Align.LEFT, 5),
        Column(say("Số tiền trên hóa đơn", "Invoiced"), Align.RIGHT, 4),
        Column(say("Chênh lệch", "Variance"), Align.RIGHT, 4),
        Column(say("Ghi chú", "Remarks"), Align.LEFT, 6),
    )


def _money(row: Row, bill: Reconciliation, office: Office, say: Tongue, *, many: bool) -> tuple[Cell, ...]:
    card, wanted = card_of(office, row), row.expected
    speed = (
        f"{say.plain(Fraction(row.quality.contracted_kbit_s, 1000), 1)} Mb/s" if row.quality.contracted_kbit_s else ""
    )
    cards = [one for one in office.invoices if one.key in row.invoices]
    return (
        ", ".join(text for text in (row.contract, card.customer) if text),
        row.site_name,
        ", ".join(text for text in (row.package, speed) if text),
        Number(wanted.list_vnd),
        reduction_told(row, say),
        Number(wanted.discount_vnd) if row.has_commitment else None,
        Number(wanted.credit_vnd),
        Number(wanted.before_vat_vnd),
        Number(wanted.vat_vnd),
        Number(wanted.total_vnd),
        "; ".join(f"{one.number}, {one.dated.day:02}/{one.dated.month:02}/{one.dated.year}" for one in cards),
        Number(row.invoiced.total_vnd) if row.invoiced else None,
        Number(row.difference_vnd) if row.difference_vnd is not None else None,
        "; ".join(_remarks(row, bill, say, many=many)),
    )


def _remarks(row: Row, bill: Reconciliation, say: Tongue, *, many: bool) -> Iterable[str]:
    if many:
        yield say.month(bill.month)
    yield say(row.status.value, _STATUS[row.status.value])
    wanted = row.expected
    if wanted.active_days < wanted.days:
        yield say(f"{wanted.active_days}/{wanted.days} ngày", f"{wanted.active_days} of {wanted.days} days")
    if wanted.unpriced_days:
        yield say(f"{wanted.unpriced_days} ngày chưa có giá", f"{wanted.unpriced_days} days without a price")
    if row.variance and row.variance.other_vat_rate:
        yield say("hóa đơn có thuế suất khác", "another VAT rate on the invoice")


def _total(rows: Sequence[Row], say: Tongue) -> tuple[Cell, ...]:
    invoiced = [row.invoiced.total_vnd for row in rows if row.invoiced]
    return (
        "",
        say("Cộng", "Total"),
        "",
        "",
        Number(sum(row.expected.list_vnd for row in rows)),
        "",
        Number(sum(row.discount_vnd - row.expected.excess_vnd for row in rows)),
        Number(sum(row.expected.credit_vnd for row in rows)),
        Number(sum(row.expected.before_vat_vnd for row in rows)),
        Number(sum(row.expected.vat_vnd for row in rows)),
        Number(sum(row.expected_vnd for row in rows)),
        "",
        Number(sum(invoiced)) if invoiced else None,
        Number(sum(row.difference_vnd or 0 for row in rows)) if invoiced else None,
        "",
    )


def _quality(row: Row, bill: Reconciliation, say: Tongue, *, many: bool) -> tuple[Cell, ...]:
    told = row.quality
    tickets = sorted({number for one in told.outages for number in one.tickets})
    available, within = told.availability_percent, told.availability_in_hours_percent
    return (
        f"{row.site_name}, {say.month(bill.month)}" if many else row.site_name,
        mbit_cell(told.contracted_kbit_s),
        mbit_cell(told.speed.mean_kbit_s),
        mbit_cell(told.speed.tenth_kbit_s),
        Number(told.speed.tests),
        Number(len(told.outages)),
        Number(minutes(told.down_s)),
        Number(minutes(told.longest_s)),
        None if available is None else Number(available, 3),
        None if within is None else Number(within, 3),
        ", ".join(tickets),
        Number(row.expected.credit_vnd),
        "; ".join(_rating(row, say)),
    )


def _rating(row: Row, say: Tongue) -> Iterable[str]:
    told = row.quality
    if told.is_met is not None:
        word = say("đạt", "met") if told.is_met else say("không đạt", "not met")
        allowed = say.plain(told.allowance_s / 60, 1)
        yield say(f"khả dụng {word} (cho phép {allowed} phút)", f"availability {word} ({allowed} minutes allowed)")
    if told.speed.is_enough is None:
        yield say("chưa có số đo tốc độ", "no speed tests")
    elif told.contracted_kbit_s:
        enough = told.speed.is_enough
        yield say("tốc độ đạt" if enough else "tốc độ không đạt", "speed met" if enough else "speed not met")


def _commitment(row: Row, bill: Reconciliation, office: Office, say: Tongue) -> tuple[Cell, ...]:
    documents = list(dict.fromkeys(one.rule.document for one in row.expected.lines if one.counted))
    due = row.discount_vnd - row.expected.excess_vnd
    granted = row.invoiced.discount_vnd if row.invoiced else None
    return (
        row.contract,
        f"{bill.month.month:02}/{bill.month.year}",
        "; ".join(office.document(number).number for number in documents)
        or say("chưa có cam kết bằng văn bản", "no commitment in writing"),
        reduction_told(row, say),
        Number(due) if row.has_commitment else None,
        None if granted is None else Number(granted),
        Number(granted - due) if granted is not None and row.has_commitment else None,
        Number(row.year_variance_vnd),
    )
