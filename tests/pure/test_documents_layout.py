"""Sections of one orientation, and texts no printer should choke on."""

from datetime import date

import pytest

from gateway.documents.head import number_line, place_line, recipient_lines
from gateway.documents.layout import breakable, pages_of, plain, without_missing
from gateway.papers.paper import Annex, Block, Column, Head, Heading, Paper, Paragraph, Table

WIDE = Table("wide", "Rộng", (Column("A"),), (("1",),), is_landscape=True)
NARROW = Table("narrow", "Hẹp", (Column("A"),), (("1",),))


def paper(*blocks: Block, head: Head | None = None, recipients: tuple[str, ...] = ()) -> Paper:
    return Paper("vi", "BÁO CÁO", "về …", head, blocks, (), recipients, is_draft=True)


def test_a_heading_turns_with_its_landscape_table_and_annexes_follow_the_signatures() -> None:
    blocks = (Paragraph("a"), Heading(1, "h"), WIDE, Paragraph("b"), Annex("I"), WIDE, Annex("II"), NARROW)
    pages = pages_of(paper(*blocks))
    assert [(one.is_landscape, one.blocks) for one in pages.body] == [
        (False, blocks[:1]),
        (True, blocks[1:3]),
        (False, blocks[3:4]),
    ]
    assert [(one.is_landscape, one.blocks) for one in pages.annexes] == [(True, blocks[4:6]), (False, blocks[6:])]


def test_a_paper_without_blocks_has_no_sections() -> None:
    assert pages_of(paper()).body == () == pages_of(paper()).annexes


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a\x00b\x1bc\ufffe", "abc"),
        ("một\nhai\tba", "một hai ba"),
        ("Thu\u031b vie\u0323\u0302n", "Thư viện"),
        ("A & B <xã>", "A & B <xã>"),
        ("=1+1", "=1+1"),
    ],
)
def test_plain(text: str, told: str) -> None:
    assert plain(text) == told


def test_only_words_too_long_for_a_cell_are_broken() -> None:
    assert breakable("Thư viện xã Sa Thầy") == "Thư viện xã Sa Thầy"
    assert breakable("x" * 50).split("\u200b") == ["x" * 24, "x" * 24, "xx"]


def test_a_letter_the_font_lacks_is_a_box() -> None:
    assert without_missing("aꪀb\u200b", lambda code: code < 128) == "a□b\u200b"


@pytest.mark.parametrize(
    ("day", "line"),
    [
        (date(2027, 4, 5), "Sa Thầy, ngày 05 tháng 4 năm 2027"),
        (date(2027, 1, 15), "Sa Thầy, ngày 15 tháng 01 năm 2027"),
        (date(2027, 12, 31), "Sa Thầy, ngày 31 tháng 12 năm 2027"),
        (None, "Sa Thầy, ngày      tháng      năm ………"),
    ],
)
def test_the_date_as_the_decree_writes_it(day: date | None, line: str) -> None:
    told = paper(head=Head("UBND xã", "Thư viện", "BC-TV", "", "Sa Thầy", day))
    assert place_line(told) == line
    assert number_line(told) == "Số:        /BC-TV"


def test_the_number_once_the_office_gave_one() -> None:
    assert number_line(paper(head=Head("", "", "BC-TV", "12", "", None))) == "Số: 12/BC-TV"


def test_recipients_end_as_the_decree_says() -> None:
    told = recipient_lines(paper(recipients=("UBND xã;", "- Thư viện tỉnh", "Lưu: VT, TV.")))
    assert told == ["- UBND xã;", "- Thư viện tỉnh;", "- Lưu: VT, TV."]
