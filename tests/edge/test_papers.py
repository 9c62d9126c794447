"""Papers out of the commands, read back with other programs: python-docx, pdftotext, pdffonts, pdfinfo."""

import csv
import html
import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Mm

from gateway.documents.docx import write_docx
from gateway.documents.fonts import font_folder, letters
from gateway.documents.forms import writer_for
from gateway.documents.pdf import write_pdf
from gateway.errors import GatewayError, UsageError
from gateway.papers.paper import Align, Chart, Column, Head, Heading, Number, Paper, Paragraph, Series, Signature, Table
from gateway.reports import vietnamese as vi
from tests.edge import office_facts as facts
from tests.edge.desk import CommandDesk

HOSTILE = ("- #x", "= Đề mục", "A & B <xã>", "=1+1", "{{ 7*7 }}", "$x^2$ *đậm* _nghiêng_", "\\#import", "x" * 300)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> CommandDesk:
    made = CommandDesk.at(tmp_path_factory.mktemp("papers"))
    facts.take(made, *facts.office(), *facts.site(), *facts.march(), *facts.bills())
    return made


@pytest.fixture(scope="module")
def march(desk: CommandDesk) -> tuple[Document, str]:
    return written(desk, "report", "month", "2027-03")


def written(desk: CommandDesk, *words: str) -> tuple[Document, str]:
    """The paper in both forms: the .docx, and the PDF's text."""
    files = [desk.folder / f"out{suffix}" for suffix in (".docx", ".pdf")]
    desk.cong(*words, *(part for file in files for part in ("--to", str(file))))
    return docx.Document(str(files[0])), pdf_text(files[1].read_bytes())


def pdf_text(content: bytes) -> str:
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
    return done.stdout.decode()


def tool(name: str, content: bytes, tmp_path: Path) -> str:
    file = tmp_path / "looked.pdf"
    file.write_bytes(content)
    return subprocess.run([name, str(file)], capture_output=True, check=True, text=True).stdout


def words_of(text: str) -> str:
    return " ".join(text.split())


def texts(document: Document) -> Iterator[str]:
    yield from (one.text for one in document.paragraphs)
    for table in document.tables:
        yield from (cell.text for row in table.rows for cell in row.cells)


def rows_of(document: Document, title: str) -> list[list[str]]:
    """The table whose first heading cells are these."""
    for table in document.tables:
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        if title in rows[0]:
            return rows
    raise AssertionError(title)


def test_the_same_integers_stand_in_json_docx_and_pdf(desk: CommandDesk, march: tuple[Document, str]) -> None:
    made = desk.told("report", "month", "2027-03")
    document, text = march
    rows = {row[1]: row for row in rows_of(document, "Chỉ tiêu")}
    by_row = {one["row"]: one for one in made["indicators"]}
    for row, name in (
        ("visits", "Lượt người sử dụng"),
        ("kiosk_visits", "trong đó: tại máy tính công cộng"),
        ("wifi_visits", "trong đó: qua Wi-Fi"),
        ("sessions", "Phiên truy nhập"),
        ("devices", "Số thiết bị truy nhập (không phải số người)"),
        ("pcs", "Số máy tính hoạt động/tổng số"),
        ("blocked", "Số lượt bị ngăn chặn"),
    ):
        figure = vi.number(by_row[row]["actual"])
        assert rows[name][4] == figure, row
        assert any(figure in line.split() for line in text.splitlines()), row
    held = vi.number(Fraction(by_row["held_s"]["actual"], 3600), 1)
    assert rows["Giờ phục vụ thực hiện/quy định"][4] == held and held in text.split()
    days = rows_of(document, "Thứ")
    counted = {one["day"]: one["counted"] for one in made["sites"][0]["days"]}
    for cells, (day, figures) in zip(days[1:-1], sorted(counted.items()), strict=True):
        at = date.fromisoformat(day)
        assert cells[0] == f"{at.day:02}/3/2027"
        assert cells[2:6] == [
            vi.number(figures[name]) for name in ("visits", "kiosk_visits", "wifi_visits", "sessions")
        ]
        (line,) = [one.split() for one in text.splitlines() if one.split()[:2] == [cells[0], cells[1].split()[0]]]
        assert line[3:7] == cells[2:6]


