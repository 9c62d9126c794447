"""Kinds of fields that the desk's inputs share. What pydantic says of a wrong one is translated by its type."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from gateway.access.client import Mac, parse_mac

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?([+-]\d{2}:\d{2}|Z)?")


def _printable(value: str) -> str:
    if not value.isprintable():
        raise PydanticCustomError("not_printable", "only printable letters")
    return value


def printable_lines(value: str) -> str:
    """A check of text in lines."""
    plain = value.replace("\r\n", "\n").replace("\r", "\n")
    if not all(letter.isprintable() or letter in "\n\t" for letter in plain):
        raise PydanticCustomError("not_printable", "only printable letters")
    return plain


def _mac(value: str) -> str:
    try:
        return parse_mac(value)
    except ValueError:
        raise PydanticCustomError("no_mac", "no MAC address, such as 02:00:5e:10:00:01") from None


def _day(value: object) -> object:
    # pydantic also takes numbers and times for a day; a form and a program write it in one way
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise PydanticCustomError("no_day", 'no day, such as "2027-03-12"')
    return value


def _moment(value: object) -> object:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise PydanticCustomError("no_moment", 'no moment, such as "2027-03-12T08:00"')
    return value


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


def _dong(value: object) -> object:
    # pydantic alone takes "350.000" for 350
    if not isinstance(value, str):
        return value
    plain = value.replace("\xa0", " ").removesuffix("đ").strip()
    if not re.fullmatch(r"-?([0-9]{1,13}|[0-9]{1,3}([., ][0-9]{3})+)", plain):
        raise PydanticCustomError("no_money", 'no whole đồng, such as "350000" or "350.000"')
    return int(re.sub(r"[., ]", "", plain))


def _checkbox(value: object) -> object:
    return True if value == "on" else value


Line = Annotated[str, StringConstraints(max_length=200), AfterValidator(_printable)]
"""One line of text."""
Named = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_printable)]
"""One line that must say something."""
Lines = Annotated[str, StringConstraints(max_length=60_000), AfterValidator(printable_lines)]
"""Several lines."""
MacAddress = Annotated[Mac, BeforeValidator(lambda value: _mac(str(value))), Field(examples=["02:00:5e:10:00:01"])]
Day = Annotated[date, BeforeValidator(_day)]
"""A day of the site: "2027-03-12"."""
Moment = Annotated[datetime, BeforeValidator(_moment)]
"""ISO 8601; without an offset it is the site's time (a form's datetime-local)."""
Flag = Annotated[bool, BeforeValidator(_checkbox)]
"""true, false; a form's checkbox says "on"."""
Month = Annotated[
    str, Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="Year and month: 2027-03", examples=["2027-03"])
]
Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]
"""Time of day: "07:30"."""
OrNone = BeforeValidator(_empty_is_none)
"""Annotated[int | None, OrNone]: an empty field of a form is nothing."""
Money = Annotated[int, BeforeValidator(_dong), Field(ge=0, le=10**12)]
"""Whole đồng; a form also takes them with the thousands' signs they are written with: "350.000", "350 000"."""
SignedMoney = Annotated[int, BeforeValidator(_dong), Field(ge=-(10**12), le=10**12)]
"""The same of a difference, which may be negative."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was sent, on the disk; the act takes it away (os.replace) or it is deleted after the act."""

    name: str
    """As the sender called it: never a path of ours."""
    path: Path
    size_bytes: int
