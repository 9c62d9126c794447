"""Public holidays of Viet Nam with swapped working days, as data (counting 2.4 F, 2.5).

In:  nothing; a year's table is what the government announced for state bodies, the law's days where it has not yet.
Out: Year, a proposal that the office confirms: the site's own list is the one that counts.

Days that fall on a weekly day of rest move to the next working day (Labour Code 2019, article 111.3); moved days stand
in the table. Held against PyPI `holidays` 0.109, which lacks the swap of 2 January 2026 (announced 25 December 2025).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Holiday:
    """One occasion: its days off, swapped ones included."""

    name: str
    first: date
    last: date
    """Inclusive."""

    def days(self) -> frozenset[date]:
        """Each of its days."""
        return frozenset(self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))

    def span(self) -> str:
        """As the configuration has it: "2026-09-02", "2027-02-05..2027-02-11"."""
        return f"{self.first}" if self.first == self.last else f"{self.first}..{self.last}"


@dataclass(frozen=True, slots=True)
class Year:
    """A year's days off."""

    announced: bool
    """False: the law's days alone; announcements of Tết and of swapped days come late in the year before."""
    holidays: tuple[Holiday, ...]
    swapped: Mapping[date, int] = field(default_factory=dict)
    """Working Saturdays with the weekday (0 is Monday) whose hours they have."""

    def days(self) -> frozenset[date]:
        """Every day off."""
        return frozenset(day for holiday in self.holidays for day in holiday.days())


def _of(name: str, first: str, last: str = "") -> Holiday:
    return Holiday(name, date.fromisoformat(first), date.fromisoformat(last or first))


_NEW_YEAR, _TET, _HUNG = "Tết Dương lịch", "Tết Nguyên đán", "Giỗ Tổ Hùng Vương"
_VICTORY, _NATIONAL, _CULTURE = "Ngày Chiến thắng, Quốc tế Lao động", "Quốc khánh", "Ngày Văn hóa Việt Nam"

YEARS: Mapping[int, Year] = {
    2025: Year(
        True,
        (
            _of(_NEW_YEAR, "2025-01-01"),
            _of(_TET, "2025-01-27", "2025-01-31"),
            _of(_HUNG, "2025-04-07"),
            _of(_VICTORY, "2025-04-30", "2025-05-02"),
            _of(_NATIONAL, "2025-09-01", "2025-09-02"),
        ),
        {date(2025, 4, 26): 4},  # for Friday 2 May
    ),
    2026: Year(
        True,
        (
            _of(_NEW_YEAR, "2026-01-01", "2026-01-02"),
            _of(_TET, "2026-02-16", "2026-02-20"),
            _of(_HUNG, "2026-04-26", "2026-04-27"),
            _of(_VICTORY, "2026-04-30", "2026-05-01"),
            _of(_NATIONAL, "2026-08-31", "2026-09-02"),
            _of(_CULTURE, "2026-11-24"),
        ),
        {date(2026, 1, 10): 4, date(2026, 8, 22): 0},  # for Friday 2 January, for Monday 31 August
    ),
    2027: Year(
        False,
        (
            _of(_NEW_YEAR, "2027-01-01"),
            _of(_TET, "2027-02-04", "2027-02-10"),
            _of(_HUNG, "2027-04-16"),
            _of(_VICTORY, "2027-04-30", "2027-05-01"),
            _of(_VICTORY, "2027-05-03"),
            _of(_NATIONAL, "2027-09-02", "2027-09-03"),
            _of(_CULTURE, "2027-11-24"),
        ),
    ),
}


def proposed(year: int) -> Year | None:
    """What the table has of a year; None: nothing yet, the office enters its own."""
    return YEARS.get(year)


def holiday_name(day: date) -> str:
    """The occasion that the table has for a day; "" for none."""
    year = YEARS.get(day.year)
    return next((one.name for one in year.holidays if one.first <= day <= one.last), "") if year else ""
