"""BIÊN BẢN ĐỐI SOÁT CƯỚC DỊCH VỤ INTERNET: the minutes two parties sign, of one month or several (counting 5.2, 3.7).

In:  Reconciliation, one a month, of one ISP's contracts; Office.
Out: Paper without letterhead, with the blocks of both parties and annexes A to D.
"""

from collections.abc import Iterable, Sequence

from gateway.billing.words import dong_in_words
from gateway.papers import words_en
from gateway.papers.bill_annexes import bill_annexes
from gateway.papers.bill_tables import card_of, commitment_table, money_table, quality_table
from gateway.papers.frame import quoted
from gateway.papers.office import Letterhead, Office
from gateway.papers.paper import Block, Heading, Paper, Paragraph, Signature
from gateway.papers.tongue import DOTS, Tongue
from gateway.reports.bill_report import Reconciliation, Row
from gateway.visits.comparison import Dates


def minutes_paper(bills: Sequence[Reconciliation], dates: Dates, office: Office, say: Tongue) -> Paper:
    """The whole minutes."""
    rows = [row for bill in bills for row in bill.rows]
    period = say.period(dates)
    hint = say("(Ký, ghi rõ họ tên, đóng dấu)", "(Signature, full name, seal)")
    blocks: tuple[Block, ...] = (
        Paragraph(
            say(
                f"Hôm nay, {say.day(office.signed_on)}, tại {_place(office)}, chúng tôi gồm:",
                f"Today, {say.day(office.signed_on)}, at {_place(office)}, we are:",
            )
        ),
        *_party_a(office.letterhead or Letterhead(), say),
        *_party_b(rows, office, say),
        Paragraph(
            say(
                f"Hai bên thống nhất đối soát cước dịch vụ Internet kỳ {period} như sau:",
                f"Both parties agree on the charges for Internet of {period} as follows:",
            )
        ),
        Heading(1, say("1. Căn cứ đối soát", "1. Bases")),
        *_bases(rows, office, say),
        Heading(1, say("2. Số liệu cước", "2. Charges")),
        money_table(bills, office, say),
        Heading(1, say("3. Chất lượng dịch vụ", "3. Quality of service")),
        quality_table(bills, say),
        commitment_table(bills, office, say),
        Heading(1, say("4. Kết luận", "4. Conclusion")),
        *_conclusion(bills, say),
        Heading(1, say("5. Ý kiến khác (nếu có)", "5. Other opinions (if any)")),
        Paragraph("", to_fill=3),
        Paragraph(
            say(
                "Biên bản được lập thành 02 bản có giá trị như nhau, mỗi bên giữ 01 bản.",
                "These minutes are made in 2 copies of equal value, one for each party.",
            )
        ),
        *bill_annexes(rows, office, say),
    )
    return Paper(
        language=say.language,
        form=say("BIÊN BẢN", "MINUTES"),
        abstract=say(f"ĐỐI SOÁT CƯỚC DỊCH VỤ INTERNET ({period})", f"RECONCILIATION OF INTERNET CHARGES ({period})"),
        head=None,
        blocks=blocks,
        signatures=(
            Signature("", say("ĐẠI DIỆN BÊN A", "FOR PARTY A"), "", hint),
            Signature("", say("ĐẠI DIỆN BÊN B", "FOR PARTY B"), "", hint),
        ),
        recipients=(),
        is_draft=office.is_draft,
    )


def isps_of(bills: Iterable[Reconciliation], office: Office) -> tuple[str, ...]:
    """The ISPs the rows are of; minutes are signed with one."""
    return tuple(sorted({card_of(office, row).isp for bill in bills for row in bill.rows}))


def _place(office: Office) -> str:
    return (office.letterhead.place if office.letterhead else "") or DOTS


