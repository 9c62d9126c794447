"""Times of day in a summary, in the site's zone: 09:10–09:55."""

from datetime import datetime, timedelta

from gateway.reports.day import DayFigures
from gateway.reports.quality import Gap


def until_of(figures: DayFigures) -> str:
    """Up to when an unfinished day is told; empty for a day that is over."""
    return "" if figures.counted_until is None else clock_time(figures.counted_until, figures)


def span_of(gap: Gap, figures: DayFigures) -> str:
    """A gap's two ends; the day's own end is 24:00."""
    return f"{clock_time(gap.start, figures)}–{clock_time(gap.stop, figures)}"


def clock_time(at: datetime, figures: DayFigures) -> str:
    """14:36; the day's own end is 24:00."""
    local = at.astimezone(figures.zone)
    if local.date() == figures.day + timedelta(days=1) and local.hour == local.minute == 0:
        return "24:00"
    return f"{local:%H:%M}"