def test_all_forms_of_the_true_report_have_the_same_table_1(desk: CommandDesk) -> None:
    """.docx, PDF, .xlsx, HTML and CSV, each read by another program: the actual figures of every row."""
    files = {suffix: desk.folder / f"all.{suffix}" for suffix in ("docx", "pdf", "xlsx", "html", "zip")}
    desk.cong("report", "month", "2027-03", *(part for file in files.values() for part in ("--to", str(file))))
    rows = rows_of(docx.Document(str(files["docx"])), "Chỉ tiêu")
    wanted = {row[1]: row[4] for row in rows[1:]}
    assert len(wanted) == 16
    book = openpyxl.load_workbook(files["xlsx"])
    cells = {
        row[1]: row[4]
        for sheet in book.worksheets
        for row in sheet.iter_rows(values_only=True)
        if row[1:2] and len(row) > 4
    }
    page = words_of(re.sub(r"<[^>]+>", " ", html.unescape(files["html"].read_text(encoding="utf-8"))))
    with zipfile.ZipFile(files["zip"]) as folder:
        table = list(csv.reader(io.StringIO(folder.read("rfc4180/bieu1.csv").decode(), newline="")))
    plain = {row[1]: row[4] for row in table[1:]}
    text = pdf_text(files["pdf"].read_bytes())
    for name, shown in wanted.items():
        number = Fraction(shown.replace(".", "").replace(",", "."))
        assert round(Fraction(str(cells[name])), 2) == number, name
        assert abs(Fraction(plain[name]) - number) <= Fraction(1, 20), name  # CSV for programs is not rounded
        assert f" {shown} " in page, name
        assert shown in text.split(), name


def test_the_same_dong_stand_in_the_minutes(desk: CommandDesk) -> None:
    (row,) = desk.told("reconcile", "2027-03")["rows"]
    document, text = written(desk, "reconcile", "2027-03")
    cells = rows_of(document, "Phải thanh toán")[1]
    expected = row["expected"]
    wanted = [
        expected["list_vnd"],
        row["discount_vnd"],
        *(expected[name] for name in ("credit_vnd", "before_vat_vnd", "vat_vnd")),
        row["expected_vnd"],
        row["invoiced"]["total_vnd"],
        row["difference_vnd"],
    ]
    assert [cells[n] for n in (4, 6, 7, 8, 9, 10, 12, 13)] == [vi.number(one) for one in wanted]
    assert all(vi.number(one) in text.split() for one in wanted)
    told = words_of(text)
    assert f"{vi.number(row['expected_vnd'])} đồng (bằng chữ: Hai trăm sáu mươi" in told
    assert "ĐẠI DIỆN BÊN A" in told and "ĐẠI DIỆN BÊN B" in told and "Số:" not in told
    assert any(section.orientation == WD_ORIENT.LANDSCAPE for section in document.sections)


def test_the_letterhead_of_the_time_is_taken(desk: CommandDesk, march: tuple[Document, str]) -> None:
    document, text = march
    assert any("THƯ VIỆN XÃ SA THẦY" in one for one in texts(document))
    assert "THƯ VIỆN XÃ SA THẦY" in text and "HUYỆN" not in text
    _, before = written(desk, "report", "month", "2025-05")
    assert "THƯ VIỆN HUYỆN SA THẦY" in before and "/BC-TVH" in before


