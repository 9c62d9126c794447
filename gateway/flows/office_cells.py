"""Columns and cells of an office's CSV: which heading holds what, days, and numbers as they are written here."""

import re
from collections.abc import Collection
from datetime import datetime

from gateway.errors import UsageError
from gateway.facts.fields import EARLIEST


class CellError(ValueError):
    """A cell that can't be read; `key` names the text that a page tells it by, `values` stand in that."""

    def __init__(self, said: str, key: str, **values: str | int) -> None:
        super().__init__(said)
        self.key = key
        self.values = values


def mapping_of(columns: Collection[str], fields: Collection[str], required: Collection[str]) -> dict[str, str]:
    """Field -> heading out of "FIELD=HEADING", each once; UsageError names what is wrong or missing."""
    mapping: dict[str, str] = {}
    for text in columns:
        name, sign, heading = text.partition("=")
        if not sign or name not in fields or name in mapping:
            raise UsageError(f'--column "{text}"', hint=f"write it as FIELD=HEADING, each once: {', '.join(fields)}")
        mapping[name] = heading.strip()
    for name in required:
        if name not in mapping:
            raise UsageError(f"--column {name}=… is missing")
    return mapping


def day_in(text: str, date_format: str) -> str:
    """YYYY-MM-DD, or YYYY-MM where the form has no day; CellError."""
    try:
        at = datetime.strptime(text.strip(), date_format)
    except ValueError:
        shown = text.strip()[:20]
        raise CellError(f'"{shown}" is no date of the form {date_format}', "cell-day", cell=shown) from None
    if at.year < EARLIEST:
        early = f"{text.strip()} is before {EARLIEST}: is the year right?"
        raise CellError(early, "cell-early", cell=text.strip()[:20], earliest=EARLIEST)
    return f"{at:%Y-%m-%d}" if "%d" in date_format else f"{at:%Y-%m}"


def whole_number(text: str, heading: str, *, signed: bool = False) -> int:
    """0 for an empty cell; "1.284" and "1 284" are thousands as they are written here. CellError."""
    plain = text.strip().replace("\xa0", " ")
    minus = signed and plain.startswith("-")
    digits = plain[1:].strip() if minus else plain
    if plain == "":
        return 0
    if not re.fullmatch(r"\d+|\d{1,3}([., ]\d{3})+", digits):
        raise CellError(
            f'{heading}: "{plain[:20]}" is no whole number', "cell-number", heading=heading, cell=plain[:20]
        )
    return int(re.sub(r"[., ]", "", digits)) * (-1 if minus else 1)