def _party_a(head: Letterhead, say: Tongue) -> Iterable[Block]:
    yield Heading(2, say("BÊN A (Đơn vị sử dụng dịch vụ)", "PARTY A (user of the service)"))
    yield _line(say("Tên đơn vị", "Name"), head.issuing_body)
    yield _line(say("Địa chỉ", "Address"), head.address)
    yield _line(say("Mã số thuế", "Tax code"), head.tax_code)
    yield _line(say("Mã đơn vị quan hệ ngân sách", "Budget unit code"), head.budget_unit)
    yield _line(say("Đại diện", "Represented by"), head.signer)
    yield _line(say("Chức vụ", "Post"), head.post)


def _party_b(rows: Sequence[Row], office: Office, say: Tongue) -> Iterable[Block]:
    cards = [card_of(office, row) for row in rows]
    name = ", ".join(dict.fromkeys(one.isp for one in cards if one.isp))
    tax = ", ".join(dict.fromkeys(one.tax_code for one in cards if one.tax_code))
    yield Heading(2, say("BÊN B (Doanh nghiệp cung cấp dịch vụ)", "PARTY B (provider of the service)"))
    yield _line(say("Tên doanh nghiệp", "Name"), name)
    yield _line(say("Địa chỉ", "Address"), "")
    yield _line(say("Mã số thuế", "Tax code"), tax)
    yield _line(say("Đại diện", "Represented by"), "")
    yield _line(say("Chức vụ", "Post"), "")


def _line(label: str, value: str) -> Paragraph:
    return Paragraph(f"{label}: {value or DOTS * 2}")


def _bases(rows: Sequence[Row], office: Office, say: Tongue) -> Iterable[Block]:
    """Contracts, commitments, plan, quality; none is named that nobody told."""
    cards = {(row.site, row.contract): card_of(office, row) for row in rows}
    for card in cards.values():
        paper = f" ({office.document(card.document).number})" if card.document else ""
        yield Paragraph(say(f"- Hợp đồng số {card.code}{paper};", f"- Contract No. {card.code}{paper};"))
    numbers = [one.rule.document for row in rows for one in row.expected.lines if one.counted]
    for number in dict.fromkeys(numbers):
        yield Paragraph(f"- {quoted(office.document(number), say)};")
    if not numbers:
        yield Paragraph(
            say("- Mức giảm cước: chưa có cam kết bằng văn bản;", "- Reduction: there is no commitment in writing;")
        )
    if office.plan:
        yield Paragraph(f"- {quoted(office.plan.document, say)};")
    yield Paragraph(
        say(
            "- Quy chuẩn chất lượng dịch vụ: độ khả dụng từ 99,5% trở lên; tốc độ đo trung bình từ 80% tốc độ cam kết.",
            "- Quality: availability of 99.5% or more; mean measured speed of 80% of the committed one or more.",
        )
    )


def _conclusion(bills: Sequence[Reconciliation], say: Tongue) -> Iterable[Block]:
    payable = sum(bill.expected_vnd for bill in bills)
    words = say(dong_in_words(payable), words_en.dong_in_words(payable))
    variance = say.number(sum(bill.variance_vnd for bill in bills))
    yield Paragraph(
        say(
            f"Tổng số tiền phải thanh toán kỳ này là {say.number(payable)} đồng (bằng chữ: {words}). "
            f"Chênh lệch so với hóa đơn: {variance} đồng.",
            f"The total payable for this period is {say.number(payable)} dong (in words: {words}). "
            f"Difference to the invoices: {variance} dong.",
        )
    )
    missing = [row for bill in bills for row in bill.rows if row.invoiced is None]
    if missing:
        yield Paragraph(
            say(
                f"Chưa có hóa đơn của {len(missing):02} kỳ cước; chênh lệch chưa tính các kỳ này.",
                f"{len(missing)} invoices are missing; the difference leaves them out.",
            )
        )
    back = sum(row.clawback_vnd for bill in bills for row in bill.rows)
    if back:
        yield Paragraph(
            say(
                f"Khoản hoàn trả ưu đãi do chấm dứt hợp đồng trước hạn: {say.number(back)} đồng (ngoài số tiền trên).",
                f"Reductions to be paid back for an early end: {say.number(back)} dong (beside the total).",
            )
        )
    yield Paragraph(say("Hai bên thống nhất xử lý:", "Both parties agree to settle it so:"), to_fill=2)
