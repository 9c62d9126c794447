"""Workbook, page and CSV files of a paper, read back by other programs: the paper's own figures in each."""

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from html.parser import HTMLParser

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.documents.forms import writer_for
from gateway.papers.paper import Cell, Column, Language, Number, Paper, Table
from gateway.papers.printed import printed
from tests.paper_material import HOSTILE, hostile, month, paper, year


def read_csv(text: str, separator: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


def entries(made: Paper) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(writer_for(".zip")(made))) as folder:
        return {name: folder.read(name).decode("utf-8-sig") for name in folder.namelist()}


def digits(number: Number) -> str:
    """The printed digits with a point: 1284, 6.38."""
    return printed(Number(number.value, number.places), "en").replace(",", "")


class Tables(HTMLParser):
    """Rows of the page's tables, and what a page must not hold."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.tags: list[str] = []
        self.refers: list[str] = []
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.refers += [
            f"{name}={value}" for name, value in attrs if name in ("src", "href", "style") or name.startswith("on")
        ]
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.tables[-1][-1][-1] += data


def page(made: Paper) -> Tables:
    found = Tables()
    found.feed(writer_for(".html")(made).decode())
    return found


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_form_shows_the_papers_figures(language: Language) -> None:
    made = paper(month(), language)
    book = openpyxl.load_workbook(io.BytesIO(writer_for(".xlsx")(made)))
    files, html = entries(made), page(made).tables
    for table, of_page in zip(made.tables, html, strict=True):
        sheet = list(book[table.code].iter_rows(min_row=5, max_row=4 + len(table.rows)))
        excel = read_csv(files[f"excel/{table.code}.csv"], ";")
        exact = read_csv(files[f"rfc4180/{table.code}.csv"], ",")
        titles = [one.title for one in table.columns]
        assert excel[0] == exact[0] == of_page[0] == titles
        assert len(excel) == len(exact) == len(of_page) == len(table.rows) + 1
        for n, row in enumerate(table.rows):
            assert [printed(cell, language) for cell in row] == of_page[n + 1]
            for at, cell in enumerate(row):
                assert_told(cell, sheet[n][at], excel[n + 1][at], exact[n + 1][at])


def assert_told(cell: Cell, of_sheet: object, of_excel: str, of_exact: str) -> None:
    value, form = getattr(of_sheet, "value"), getattr(of_sheet, "number_format")  # noqa: B009 - openpyxl has no types
    match cell:
        case Number():
            wanted = Decimal(digits(cell))
            assert Decimal(repr(value)) == (wanted / 100 if cell.is_percent else wanted)
            shown = f"#,##0{'.' + '0' * cell.places if cell.places else ''}{'%' if cell.is_percent else ''}"
            assert form == (f"+{shown};-{shown};{shown}" if cell.is_signed else shown)
            assert of_excel == digits(cell).replace(".", ",") + ("%" if cell.is_percent else "")
            assert abs(Fraction(of_exact) - cell.value) <= Fraction(1, 2 * 10**12)
            assert digits(Number(Fraction(of_exact), cell.places)) == digits(cell)
        case datetime():
            assert value == cell.replace(tzinfo=None) and of_excel == of_exact == "2027-03-10 09:10"
        case date():
            assert value == datetime(cell.year, cell.month, cell.day) and of_excel == of_exact == str(cell)
        case None:
            assert value == "–" and of_excel == of_exact == ""
        case str():
            assert (value or "") == cell and of_exact == cell and of_excel.removeprefix("'") == cell


def test_the_same_paper_gives_the_same_bytes() -> None:
    for suffix in (".csv", ".html", ".xlsx", ".zip"):
        write = writer_for(suffix)
        assert write(paper(month())) == write(paper(month())), suffix


def test_the_one_csv_file_opens_in_a_vietnamese_excel() -> None:
    raw = writer_for(".csv")(paper(month()))
    assert raw.startswith(b"\xef\xbb\xbf") and raw.count(b"\r\n") == raw.count(b"\n")
    rows = read_csv(raw.decode("utf-8-sig"), ";")
    assert rows[0] == ["DỰ THẢO"] and rows[3] == [] and rows[4] == ["Biểu 1. Kết quả thực hiện các chỉ tiêu"]
    visits = next(row for row in rows if row[1:2] == ["Lượt người sử dụng"])
    assert visits[3:7] == ["1268", "1284", "1207", "6,38%"]
    # 9/10 is no day of October
    assert any("'9/10" in row for row in rows)


def test_the_machines_csv_is_rfc_4180() -> None:
    files = entries(paper(month()))
    text = files["rfc4180/bieu1.csv"]
    assert text.endswith("\r\n") and "\ufeff" not in text
    assert len({len(row) for row in read_csv(text, ",")}) == 1
    assert read_csv(text, ",")[1][6] == "6.379453189727" and read_csv(text, ",")[5][4] == "1234.567890123"
    assert read_csv(files["excel/_contents.csv"], ";")[1][1].startswith("DỰ THẢO BÁO CÁO")


def test_hostile_texts_run_nowhere() -> None:
    made = hostile()
    book = openpyxl.load_workbook(io.BytesIO(writer_for(".xlsx")(made)))
    assert len({name.lower() for name in book.sheetnames}) == len(book.sheetnames)
    for sheet in book:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in row)
            links = [cell.hyperlink for cell in row if cell.hyperlink]
            assert all(link.location and not link.target for link in links)  # to sheets of its own alone
    cells = [row[0].value for row in book[book.sheetnames[1]].iter_rows(min_row=5, max_row=4 + len(HOSTILE))]
    assert cells[:8] == list(HOSTILE[:8])
    found = page(made)
    assert "script" not in found.tags and "img" not in found.tags and not found.refers
    for name, text in entries(made).items():
        for row in read_csv(text, ";" if name.startswith("excel") else ","):
            assert not any(cell.lstrip().startswith(("=", "+", "@", "\t")) for cell in row), (name, row)
            assert not any(re.match(r"-(?!\d+$)", cell) for cell in row)
    assert all("/" not in name.partition("/")[2] and ".." not in name for name in entries(made))


def test_a_long_text_is_cut_not_lost() -> None:
    made = paper(month())
    long = Table("dai", "t", made.tables[0].columns[:1], (("x" * 40_000,), (Number(10**17),)))
    book = openpyxl.load_workbook(io.BytesIO(writer_for(".xlsx")(_with(made, long))))
    values = [row[0].value for row in book["dai"].iter_rows(min_row=5, max_row=6)]
    assert values[0] == "x" * 32_766 + "…" and values[1] == "100.000.000.000.000.000"  # more digits than Excel has


def _with(made: Paper, table: Table) -> Paper:
    return Paper(made.language, made.form, made.abstract, made.head, (table,), (), (), made.is_draft)


def test_the_workbook_is_ready_for_the_printer_and_says_that_it_is_a_draft() -> None:
    book = openpyxl.load_workbook(io.BytesIO(writer_for(".xlsx")(paper(month()))))
    sheet = book["bieu1"]
    assert sheet.freeze_panes == "A5" and sheet.print_title_rows == "$4:$4"
    assert sheet.page_setup.paperSize == 9 and sheet.page_setup.fitToHeight == 0
    assert book["bieu5"].page_setup.orientation == "landscape"
    assert sheet.oddHeader.left.text == "DỰ THẢO" and "DỰ THẢO" in str(sheet["A2"].value)
    assert book.properties.created == datetime(1980, 1, 1)
    signed = openpyxl.load_workbook(io.BytesIO(writer_for(".xlsx")(paper(month(), is_draft=False))))
    assert not any("DỰ THẢO" in str(cell.value) for sheet in signed for row in sheet.iter_rows() for cell in row)


def chart_parts(made: Paper) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(writer_for(".xlsx")(made))) as folder:
        names = sorted(
            (one for one in folder.namelist() if "charts/chart" in one), key=lambda one: int(re.findall(r"\d+", one)[0])
        )
        return [folder.read(name).decode() for name in names]


def test_charts_are_excels_own_with_their_figures_in_them() -> None:
    made = paper(year())
    parts = chart_parts(made)
    assert len(parts) == len(made.charts) == 7
    growth = parts[0]
    assert "<c:areaChart>" in growth and growth.index("<c:areaChart>") < growth.index("<c:barChart>")
    visits = re.findall(r"<c:barChart>.*?<c:numCache>(.*?)</c:numCache>", growth)[0]
    assert re.findall(r"<c:v>(\d+)</c:v>", visits) == [str(value) for value in made.charts[0].series[0].values]
    for part, chart in zip(parts, made.charts, strict=True):
        assert "<c:f>'Số liệu biểu đồ'!$" in part and "<c:v></c:v>" not in part and f"<c:v>{chart.title}</c:v>" in part
    assert '<c:grouping val="stacked"/>' in parts[5] and '<c:barDir val="bar"/>' in parts[6]


def test_the_page_loads_nothing_and_stays_small() -> None:
    for made in (paper(month()), paper(month(), "en"), paper(month(visitors=0, before=None))):
        raw = writer_for(".html")(made)
        assert len(raw) < 100_000
        found = page(made)
        assert {"script", "link", "img", "iframe", "object"}.isdisjoint(found.tags) and not found.refers
        assert found.tags.count("svg") == len(made.charts) and found.tags.count("caption") == len(made.tables)
        assert raw.count(b'scope="col"') == sum(len(one.columns) for one in made.tables)
        assert raw.count(b'scope="row"') >= len(made.tables[0].rows)
        ids: Sequence[str] = re.findall(r' id="([^"]+)"', raw.decode())
        assert len(ids) == len(set(ids))
    assert b"http" not in raw.replace(b"http://www.w3.org/2000/svg", b"").replace(b"http-equiv", b"")


def test_signatures_stand_before_the_annexes() -> None:
    text = writer_for(".html")(paper(month())).decode()
    assert text.index("VI. KHÓ KHĂN") < text.index("Y Blơm") < text.index("Phụ lục. Số liệu")
    assert "Sở Văn hóa, Thể thao và Du lịch;" in text and "Lưu: VT." in text


def test_what_excel_would_change_is_kept_from_it() -> None:
    told = ("1", "1.1", "0912", "9/10", "1-2", "12", "07:00–08:00", "1E5", "1234567890123456", "PC07")
    table = Table("t", "t", paper(month()).tables[0].columns[:1], tuple((one,) for one in told))
    cells = [row[0] for row in read_csv(entries(_with(paper(month()), table))["excel/t.csv"], ";")[1:]]
    assert cells == ["1", "'1.1", "'0912", "'9/10", "'1-2", "12", "07:00–08:00", "'1E5", "'1234567890123456", "PC07"]


_NUMBERS = st.builds(
    Number,
    st.one_of(st.integers(-(10**14), 10**14), st.fractions(-(10**6), 10**6, max_denominator=10**5)),
    st.integers(0, 3),
    st.booleans(),
    st.booleans(),
)
_CELLS = st.one_of(
    _NUMBERS, st.text(max_size=40), st.dates(date(1950, 1, 1), date(2100, 1, 1)), st.none(), st.sampled_from(HOSTILE)
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(_CELLS, _CELLS), min_size=1, max_size=6), st.sampled_from(["vi", "en"]))
def test_whatever_stands_in_a_cell_every_form_says_the_same(rows: list[tuple[Cell, Cell]], language: Language) -> None:
    table = Table("t", "t", (Column("a"), Column("b")), tuple(rows))
    made = Paper(language, "", "", None, (table,), (), (), False)
    sheet = openpyxl.load_workbook(io.BytesIO(writer_for(".xlsx")(made)))["t"]
    files, html = entries(made), page(made).tables[0]
    excel, exact = read_csv(files["excel/t.csv"], ";"), read_csv(files["rfc4180/t.csv"], ",")
    for n, row in enumerate(rows):
        for at, cell in enumerate(row):
            if not isinstance(cell, str):
                assert html[n + 1][at] == printed(cell, language)
                assert_told(cell, sheet.cell(5 + n, at + 1), excel[n + 1][at], exact[n + 1][at])
            else:
                assert sheet.cell(5 + n, at + 1).data_type in ("s", "n") or cell == ""
                assert not exact[n + 1][at].lstrip().startswith(("=", "+", "-", "@"))
