"""The minutes of reconciliation: the worked examples in the tables both parties sign (counting 5.2)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest

from gateway.billing.contract import (
    Contract,
    Fixed,
    FreeMonths,
    Kind,
    Package,
    Percent,
    Price,
    Rule,
    Subsidy,
    Term,
    VatRate,
)
from gateway.billing.credit import PerMinute
from gateway.billing.invoices import Invoice
from gateway.billing.month import Terms
from gateway.papers.minutes import isps_of, minutes_paper
from gateway.papers.office import ContractCard, Document, InvoiceCard, Letterhead, Office, WanDay
from gateway.papers.paper import Annex, Heading, Number, Paper, Paragraph, Table
from gateway.papers.tongue import Tongue
from gateway.papers.words_en import dong_in_words
from gateway.reports.bill_report import LineTold, Reconciliation, reconcile
from gateway.service.calendar import Calendar, Hours
from gateway.service.intervals import Interval
from gateway.units import parse_utc_offset

VI, EN = Tongue("vi"), Tongue("en")
ZONE = parse_utc_offset("+07:00")
APRIL = date(2027, 4, 1)
SINCE = Term(date(2026, 1, 1))
INVOICE = Invoice("0100000000|1|C27TAA|12", "HD-12", APRIL, 308_000, 350_000, 70_000, 0, 28_000)
OFFICE = Office(
    letterhead=Letterhead("UBND xã", "Thư viện xã Sa Thầy", "Sa Thầy", "BC-TV", "", "Phụ trách", "Hường", "61", "12"),
    documents={"12/CK-VT": Document("12/CK-VT", "về giảm cước", date(2025, 12, 1), "Viễn thông A")},
    contracts=(ContractCard("a", "HD-12", "Viễn thông A", "KH-77", "0100000000"),),
    invoices=(InvoiceCard(INVOICE.key, "C27TAA 12", "HD-12", APRIL, date(2027, 4, 30), 308_000, "ab" * 32),),
    wan_days=(WanDay("a", APRIL, 2 * 10**9, 31 * 10**9),),
)
PROMISE = Rule(Percent(Fraction(30, 100)), SINCE, "12/CK-VT")


def line(*rules: Rule, down: Interval | None = None, invoices: tuple[Invoice, ...] = (INVOICE,)) -> LineTold:
    return LineTold(
        site="a",
        site_name="Thư viện Sa Thầy",
        contract=Contract("HD-12", SINCE, (Price(SINCE, 350_000),)),
        terms=Terms(rules, (VatRate(Term(date(2020, 1, 1)), Fraction(1, 10)),), PerMinute(), ZONE),
        package="Fiber 100",
        contracted_kbit_s=100_000,
        calendar=Calendar(ZONE, {day: [Hours(450, 660)] for day in range(5)}, frozenset(), {}, []),
        line_down=[down] if down else [],
        ours=[],
        tickets={down: "SC-77"} if down else {},
        tests=[],
        invoices=invoices,
    )


def april(*rules: Rule, down: Interval | None = None, invoices: tuple[Invoice, ...] = (INVOICE,)) -> Reconciliation:
    return reconcile([line(*rules, down=down, invoices=invoices)], APRIL)


def paper(*bills: Reconciliation, say: Tongue = VI, office: Office = OFFICE) -> Paper:
    return minutes_paper(bills, (APRIL, date(2027, 4, 30)), office, say)


def table(told: Paper, code: str) -> Table:
    return next(one for one in told.tables if one.code == code)


def texts(told: Paper) -> list[str]:
    return [one.text for one in told.blocks if isinstance(one, Paragraph | Heading)]


def test_r_a_against_an_invoice_that_gives_too_little() -> None:
    row = table(paper(april(PROMISE)), "bang1").rows[0]
    assert row == (
        Number(1),
        "HD-12, KH-77",
        "Thư viện Sa Thầy",
        "Fiber 100, 100 Mb/s",
        Number(350_000),
        "30%",
        Number(105_000),
        Number(0),
        Number(245_000),
        Number(24_500),
        Number(269_500),
        "C27TAA 12, 30/04/2027",
        Number(308_000),
        Number(38_500),
        "thu cao hơn cam kết",
    )


def test_r_b_with_1903_minutes_out_and_the_amount_in_words() -> None:
    begin = datetime(2027, 4, 4, 17, tzinfo=UTC)
    told = paper(april(PROMISE, down=(begin, begin + timedelta(minutes=1903)), invoices=()))
    row = table(told, "bang1").rows[0]
    assert [row[n] for n in (7, 8, 9, 10)] == [Number(10_792), Number(234_208), Number(23_421), Number(257_629)]
    assert (row[12], row[13], row[14]) == (None, None, "thiếu hóa đơn")
    assert (
        "Tổng số tiền phải thanh toán kỳ này là 257.629 đồng (bằng chữ: Hai trăm năm mươi bảy nghìn sáu trăm hai mươi "
        "chín đồng). Chênh lệch so với hóa đơn: 0 đồng." in texts(told)
    )
    quality = table(told, "bang2").rows[0]
    assert quality[6:9] == (Number(1), Number(1903), Number(1903))
    assert quality[11] == "SC-77"
    assert str(quality[13]).startswith("khả dụng không đạt (cho phép 216 phút)")
    assert table(told, "phu_luc_a").rows[0][4] == Number(1903)


def test_the_printed_lines_of_a_row_foot_also_beyond_the_price() -> None:
    told = table(paper(april(Rule(Fixed(400_000), SINCE, "12/CK-VT"))), "bang1")
    first, excess, total = told.rows
    assert (first[6], excess[6], first[8]) == (Number(400_000), Number(-50_000), Number(0))
    assert excess[5] == "phần vượt giá"
    assert total[4] == Number(350_000) and total[6] == Number(350_000)


def test_without_a_paper_no_percentage_is_made_up() -> None:
    bare = paper(april())
    assert table(bare, "bang1").rows[0][5:7] == ("chưa có cam kết bằng văn bản", None)
    assert "- Mức giảm cước: chưa có cam kết bằng văn bản;" in texts(bare)
    unwritten = table(paper(april(replace(PROMISE, document=""))), "bang1").rows[0]
    assert unwritten[5] == "30% (chưa có cam kết bằng văn bản)" and unwritten[6] is None
    assert unwritten[10] == Number(385_000)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Percent(Fraction(1429, 10_000)), "14,29%"),
        (Fixed(50_000), "50.000 đ/tháng"),
        (Package(231_000, holds_vat=True), "giá gói 231.000 đ/tháng"),
        (Subsidy(24_000, fund="Quỹ VTCI"), "hỗ trợ 24.000 đ/tháng (Quỹ VTCI)"),
        (FreeMonths(6, 1, 1_386_000), "trả 6 tháng, tặng 1 tháng"),
    ],
)
def test_each_form_of_a_promise_in_words(kind: Kind, words: str) -> None:
    term = Term(date(2027, 1, 1))
    assert table(paper(april(Rule(kind, term, "12/CK-VT"))), "bang1").rows[0][5] == words


def test_the_parties_bases_copies_and_annexes() -> None:
    told = paper(april(PROMISE))
    said = texts(told)
    assert said[0] == "Hôm nay, ngày …… tháng …… năm ………, tại Sa Thầy, chúng tôi gồm:"
    assert said[1] == "BÊN A (Đơn vị sử dụng dịch vụ)"
    assert "Mã đơn vị quan hệ ngân sách: 12" in said and "Tên doanh nghiệp: Viễn thông A" in said
    assert "- Văn bản cam kết số 12/CK-VT ngày 01 tháng 12 năm 2025 của Viễn thông A về giảm cước;" in said
    assert "Biên bản được lập thành 02 bản có giá trị như nhau, mỗi bên giữ 01 bản." in said
    assert [one.title for one in told.blocks if isinstance(one, Annex)] == [
        "PHỤ LỤC A. DANH SÁCH SỰ CỐ",
        "PHỤ LỤC B. KẾT QUẢ ĐO TỐC ĐỘ",
        "PHỤ LỤC C. HÓA ĐƠN",
        "PHỤ LỤC D. DUNG LƯỢNG THEO NGÀY",
    ]
    assert [one.post for one in told.signatures] == ["ĐẠI DIỆN BÊN A", "ĐẠI DIỆN BÊN B"]
    assert table(told, "phu_luc_c").rows[0][-1] == "ab" * 32
    assert table(told, "phu_luc_d").rows[0][2] == Number(Fraction(31), 2)
    assert table(told, "bang3").rows[0][5:] == (Number(105_000), Number(70_000), Number(-35_000), Number(38_500))


def test_several_months_stand_in_one_table_and_are_summed() -> None:
    march = reconcile([line(PROMISE)], date(2027, 3, 1))
    told = minutes_paper([march, april(PROMISE)], (date(2027, 1, 1), date(2027, 3, 31)), OFFICE, VI)
    rows = table(told, "bang1").rows
    assert [row[0] for row in rows] == [Number(1), Number(2), ""]
    assert str(rows[0][14]).startswith("tháng 3 năm 2027; thiếu hóa đơn")
    assert rows[-1][10] == Number(539_000) and told.abstract.endswith("(quý I năm 2027)")
    assert isps_of([march], OFFICE) == ("Viễn thông A",)


def test_english_has_the_same_numbers() -> None:
    bills = april(PROMISE)
    for one, other in zip(paper(bills).tables, paper(bills, say=EN).tables, strict=True):
        numbers = [[cell for cell in row if isinstance(cell, Number)] for row in one.rows]
        assert numbers == [[cell for cell in row if isinstance(cell, Number)] for row in other.rows]
    assert any(
        "(in words: Two hundred sixty-nine thousand five hundred dong)" in one for one in texts(paper(bills, say=EN))
    )


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "Zero dong"),
        (15, "Fifteen dong"),
        (101, "One hundred one dong"),
        (1_000_015, "One million fifteen dong"),
        (-42, "Minus forty-two dong"),
        (10**9, "One billion dong"),
    ],
)
def test_english_words(amount: int, words: str) -> None:
    assert dong_in_words(amount) == words
