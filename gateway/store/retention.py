"""Terms of figures that are nobody's: after them even counts go (counting, "Retention"); and of what names staff alone.

Patrons' data has its own deletions (gateway.store.forget). The view `retention` in the schema says of every table what
is kept how long; tests/edge/test_retention.py holds it against both.
"""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from gateway.units import epoch_s


@dataclass(frozen=True, slots=True)
class Term:
    """Rows of a table go when `column` is so many years past."""

    table: str
    column: str
    """A UTC second, or a day of the site as text (name ends in _on)."""
    years: int


FIGURES = (
    Term("refusals", "hour_at", 3),
    Term("dns_hours", "hour_at", 3),
    Term("hour_figures", "hour_at", 3),
    Term("day_figures", "day_on", 10),
    Term("garden_days", "day_on", 10),
    Term("carried_days", "day_on", 10),
    Term("purposes", "day_on", 10),
    Term("calendar_changes", "end_at", 10),
    Term("starts", "alive_at", 10),
    Term("line_spells", "end_at", 10),
    Term("pc_presence", "end_at", 10),
    Term("pc_photos", "added_at", 2),
    Term("upkeep_checks", "checked_at", 3),
    Term("wan_days", "day_on", 10),
    Term("audit", "at", 3),
)


def forget_figures(sql: sqlite3.Connection, morning: datetime) -> None:
    """Delete what is past its term; `morning` is midnight at the site."""
    for term in FIGURES:
        before = years_before(morning, term.years)
        value: object = f"{before:%Y-%m-%d}" if term.column.endswith("_on") else epoch_s(before)
        sql.execute(f"DELETE FROM {term.table} WHERE {term.column} < :before", {"before": value})


def years_before(day: datetime, years: int) -> datetime:
    """The same day so many years ago; of 29 February the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
