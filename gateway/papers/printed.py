"""How a cell is printed in a language, for every form that prints text."""

from datetime import date, datetime

from gateway.papers.paper import Cell, Language, Number
from gateway.reports.rounding import rounded

_SWAPPED = str.maketrans({",": ".", ".": ","})
NOTHING = "–"


def printed(cell: Cell, language: Language) -> str:
    """A cell's text: 1.284; +6,38%; 05/3/2027; 14:00 05/3/2027; "–" for no figure."""
    match cell:
        case None:
            return NOTHING
        case str():
            return cell
        case Number():
            text = rounded(cell.value, cell.places, signed=cell.is_signed) + ("%" if cell.is_percent else "")
            return text.translate(_SWAPPED) if language == "vi" else text
        case datetime():
            return f"{cell:%H:%M} {_day(cell, language)}"
        case date():
            return _day(cell, language)


def _day(day: date, language: Language) -> str:
    if language == "en":
        return f"{day.day} {day:%b} {day.year}"
    month = f"{day.month:02}" if day.month <= 2 else str(day.month)  # as Decree 30/2020 writes dates
    return f"{day.day:02}/{month}/{day.year}"