def test_the_layout_of_the_decree_in_docx(march: tuple[Document, str]) -> None:
    document, text = march
    first = document.sections[0]
    sides = (first.page_width, first.page_height, first.top_margin, first.bottom_margin)
    assert [round(one.mm) for one in (*sides, first.left_margin, first.right_margin) if one] == [
        210,
        297,
        20,
        20,
        30,
        15,
    ]
    assert first.different_first_page_header_footer and "PAGE" in first.header._element.xml
    fonts = document.styles["Normal"].element.rPr.rFonts
    assert {fonts.get(qn(f"w:{script}")) for script in ("ascii", "hAnsi", "cs", "eastAsia")} == {"Times New Roman"}
    said = list(texts(document))
    for line in ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "BÁO CÁO", "Nơi nhận:"):
        assert any(line in one for one in said), line
        assert line in words_of(text), line
    assert any(one.strip() == "Số:        /BC-TV\nDỰ THẢO" for one in said)
    assert any(one.rstrip().endswith("./.") for one in said) and "./." in text
    assert "- Lưu: VT, TV." in text and "- UBND xã (để báo cáo);" in text
    tables = [one for one in document.tables if one.style and one.style.name == "Table Grid"]
    assert tables and all("w:tblHeader" in one.rows[0]._tr.xml for one in tables)


def test_charts_are_pictures_in_docx_that_can_be_read_aloud(march: tuple[Document, str]) -> None:
    document, text = march
    told = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert told == [
        "Thời gian sử dụng theo khung giờ",
        "Thời gian sử dụng theo ngày trong tuần",
        "Dung lượng tải xuống, tải lên",
        "Tỷ lệ ngày-máy hoạt động",
        "Số lượt ngăn chặn theo nhóm nội dung",
        "Giờ phục vụ theo quy định và đã thực hiện",
    ]
    assert all(shape.width <= Mm(166) for shape in document.inline_shapes)
    assert all(f"{title} (" in text for title in told)


def test_docx_does_without_the_engine_of_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    chart = Chart("c", "Biểu đồ", "bars", ("a",), (Series("s", (1,)),))
    paper = replace(hostile("a"), blocks=(chart,))
    assert len(docx.Document(io.BytesIO(write_docx(paper))).inline_shapes) == 0
    monkeypatch.undo()
    assert len(docx.Document(io.BytesIO(write_docx(paper))).inline_shapes) == 1


def test_the_pdf_is_an_archive_with_one_family_of_fonts(desk: CommandDesk, tmp_path: Path) -> None:
    desk.cong("report", "year", "2027", "--to", str(tmp_path / "year.pdf"))
    content = (tmp_path / "year.pdf").read_bytes()
    fonts = [line.split()[0] for line in tool("pdffonts", content, tmp_path).splitlines()[2:]]
    assert fonts and all("+LiberationSerif" in font for font in fonts)
    assert b"<pdfaid:part>2</pdfaid:part>" in content
    assert "(595.276 x 841.89" in tool("pdfinfo", content, tmp_path).replace("Page size:       ", "(")


def test_the_same_facts_give_the_same_bytes(desk: CommandDesk) -> None:
    files = [desk.folder / name for name in ("a.docx", "a.pdf", "b.docx", "b.pdf")]
    for some in (files[:2], files[2:]):
        desk.cong(
            "report", "month", "2027-03", "--paper", "pcs", *(part for file in some for part in ("--to", str(file)))
        )
    assert [file.read_bytes() for file in files[:2]] == [file.read_bytes() for file in files[2:]]


@pytest.mark.parametrize("paper", ["hours", "pcs", "costs"])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_other_papers_in_both_languages(desk: CommandDesk, paper: str, language: str) -> None:
    document, text = written(desk, "report", "month", "2027-03", "--paper", paper, "--language", language)
    assert ("BÁO CÁO" in text or "SỔ CHI PHÍ" in text) is (language == "vi")
    wanted = {"hours": "161,0" if language == "vi" else "161.0", "pcs": "9/10", "costs": "=1+1"}[paper]
    assert any(wanted == one for one in texts(document)) and wanted in text.split()


