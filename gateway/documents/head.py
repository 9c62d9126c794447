"""The head of an official paper in words: Quốc hiệu, number, place and date (Decree 30/2020, counting 2.3).

In:  Head; the language.
Out: the lines every writer sets.
"""

from dataclasses import dataclass
from datetime import date

from gateway.papers.paper import Language, Paper
from gateway.papers.tongue import Tongue


@dataclass(frozen=True, slots=True)
class Words:
    """What stands around the text in one language."""

    nation: str
    motto: str
    number: str
    draft: str
    recipients: str


_WORDS: dict[Language, Words] = {
    "vi": Words("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "Số:", "DỰ THẢO", "Nơi nhận:"),
    "en": Words("SOCIALIST REPUBLIC OF VIET NAM", "Independence - Freedom - Happiness", "No.:", "DRAFT", "Recipients:"),
}


def words_of(paper: Paper) -> Words:
    """The words of the paper's language."""
    return _WORDS[paper.language]


def day_of(paper: Paper) -> date:
    """What a file says of its time: the paper's date, for a file has none of its own; 1980 in a draft."""
    return (paper.head and paper.head.day) or date(1980, 1, 1)


def number_line(paper: Paper) -> str:
    """Số: 12/BC-TV; the number is left blank until the office has given one."""
    head = paper.head
    assert head
    return f"{words_of(paper).number} {head.number or '       '}/{head.symbol}"


def place_line(paper: Paper) -> str:
    """Sa Thầy, ngày 05 tháng 4 năm 2027; the day is open in a draft."""
    head = paper.head
    assert head
    return f"{head.place}, {_day(head.day, paper.language)}"


def recipient_lines(paper: Paper) -> list[str]:
    """- UBND xã; … - Lưu: VT. Each ends in ";", the last in "."."""
    told = [one.strip().removeprefix("-").strip().rstrip(";.") for one in paper.recipients]
    return [f"- {one}{'.' if n == len(told) else ';'}" for n, one in enumerate(told, 1)]


def _day(day: date | None, language: Language) -> str:
    if day is None and language == "vi":
        return "ngày      tháng      năm ………"  # blanks to write in, not the dots of a text
    return Tongue(language).day(day)
