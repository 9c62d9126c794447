"""What a field of a fact may hold: its type, unit, and how a value is brought into its one normal form.

In:  JSON values.
Out: normal values, so that one fact has one text: instants in UTC whole seconds, texts in NFC without outer spaces.
     ValueError says what was expected.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from fractions import Fraction

Value = str | int | bool | list["Value"] | dict[str, "Value"]

EARLIEST = 2000
"""No fact is older; a clock that was never set says 1970."""
_CLOCK = "the clock was not set then: put these facts right by the measured offset before they are imported"
_MOST_TEXT = 2000
_MOST_INT = 2**63 - 1


class Type(StrEnum):
    """What a value is; `UNITS` says what it is counted in."""

    TEXT = "text"
    TOKEN = "token"
    COUNT = "count"
    VND = "vnd"
    BYTES = "bytes"
    KBIT_S = "kbit_s"
    SECONDS = "seconds"
    PERCENT = "percent"
    DAY = "day"
    MONTH = "month"
    INSTANT = "instant"
    FLAG = "flag"
    WORD = "word"
    HOURS = "hours"
    TOKENS = "tokens"
    TIERS = "tiers"
    LINES = "lines"
    SHA256 = "sha256"
    OFFSET = "offset"


UNITS: Mapping[Type, str] = {
    Type.TEXT: "text, at most 2,000 letters",
    Type.TOKEN: "1 to 80 printable letters without spaces at the ends",
    Type.COUNT: "whole number, 0 or more",
    Type.VND: "whole đồng; may be negative",
    Type.BYTES: "bytes",
    Type.KBIT_S: "1,000 bits a second",
    Type.SECONDS: "whole seconds",
    Type.PERCENT: 'percent as text, exact: "30", "14.29"',
    Type.DAY: "day of the site, YYYY-MM-DD",
    Type.MONTH: "YYYY-MM",
    Type.INSTANT: "instant with its offset, ISO 8601; kept in UTC, whole seconds",
    Type.FLAG: "true or false",
    Type.WORD: "one of the words",
    Type.HOURS: 'list of spans: ["07:30-11:30", "13:30-17:00"]',
    Type.TOKENS: "list of tokens",
    Type.TIERS: 'list of {"from": percent available, "share": percent given back}',
    Type.LINES: 'list of {"name": text, "nature": 1-5, "vnd": đồng}',
    Type.SHA256: "64 hex digits",
    Type.OFFSET: 'offset from UTC: "+07:00"',
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind of facts."""

    name: str
    type: Type
    help: str
    required: bool = False
    words: tuple[str, ...] = ()

    def normal(self, value: object) -> Value:
        """The value's one form; ValueError when it is none of this type."""
        if self.words and value not in self.words:
            raise ValueError(f"{_shown(value)} is none of {', '.join(self.words)}")
        return _NORMAL[self.type](value)


def normal_text(value: object) -> str:
    """NFC, without outer spaces."""
    if not isinstance(value, str):
        raise ValueError(f"{_shown(value)} is no text")
    text = value.strip()
    text = text if text.isascii() else unicodedata.normalize("NFC", text)
    if len(text) > _MOST_TEXT:
        raise ValueError(f"a text of {len(text)} letters; {_MOST_TEXT} are the most")
    if "\x00" in text:
        raise ValueError("a text with a NUL in it")
    return text


def token(value: object) -> str:
    """A short name that keys are made of."""
    text = normal_text(value)
    if not 1 <= len(text) <= 80 or not text.isprintable() or "|" in text:
        raise ValueError(f'{_shown(value)} is no short name: 1 to 80 printable letters, no "|"')
    return text


def day(value: object) -> str:
    """YYYY-MM-DD."""
    try:
        if not isinstance(value, str) or len(value) != 10:
            raise ValueError
        found = date.fromisoformat(value)
    except ValueError:
        raise ValueError(f'{_shown(value)} is no day: write it as "2027-03-31"') from None
    _after_earliest(found.year, value)
    return value


