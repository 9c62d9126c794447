"""How a cell is printed in a language, for every form that prints text."""

from datetime import date, datetime

from gateway.papers.paper import Cell, Language, Number
from gateway.reports import english as en
from gateway.reports import vietnamese as vi

NOTHING = "–"


def printed(cell: Cell, language: Language) -> str:
    """A cell's text: 1.284; +6,38%; 05/3/2027; 14:00 05/3/2027; "–" for no figure."""
    match cell:
        case None:
            return NOTHING
        case str():
            return cell
        case Number():
            number = vi.number if language == "vi" else en.number
            return number(cell.value, cell.places, signed=cell.is_signed) + ("%" if cell.is_percent else "")
        case datetime():
            return f"{cell:%H:%M} {_day(cell, language)}"
        case date():
            return _day(cell, language)


def _day(day: date, language: Language) -> str:
    return vi.table_day(day) if language == "vi" else en.day(day)
