"""The two languages of a paper: each text stands beside its translation, so that neither can lack one.

In:  a language; exact values.
Out: texts as official papers have them (counting 5): figures 1.284, dates of Decree 30/2020, names of periods.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from gateway.papers.paper import Language
from gateway.reports import english as en
from gateway.reports import vietnamese as vi
from gateway.reports.rounding import below_goal
from gateway.visits.comparison import Dates

DOTS = "…………………"
"""What people fill in by hand."""

_ROMAN = ("I", "II", "III", "IV")


@dataclass(frozen=True, slots=True)
class Tongue:
    """Says things in one language."""

    language: Language

    def __call__(self, vietnamese: str, english: str) -> str:
        """The text of this language."""
        return vietnamese if self.language == "vi" else english

    def number(self, value: int | Fraction, places: int = 0) -> str:
        """1.284 or 1,284."""
        return vi.number(value, places) if self.language == "vi" else en.number(value, places)

    def plain(self, value: Fraction, places: int) -> str:
        """At most so many decimals, none that say nothing: 139,2; 161."""
        return vi.plain_number(value, places) if self.language == "vi" else en.plain_number(value, places)

    def hours(self, seconds: int) -> str:
        """Hours with a decimal: 139,2."""
        return self.plain(Fraction(seconds, 3600), 1)

    def ratio(self, part: int, whole: int) -> str:
        """A percentage beside its goal of 100: one below it never prints as reached (2.7, 11)."""
        return f"{self.plain(below_goal(Fraction(100 * part, whole)), 2)}%"

    def dong(self, amount_vnd: int) -> str:
        """269.500 đồng."""
        return f"{self.number(amount_vnd)} {self('đồng', 'dong')}"

    def day(self, value: date | None) -> str:
        """ngày 05 tháng 4 năm 2027; dots for a day that is not known."""
        if value is None:
            return self("ngày …… tháng …… năm ………", "…… ………… ………")
        return self(vi.official_day(value), f"{value.day} {en.month(value)} {value.year}")

    def month(self, value: date) -> str:
        """tháng 3 năm 2027."""
        return self(f"tháng {value.month} năm {value.year}", f"{en.month(value)} {value.year}")

    def period(self, dates: Dates) -> str:
        """tháng 3 năm 2027; quý I năm 2027; 6 tháng đầu năm 2027; năm 2027."""
        first, last = dates
        if _months(dates) == 1:
            return self.month(first)
        if _months(dates) == 3:
            number = _ROMAN[first.month // 3]
            return self(f"quý {number} năm {first.year}", f"quarter {number} of {first.year}")
        if _months(dates) == 6:
            is_first = first.month == 1
            half = self("đầu" if is_first else "cuối", "first" if is_first else "second")
            return self(f"6 tháng {half} năm {first.year}", f"the {half} half of {first.year}")
        if _months(dates) == 12:
            return self(f"năm {first.year}", f"the year {first.year}")
        return self(
            f"từ {vi.official_day(first)} đến {vi.official_day(last)}", f"{self.day(first)} to {self.day(last)}"
        )

    def span(self, dates: Dates) -> str:
        """tháng, quý, 6 tháng, năm."""
        match _months(dates):
            case 1:
                return self("tháng", "month")
            case 3:
                return self("quý", "quarter")
            case 6:
                return self("6 tháng", "half-year")
            case 12:
                return self("năm", "year")
            case _:
                return self("kỳ", "period")


def _months(dates: Dates) -> int:
    """How many whole months it is; 0 when it is none."""
    first, last = dates
    is_whole = first.day == 1 and (last + timedelta(days=1)).day == 1
    return (last.year - first.year) * 12 + last.month - first.month + 1 if is_whole else 0