def test_negative_growth_and_a_missing_month_are_said_plainly(tmp_path: Path) -> None:
    desk = CommandDesk.at(tmp_path)
    facts.take(desk, *facts.office(), *facts.site(), *facts.march(), *facts.hand(760, 800))
    document, text = written(desk, "report", "month", "2027-03")
    told = words_of(text)
    wanted = (
        "đã phục vụ 760 lượt người sử dụng, giảm 5,00% so với cùng kỳ năm trước, chưa đạt chỉ tiêu kế hoạch; nguyên"
    )
    assert wanted in told and any(wanted in one for one in texts(document))
    assert "Lượt người sử dụng so với cùng kỳ năm trước (lượt)" in told  # the chart of the goal
    assert rows_of(document, "Chỉ tiêu")[1][3:7] == ["840", "760", "800", "-5,00"]
    incidents = rows_of(document, "Nguyên nhân")
    assert [row[5:] for row in incidents[1:]] == [
        ["Nhà mạng", "14:10 10/03, SC-77"],
        ["Mất điện (cắt điện báo trước)", ""],
    ]
    _, quarter = written(desk, "report", "quarter", "2027-Q1")
    assert "ngày phục vụ không có số liệu" in words_of(quarter)


def hostile(*cells: str) -> Paper:
    column = Column("Tên", Align.LEFT, 1)
    return Paper(
        language="vi",
        form="BÁO CÁO",
        abstract=facts.LONG[:300],
        head=Head(facts.LONG[:300], facts.LONG[:300], "BC-TV", "", "- #x", None),
        blocks=(
            Heading(1, "- #x"),
            Paragraph(facts.EVERY_LETTER),
            *(Paragraph(cell) for cell in cells),
            Table("t", "#bang", (column, column, column), tuple((cell, Number(-1234), None) for cell in cells), "- #x"),
            Paragraph("", to_fill=2),
        ),
        signatures=(Signature("TM. #x", "- post", "<b>&"),),
        recipients=cells,
        is_draft=True,
    )


def test_hostile_text_stands_there_as_it_is_and_runs_nowhere() -> None:
    paper = hostile(*HOSTILE)
    document = docx.Document(io.BytesIO(write_docx(paper)))
    (grid,) = [one for one in document.tables if one.style and one.style.name == "Table Grid"]
    assert [row.cells[0].text for row in grid.rows[1:]] == list(HOSTILE)
    assert [row.cells[1].text for row in grid.rows[1:]] == ["-1.234"] * len(HOSTILE)
    text = words_of(pdf_text(write_pdf(paper)))
    for one in HOSTILE[:-1]:
        assert one in text, one
    assert facts.EVERY_LETTER.split()[5] in text


def test_a_signed_paper_has_number_and_date_and_is_no_draft(tmp_path: Path) -> None:
    head = Head("UBND xã Sa Thầy", "Thư viện xã Sa Thầy", "BC-TV", "12", "Sa Thầy", date(2027, 4, 5))
    paper = replace(hostile("a"), head=head, is_draft=False)
    text = pdf_text(write_pdf(paper))
    said = list(texts(docx.Document(io.BytesIO(write_docx(paper)))))
    for line in ("Số: 12/BC-TV", "Sa Thầy, ngày 05 tháng 4 năm 2027"):
        assert line in said and line in text
    assert "DỰ THẢO" not in text and not any("DỰ THẢO" in one for one in said)
    assert "Apr  5" in tool("pdfinfo", write_pdf(paper), tmp_path)


def test_every_vietnamese_letter_is_in_the_font_and_in_both_files() -> None:
    paper = hostile("a")
    has = letters(font_folder())
    assert all(has(ord(one)) for one in facts.EVERY_LETTER) and not has(ord("ꪀ"))
    document = docx.Document(io.BytesIO(write_docx(paper)))
    wanted = set(facts.EVERY_LETTER.replace(" ", ""))
    assert wanted <= set("".join(one.text for one in document.paragraphs))
    assert wanted <= set(pdf_text(write_pdf(paper)))


