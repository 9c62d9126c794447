"""The nightly summary in English: mirrors gateway.reports.nightly_vi line by line (tested)."""

from collections.abc import Iterator

from gateway.reports import english as en
from gateway.reports.day import DayFigures
from gateway.reports.quality import Gap, GapKind
from gateway.reports.times import span_of, until_of

_TOLD_SPANS = 3


def subject(figures: DayFigures, site_name: str) -> str:
    """The mail's subject."""
    visits = _of(figures.sums.visits, "visit")
    return f"[{site_name}] Daily summary {en.day(figures.day)}: {visits}{_so_far(figures)}"


def text(figures: DayFigures, site_name: str) -> str:
    """The mail's text part."""
    return "\n".join(_lines(figures, site_name)) + "\n"


def short(figures: DayFigures, site_name: str) -> str:
    """One paragraph to paste into a chat."""
    sums = figures.sums
    return (
        f"{site_name}, {en.weekday(figures.day)} {en.day(figures.day)}{_so_far(figures)}: "
        f"{_of(sums.visits, 'visit')}{_compared(figures)}, {_of(sums.sessions, 'session')}, "
        f"{_of(figures.use_minutes, 'minute')}; {en.amount(sums.down_bytes)} down, "
        f"{en.amount(sums.up_bytes)} up; {en.number(figures.refusals)} refused. "
        f"{_month(figures)}. Data: {'complete' if figures.quality.is_complete else 'see remarks'}."
    )


def _lines(figures: DayFigures, site_name: str) -> Iterator[str]:
    sums = figures.sums
    yield f"{en.weekday(figures.day)}, {en.day(figures.day)} – {site_name}"
    if figures.counted_until is not None:
        yield f"The day is not over: figures until {until_of(figures)}, not closed."
    yield f"Visits: {en.number(sums.visits)}{_compared(figures)}"
    yield f"Sessions: {en.number(sums.sessions)}    Splash page attempts: {en.number(figures.attempts)}"
    yield f"Time of use: {_of(figures.use_minutes, 'minute')}"
    yield f"Volume: {en.amount(sums.down_bytes)} down, {en.amount(sums.up_bytes)} up"
    yield f"Refused: {_of(figures.refusals, 'request')}{_refused(figures)}"
    yield _month(figures)
    yield f"Data quality: {_quality(figures)}."


def _so_far(figures: DayFigures) -> str:
    return "" if figures.counted_until is None else f" (until {until_of(figures)})"


def _compared(figures: DayFigures) -> str:
    mean, change = figures.weekday_mean, figures.weekday_change_percent
    if mean is None:
        return ""
    against = f"mean of the last {_of(len(figures.weekday_visits), en.weekday(figures.day))}: {en.number(mean)}"
    # a day that is not over says nothing against whole days
    if change is None or figures.counted_until is not None:
        return f" ({against})"
    return f" ({against}; {en.percent_change(change)})"


def _refused(figures: DayFigures) -> str:
    parts = "; ".join(f"{en.category(code)} {en.number(count)}" for code, count in figures.refused)
    return f" ({parts})" if parts else ""


def _month(figures: DayFigures) -> str:
    visits, days = _of(figures.month_visits, "visit"), _of(figures.month_days, "day")
    return f"{en.month(figures.day)} to date: {visits} ({days} with figures)"


def _quality(figures: DayFigures) -> str:
    if figures.quality.is_complete:
        return "complete"
    return "; ".join(_remarks(figures))


def _remarks(figures: DayFigures) -> Iterator[str]:
    quality = figures.quality
    if not quality.gateway_ran:
        yield "the gateway did not run all day"
    if power := quality.told(GapKind.POWER):
        yield f"{_spans('power cut', power, figures)}"
    if daemon := quality.told(GapKind.DAEMON):
        yield f"{_spans('stop', daemon, figures)} of the gateway program"
    if silent := quality.told(GapKind.SILENT):
        yield f"no sign of life from the gateway: {_spans('time', silent, figures)}"
    if quality.rebooted_sessions:
        yield f"{_of(quality.rebooted_sessions, 'session')} broken off by a power cut or reboot"
    if quality.open_sessions:
        yield f"{_of(quality.open_sessions, 'session')} not ended yet, counted up to the last reading"
    if not quality.sessions_kept:
        yield "figures as closed; the sessions are past their term and deleted"


def _spans(word: str, gaps: tuple[Gap, ...], figures: DayFigures) -> str:
    spans = "; ".join(span_of(gap, figures) for gap in gaps[:_TOLD_SPANS])
    more = "; …" if len(gaps) > _TOLD_SPANS else ""
    minutes = (sum(gap.lasted_s for gap in gaps) + 30) // 60
    return f"{_of(len(gaps), word)}, {_of(minutes, 'minute')} ({spans}{more})"


def _of(count: int, word: str) -> str:
    return f"{en.number(count)} {word}" if count == 1 else f"{en.number(count)} {word}s"
