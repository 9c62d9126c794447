"""The content of reports, letter by letter where the specification gives the letters (counting 5.1)."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache

import pytest

from gateway.papers.annual import annual_paper
from gateway.papers.office import Cost, Document, Event, Letterhead, Office, PcCard, Plan
from gateway.papers.paper import Annex, Block, Chart, Heading, Language, Number, Paper, Paragraph, Table
from gateway.papers.period import period_paper
from gateway.papers.service_annexes import hours_paper, pcs_paper
from gateway.papers.tongue import Tongue
from gateway.reports.lock import Adjustment
from gateway.reports.month_counts import count_month
from gateway.reports.period_report import report
from gateway.reports.report_values import HandMonth, LineVolume, Report, SiteTold
from gateway.reports.site_facts import SiteFacts
from gateway.reports.spans import months_of, parse_span
from gateway.service.calendar import Calendar, Hours
from gateway.units import parse_utc_offset
from gateway.visits.devices import Visitors
from gateway.visits.growth import GOAL

VI, EN = Tongue("vi"), Tongue("en")
ZONE = parse_utc_offset("+07:00")
SEVEN_HOURS = [Hours(450, 660), Hours(810, 1020)]
PLAN = Document(
    "156/KH-UBND",
    "duy trì bền vững kết quả Dự án “Nâng cao khả năng sử dụng máy tính và truy nhập Internet công cộng tại Việt Nam”",
    date(2017, 12, 11),
    "Ủy ban nhân dân huyện Sa Thầy",
)
OFFICE = Office(
    letterhead=Letterhead("UBND xã Sa Thầy", "Thư viện xã Sa Thầy", "Sa Thầy", "BC-TV", "", "Phụ trách", "Hường"),
    recipients=("UBND xã", "Lưu: VT"),
    plan=Plan(PLAN, 5, 7),
    pcs=(PcCard("a", "PC01", date(2019, 6, 1)),),
    events=(Event("a", date(2027, 3, 20), "Ngày hội đọc sách", 85),),
    costs=(
        Cost("a", date(2027, 1, 1), "electricity", 6_000_000, is_planned=True, source="budget"),
        Cost("a", date(2027, 3, 5), "electricity", 1_500_000, is_planned=False, source="social"),
    ),
)


def hand(visits: int) -> HandMonth:
    return HandMonth(visits, 0, 0, 3600 * 160, "Sổ")


MONTHS = list(months_of((date(2026, 1, 1), date(2027, 12, 31))))


def told(now: int | None, before: int | None, site: str = "a", name: str = "Thư viện Sa Thầy") -> SiteTold:
    calendar = Calendar(ZONE, dict.fromkeys(range(5), SEVEN_HOURS), frozenset(), {}, [])
    counts = {date(2027, 3, 1): now, date(2026, 3, 1): before}
    return SiteTold(
        site,
        name,
        calendar,
        {month: count_month(SiteFacts(calendar, up=[]), month) for month in MONTHS},
        [(date(2000, 1, 1), date(9998, 12, 31))],
        hand={month: hand(count) for month, count in counts.items() if count is not None},
    )


def made(*sites: SiteTold, form: str = "month", period: str = "2027-03") -> Report:
    return report(sites, parse_span(form, period), GOAL)


def texts(paper: Paper) -> list[str]:
    return [one.text for one in paper.blocks if isinstance(one, Paragraph | Heading)]


def table(paper: Paper, code: str) -> Table:
    return next(one for one in paper.tables if one.code == code)


def test_the_opening_is_the_plan_as_it_was_told() -> None:
    paper = period_paper(made(told(1284, 1207)), OFFICE, [], VI)
    assert texts(paper)[0] == (
        "Thực hiện Kế hoạch số 156/KH-UBND ngày 11 tháng 12 năm 2017 của Ủy ban nhân dân huyện Sa Thầy về duy trì bền "
        "vững kết quả Dự án “Nâng cao khả năng sử dụng máy tính và truy nhập Internet công cộng tại Việt Nam”, Thư "
        "viện xã Sa Thầy báo cáo kết quả thực hiện tháng 3 năm 2027 như sau:"
    )
    assert (paper.form, paper.abstract) == (
        "BÁO CÁO",
        "Tình hình khai thác, sử dụng máy tính và Internet công cộng tháng 3 năm 2027",
    )


@pytest.mark.parametrize(
    ("now", "before", "sentence"),
    [
        (
            1284,
            1207,
            "Trong tháng, các điểm truy nhập đã phục vụ 1.284 lượt người sử dụng, tăng 6,38% so với cùng kỳ năm trước, "
            "đạt chỉ tiêu kế hoạch (tăng từ 5% đến 7%).",
        ),
        (
            760,
            800,
            "Trong tháng, các điểm truy nhập đã phục vụ 760 lượt người sử dụng, giảm 5,00% so với cùng kỳ năm trước, "
            "chưa đạt chỉ tiêu kế hoạch; nguyên nhân chủ yếu: ………………….",
        ),
        (
            50,
            None,
            "Trong tháng, các điểm truy nhập đã phục vụ 50 lượt người sử dụng. Chưa có số liệu cùng kỳ năm trước để so "
            "sánh.",
        ),
    ],
)
def test_the_sentence_of_visits(now: int, before: int | None, sentence: str) -> None:
    assert sentence in texts(period_paper(made(told(now, before)), OFFICE, [], VI))


def test_sections_stand_in_the_order_of_the_specification() -> None:
    paper = period_paper(made(told(1284, 1207)), OFFICE, [], VI)
    assert [one.text for one in paper.blocks if isinstance(one, Heading) and one.level == 1] == [
        "I. KẾT QUẢ THỰC HIỆN CÁC CHỈ TIÊU CHÍNH",
        "II. TÌNH HÌNH KHAI THÁC, SỬ DỤNG",
        "III. KIỂM SOÁT TRUY NHẬP, BẢO ĐẢM AN TOÀN",
        "IV. ĐƯỜNG TRUYỀN VÀ CƯỚC PHÍ",
        "V. TRUYỀN THÔNG, TẬP HUẤN, HỖ TRỢ NGƯỜI DÂN",
        "VI. KHÓ KHĂN, VƯỚNG MẮC",
        "VII. PHƯƠNG HƯỚNG, NHIỆM VỤ THÁNG TỚI",
        "VIII. ĐỀ XUẤT, KIẾN NGHỊ",
    ]
    numbered = [one.code for one in paper.tables if one.code.startswith("bieu")]
    assert numbered == ["bieu1", "bieu2", "bieu3", "bieu4", "bieu5"]
    assert any(text.startswith("Một lượt là một lần sử dụng liên tục") for text in texts(paper))


def test_table_1_has_all_columns_and_rows_with_numbers_as_numbers() -> None:
    first = table(period_paper(made(told(1284, 1207)), OFFICE, [], VI), "bieu1")
    assert [one.title for one in first.columns] == [
        "TT", "Chỉ tiêu", "Đơn vị tính", "Kế hoạch", "Thực hiện kỳ này", "Cùng kỳ năm trước", "Tăng, giảm (%)",
        "Lũy kế từ đầu năm", "Đánh giá",
    ]  # fmt: skip
    assert first.rows[0] == (
        "1",
        "Lượt người sử dụng",
        "lượt",
        Number(1268),
        Number(1284),
        Number(1207),
        Number(Fraction(7700, 1207), 2, is_signed=True),
        Number(1284),
        "Đạt",
    )
    assert len(first.rows) == 16
    assert first.note.startswith("Chất lượng số liệu: 23 ngày ghi bằng sổ; cách đếm")


def test_a_site_without_last_year_is_named_and_the_others_are_judged() -> None:
    paper = period_paper(made(told(1284, 1207), told(700, None, "b", "Điểm Ya Xiêr")), OFFICE, [], VI)
    assert "Trong tháng, các điểm truy nhập đã phục vụ 1.984 lượt người sử dụng." in texts(paper)
    judged = next(text for text in texts(paper) if "tăng 6,38%" in text)
    assert judged.startswith("Trong tháng, riêng 01 điểm có số liệu của cả hai kỳ đã phục vụ 1.284 lượt")
    assert "Không so sánh với cùng kỳ: Điểm Ya Xiêr." in texts(paper)
    second = table(paper, "bieu2")
    assert [row[4] for row in second.rows] == [Number(1284), Number(700), Number(1984)]
    assert second.rows[1][-1] == "không so sánh"


@pytest.mark.parametrize("code", ["hinh_thuc", "khung_gio", "ngay_trong_tuan", "theo_ngay"])
def test_rows_add_up_to_the_total_though_a_register_has_no_hours(code: str) -> None:
    paper = period_paper(made(told(1284, 1207)), OFFICE, [], VI)
    rows = table(paper, code).rows
    at = 2 if code == "theo_ngay" else 1
    values = [row[at].value for row in rows if isinstance(row[at], Number)]  # type: ignore[union-attr]
    assert sum(values[:-1]) == values[-1] == 1284


def test_the_annual_report_has_the_path_of_gv_h3_and_the_funding() -> None:
    paper = annual_paper(year(), OFFICE, [], VI)
    path = table(paper, "lo_trinh")
    assert [row[1] for row in path.rows[1:]] == [Number(10_500), Number(11_025), Number(11_576)]
    assert [row[2] for row in path.rows[1:]] == [Number(10_700), Number(11_449), Number(12_250)]
    assert path.rows[1][3] == Number(10_600) and path.rows[2][3] is None
    lines = table(paper, "kinh_phi").rows
    assert lines[0] == (
        Number(1),
        "Tiền điện",
        Number(6_000_000),
        Number(1_500_000),
        Number(Fraction(25), 2),
        "Ngân sách, Xã hội hóa",
    )
    assert lines[-1][2:4] == (Number(6_000_000), Number(1_500_000))
    assert {"tcvn_11774", "tai_san", "gio_truc"} <= {one.code for one in paper.tables}
    assert "Chỉ tiêu năm 2028: tăng từ 5% đến 7% so với 10.600 lượt năm 2027, tức ít nhất 11.130 lượt." in texts(paper)


def test_visitors_are_a_range_and_the_line_stands_beside_the_sessions() -> None:
    plain = made(told(1284, 1207))
    site = replace(
        plain.sites[0],
        visitors=Visitors(310, 540, Fraction(8201, 20)),
        line_volume=LineVolume(12 * 10**9, 345 * 10**8, 31),
    )
    said = texts(period_paper(replace(plain, sites=(site,)), OFFICE, [], VI))
    assert (
        "Thư viện Sa Thầy: ước lượng từ 310 đến 540 người đã sử dụng, khoảng 410 (chỉ để tham khảo, không dùng để xét "
        "chỉ tiêu)." in said
    )
    assert (
        "Thư viện Sa Thầy: qua đường truyền tải xuống 34,50 GB, tải lên 12,00 GB (31 ngày có số liệu); các phiên truy "
        "nhập tải xuống 0,00 GB, tải lên 0,00 GB." in said
    )


def test_later_corrections_stand_beside_what_was_told() -> None:
    february = date(2027, 2, 1)
    told_once = (Adjustment(february, "visits", 900, 897, "a"), Adjustment(february, "held_s", 3600, 5400, "a"))
    report = replace(made(told(1284, 1207)), adjustments=told_once)
    paper = period_paper(report, replace(OFFICE, lock_day=7), [], VI)
    assert [row[2:] for row in table(paper, "dieu_chinh").rows] == [
        ("02/2027", "Lượt người sử dụng", Number(900), Number(897), Number(-3, is_signed=True)),
        (
            "02/2027",
            "Giờ thực hiện",
            Number(Fraction(1), 3),
            Number(Fraction(3, 2), 3),
            Number(Fraction(1, 2), 3, is_signed=True),
        ),
    ]
    assert any(text.endswith("Số liệu được khóa ngày 07 tháng sau.") for text in texts(paper))
    assert not [one for one in period_paper(month(), OFFICE, [], VI).tables if one.code == "dieu_chinh"]


@pytest.mark.parametrize(
    ("form", "period", "words", "next_words"),
    [
        ("quarter", "2027-Q1", "quý I năm 2027", "NHIỆM VỤ QUÝ TỚI"),
        ("half", "2027-H2", "6 tháng cuối năm 2027", "NHIỆM VỤ 6 THÁNG TỚI"),
        ("month", "2027-03", "tháng 3 năm 2027", "NHIỆM VỤ THÁNG TỚI"),
    ],
)
def test_periods_have_their_names(form: str, period: str, words: str, next_words: str) -> None:
    paper = period_paper(made(told(1284, 1207), form=form, period=period), OFFICE, [], VI)
    assert paper.abstract.endswith(words)
    assert any(text.endswith(next_words) for text in texts(paper))


def test_a_draft_without_an_office_has_dots_and_no_number() -> None:
    paper = period_paper(made(told(None, None)), Office(), [], VI)
    assert paper.is_draft and paper.head
    assert (paper.head.issuing_body, paper.head.number, paper.head.day) == ("…………………", "", None)
    assert texts(paper)[0].startswith("Thực hiện Kế hoạch số …………………, ………………… báo cáo")
    assert paper.recipients == ("Lưu: VT.",)
    signed = period_paper(made(told(1, 1)), replace(OFFICE, number="12", signed_on=date(2027, 4, 5)), [], VI)
    assert not signed.is_draft


@cache
def month() -> Report:
    return made(told(1284, 1207), told(700, None, "b", "Điểm Ya Xiêr"))


@cache
def year() -> Report:
    march = told(10_600, 10_000)
    months = {date(2026, n, 1): hand(0) for n in range(1, 13)}
    return made(replace(march, hand={**months, **march.hand}), form="year", period="2027")


def papers(say: Tongue) -> Iterator[Paper]:
    yield period_paper(month(), OFFICE, [], say)
    yield hours_paper(month(), OFFICE, say)
    yield pcs_paper(month(), OFFICE, say)
    yield annual_paper(year(), OFFICE, [], say)


def shape(block: Block) -> object:
    match block:
        case Table():
            numbers = [[cell for cell in row if isinstance(cell, Number | date)] for row in block.rows]
            return block.code, len(block.columns), numbers
        case Chart():
            return block.code, len(block.labels), [one.values for one in block.series]
        case Heading():
            return "heading", block.level
        case Paragraph():
            return "paragraph", block.to_fill
        case Annex():
            return "annex"


def test_english_is_a_full_mirror_with_the_same_numbers() -> None:
    names = "Thư viện Sa Thầy Điểm Ya Xiêr xã UBND Ngày hội đọc sách Phụ trách Hường"
    for vietnamese, english in zip(papers(VI), papers(EN), strict=True):
        assert [shape(one) for one in vietnamese.blocks] == [shape(one) for one in english.blocks]
        for one in english.blocks:
            said = one.text if isinstance(one, Heading | Paragraph) else "" if isinstance(one, Chart) else one.title
            said += " ".join(column.title for column in one.columns) if isinstance(one, Table) else ""
            left = said.replace(PLAN.title, "").replace(PLAN.issuer, "")
            odd = {word for word in re.findall(r"\w+", left) if not word.isascii()}
            assert odd <= set(names.split()), said


@pytest.mark.parametrize("language", ["vi", "en"])
def test_codes_of_tables_and_charts_are_unique(language: Language) -> None:
    for paper in papers(Tongue(language)):
        codes = [*(one.code for one in paper.tables), *(one.code for one in paper.charts)]
        assert len(codes) == len(set(codes))


def test_every_row_has_a_cell_for_every_column() -> None:
    for paper in papers(VI):
        for one in paper.tables:
            assert {len(row) for row in one.rows} <= {len(one.columns)}, one.code


def test_the_hours_of_a_month_are_its_days() -> None:
    counted = month().sites[0].period.counted
    rows = table(hours_paper(month(), OFFICE, VI), "gio_a").rows
    assert rows[-1][1] == Number(Fraction(counted.promised_s, 3600), 1) == Number(Fraction(161), 1)
    assert len(rows) == 32 and rows[0][0] == date(2027, 3, 1)