def test_a_letter_no_font_has_is_a_box_and_no_failure() -> None:
    text = pdf_text(write_pdf(hostile("ꪀꪁ 😀", "a\x00b\x07c")))
    assert "□□ □" in text and "abc" in text


def test_nothing_known_is_a_draft_with_dots_and_a_hint(tmp_path: Path) -> None:
    desk = CommandDesk.at(tmp_path)
    done = desk.run("report", "month", "2027-03", "--to", str(tmp_path / "a.docx"), "--to", str(tmp_path / "a.pdf"))
    assert done.exception is None
    assert "cong facts add letterhead" in done.stderr and "cong facts add plan" in done.stderr
    text = words_of(pdf_text((tmp_path / "a.pdf").read_bytes()))
    assert "Thực hiện Kế hoạch số …………………" in text and "DỰ THẢO" in text
    assert "Chưa có số liệu hợp đồng, hóa đơn của kỳ này." in text


def test_refusals_come_before_any_work_and_leave_no_file(desk: CommandDesk, tmp_path: Path) -> None:
    assert "is no form of papers" in desk.refused("report", "month", "2027-03", "--to", str(tmp_path / "a.odt"))
    old = tmp_path / "old.pdf"
    old.write_text("old")
    missing = desk.refused("report", "month", "2027-03", "--to", str(tmp_path / "none" / "a.pdf"))
    assert "can't be written" in missing and "unchanged" in missing
    assert [one.name for one in tmp_path.iterdir()] == ["old.pdf"]
    assert "no contract is in force" in desk.refused("reconcile", "2020-03", "--to", str(tmp_path / "a.pdf"))
    with pytest.raises(UsageError):
        writer_for(".xyz")


def test_minutes_are_of_one_isp(tmp_path: Path) -> None:
    desk = CommandDesk.at(tmp_path)
    other: dict[str, Any] = {"kind": "contract", "site": "sa-thay", "code": "HD-99", "isp": "Viễn thông B"}
    facts.take(
        desk, *facts.office(), *facts.site(), *facts.bills(), {**other, "first": "2026-01-01", "credit": "khong"}
    )
    out = str(tmp_path / "a.docx")
    assert "Viễn thông A, Viễn thông B" in desk.refused("reconcile", "2027-03", "--to", out)
    assert 'no contract with "C"' in desk.refused("reconcile", "2027-03", "--isp", "C", "--to", out)
    desk.cong("reconcile", "2027-Q1", "--isp", "Viễn thông A", "--to", out)
    rows = rows_of(docx.Document(out), "Phải thanh toán")
    assert [row[0] for row in rows[1:]] == ["1", "2", "3", ""] and all("HD-99" not in row[1] for row in rows)
    assert len(desk.told("reconcile", "2027-Q1")["months"]) == 3


@pytest.mark.parametrize(("suffix", "engine"), [(".docx", "docx"), (".pdf", "typst")])
def test_without_an_engine_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, suffix: str, engine: str) -> None:
    for name in [one for one in sys.modules if one.startswith("gateway.documents.") or one.split(".")[0] == engine]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, engine, None)
    with pytest.raises(GatewayError, match=r'pip install "cong\[reports\]"'):
        writer_for(suffix)


def test_without_version_2_of_the_font_it_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(GatewayError, match="fonts-liberation2"):
        font_folder((tmp_path,))


def test_a_long_name_does_not_leave_its_cell() -> None:
    """Names of 300 letters in the head: the cells' widths are the document's, rules stand in rows of their own."""
    document = docx.Document(io.BytesIO(write_docx(hostile("a"))))
    head = document.tables[0]
    assert sum(cell.width or 0 for cell in head.rows[0].cells) <= Mm(165) + Mm(1)  # widths are whole twips
    assert [bool(one.text) for one in head.rows[0].cells[0].paragraphs] == [True, True, False]