def instant(value: object) -> str:
    """UTC, whole seconds, "2027-03-31T01:00:00Z"."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise ValueError(f'{_shown(value)} is no instant: write it with its offset, as "2027-03-31T08:00:00+07:00"')
    found = found.astimezone(UTC)
    _after_earliest(found.year, str(value))
    return found.strftime("%Y-%m-%dT%H:%M:%SZ")


def percent(value: object) -> str:
    """A percentage from 0 to 100 as exact text."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,6})?", value) or Fraction(value) > 100:
        raise ValueError(
            f'{_shown(value)} is no percentage: write it as text from "0" to "100", such as "30" or "14.29"'
        )
    number = Fraction(value)
    return value.rstrip("0").rstrip(".") if "." in value else str(number)


def share(text: str) -> Fraction:
    """The share of a normal percentage."""
    return Fraction(text) / 100


def whole(value: object, *, least: int | None = 0) -> int:
    """A whole number; a bool or float is none."""
    if type(value) is not int or abs(value) > _MOST_INT:
        raise ValueError(f"{_shown(value)} is no whole number")
    if least is not None and value < least:
        raise ValueError(f"{value} is below {least}")
    return value


def _money(value: object) -> int:
    return whole(value, least=None)


def _month(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value):
        raise ValueError(f'{_shown(value)} is no month: write it as "2027-03"')
    _after_earliest(int(value[:4]), value)
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{_shown(value)} is neither true nor false")
    return value


def _hours(value: object) -> list[Value]:
    spans: list[Value] = []
    for one in _list(value):
        match = (
            re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)", one)
            if isinstance(one, str)
            else None
        )
        if not match or not isinstance(one, str) or one[:5] >= one[6:]:
            raise ValueError(f'{_shown(one)} is no span of a day: write it as "07:30-11:30", at most to "24:00"')
        spans.append(one)
    return sorted(spans, key=str)


def _tokens(value: object) -> list[Value]:
    return [token(one) for one in _list(value)]


def _tiers(value: object) -> list[Value]:
    rows: list[Value] = []
    for one in _list(value):
        if not isinstance(one, dict) or set(one) != {"from", "share"}:
            raise ValueError(f'{_shown(one)} is no tier: write {{"from": "99.5", "share": "0"}}')
        rows.append({"from": percent(one["from"]), "share": percent(one["share"])})
    return rows


def _lines(value: object) -> list[Value]:
    rows: list[Value] = []
    for one in _list(value):
        if not isinstance(one, dict) or set(one) != {"name", "nature", "vnd"} or one["nature"] not in (1, 2, 3, 4, 5):
            raise ValueError(f'{_shown(one)} is no line: write {{"name": "…", "nature": 1, "vnd": 350000}}')
        rows.append({"name": normal_text(one["name"]), "nature": whole(one["nature"]), "vnd": _money(one["vnd"])})
    return rows


def _sha256(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9a-f]{64}", value):
        raise ValueError(f"{_shown(value)} is no SHA-256: 64 hex digits in lower case")
    return value


def _offset(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[+-](0\d|1[0-4]):[0-5]\d", value):
        raise ValueError(f'{_shown(value)} is no offset from UTC: write it as "+07:00"')
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list) or len(value) > 500:
        raise ValueError(f"{_shown(value)} is no list of at most 500")
    return value


def _after_earliest(year: int, value: str) -> None:
    if year < EARLIEST:
        raise ValueError(f"{value} is before {EARLIEST}: {_CLOCK}")


def _shown(value: object) -> str:
    return f'"{value[:60]}"' if isinstance(value, str) else str(value)[:60]


_NORMAL: Mapping[Type, Callable[[object], Value]] = {
    Type.TEXT: normal_text,
    Type.TOKEN: token,
    Type.WORD: token,
    Type.COUNT: whole,
    Type.BYTES: whole,
    Type.KBIT_S: whole,
    Type.SECONDS: whole,
    Type.VND: _money,
    Type.PERCENT: percent,
    Type.DAY: day,
    Type.MONTH: _month,
    Type.INSTANT: instant,
    Type.FLAG: _flag,
    Type.HOURS: _hours,
    Type.TOKENS: _tokens,
    Type.TIERS: _tiers,
    Type.LINES: _lines,
    Type.SHA256: _sha256,
    Type.OFFSET: _offset,
}
