"""The same as gateway.reports.vietnamese for English readers: 1,284; 6.38%; Wednesday, 31 Mar 2027.

Not the locale's own names: a report must not change with the machine it is made on.
"""

from datetime import date
from fractions import Fraction

from gateway.reports.rounding import amount_and_unit, rounded

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_CATEGORIES = {
    "games": "pay-to-play games",
    "gambling": "gambling",
    "threats": "malware and fraud",
    "own": "the library's own list",
    "adult": "adult content",
    "malvertising": "malicious advertising",
    "bypass": "ways round the filter",
    "fake-topup": "fake top-up",
    "topup": "top-up of games",
    "search-unsafe": "search without a safe mode",
    "by-address": "access by address",
    "tunnel": "data hidden in names",
    "upstream": "refused by the resolver asked",
}


def number(value: int | Fraction, places: int = 0, *, signed: bool = False) -> str:
    """Commas between thousands, a decimal point; halves away from zero. `signed` writes "+" too."""
    return rounded(value, places, signed=signed)


def plain_number(value: int | Fraction, places: int) -> str:
    """At most so many decimals, none that say nothing: 139.2; 161; 90."""
    told = number(value, places)
    return told.rstrip("0").rstrip(".") if "." in told else told


def percent_change(value: Fraction, places: int = 1) -> str:
    """A signed percentage: +7.0%."""
    return f"{number(value, places, signed=True)}%"


def amount(count_bytes: int) -> str:
    """A volume in GB or MB (kB and B below): 1.3 GB."""
    value, places, unit = amount_and_unit(count_bytes)
    return f"{number(value, places)} {unit}"


def day(value: date) -> str:
    """31 Mar 2027."""
    return f"{value.day} {_MONTHS[value.month - 1][:3]} {value.year}"


def short_day(value: date) -> str:
    """29 Mar: a day whose year is plain."""
    return f"{value.day} {_MONTHS[value.month - 1][:3]}"


def weekday(value: date) -> str:
    """Wednesday."""
    return _WEEKDAYS[value.weekday()]


def month(value: date) -> str:
    """March."""
    return _MONTHS[value.month - 1]


def category(code: str) -> str:
    """A filter category's name; one of the site's own making keeps its code."""
    return _CATEGORIES.get(code, code)
