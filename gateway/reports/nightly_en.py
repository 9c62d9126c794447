"""The nightly summary in English: mirrors gateway.reports.nightly_vi line by line (tested)."""

from collections.abc import Iterator
from fractions import Fraction

from gateway.billing.variance import Status
from gateway.reports import english as en
from gateway.reports.day import DayFigures, Row
from gateway.reports.day_state import (
    BackupOld,
    BillOpen,
    ClockUnset,
    DayState,
    Goal,
    LineDay,
    ListsOld,
    Need,
    OutageUntold,
    PcsOut,
)
from gateway.reports.lock import LOCK_DAY, next_month
from gateway.reports.nightly_vi import is_unfinished
from gateway.reports.period_quality import quality_line
from gateway.reports.quality import Gap, GapKind
from gateway.reports.rounding import below_goal
from gateway.reports.times import clock_time, span_of, until_of
from gateway.service.workstation import PcState
from gateway.visits.growth import Rating

NEEDS = "NEEDS ACTION"
_OTHER_METHOD = "the base was counted another way: compare with care"
_TOLD_SPANS = 3
_TOLD_CATEGORIES = 3
_HOUR_S = 3600


def subject(figures: DayFigures, state: DayState | None, site_name: str) -> str:
    """The mail's subject."""
    told = [_of(figures.sums.visits, "visit")]
    if state and state.pcs and state.pcs.whole:
        told.append(f"{state.pcs.part}/{state.pcs.whole} PCs")
    if state and state.needs:
        told.append(f"{_of(len(state.needs), 'item')} to handle")
    return f"[{site_name}] Daily summary {en.day(figures.day)}: {', '.join(told)}{_so_far(figures, state)}"


def head(figures: DayFigures, site_name: str) -> str:
    """The first line."""
    return f"{en.weekday(figures.day)}, {en.day(figures.day)} – {site_name}"


def rows(figures: DayFigures, state: DayState | None) -> Iterator[tuple[Row, ...]]:
    """The lines below what needs action, each of one or more figures."""
    if is_unfinished(figures, state):
        yield (Row("", f"The day is not over: figures until {until_of(figures)}, not closed."),)
    yield (Row("Visits", f"{en.number(figures.sums.visits)}{_compared(figures, state)}"),)
    if state:
        stands = [Row("PCs working", f"{state.pcs.part}/{state.pcs.whole}")] if state.pcs and state.pcs.whole else []
        if state.promised_s:
            stands.append(Row("Service hours", _hours(state)))
        if stands:
            yield tuple(stands)
        yield (Row("Internet", line(state.line)),)
    yield (Row("Refused", f"{_of(figures.refusals, 'request')}{_refused(figures)}"),)
    yield (_month(figures, state.goal if state else None),)
    yield (Row("Data quality", _quality(figures, state)),)


def short(figures: DayFigures, state: DayState | None, site_name: str) -> str:
    """One paragraph to paste into a chat; what has to be done stands last but for the month."""
    told = [f"{_of(figures.sums.visits, 'visit')}{_compared(figures, state)}"]
    if state and state.pcs and state.pcs.whole:
        told.append(f"PCs working {state.pcs.part}/{state.pcs.whole}")
    if state and state.promised_s:
        told.append(f"service hours {_hours(state)}")
    if state:
        told.append(f"Internet {line(state.line)}")
    told.append(f"{en.number(figures.refusals)} refused")
    day = f"{site_name}, {en.weekday(figures.day)} {en.day(figures.day)}{_so_far(figures, state)}"
    month = _month(figures, state.goal if state else None)
    quality = "complete" if _is_complete(figures, state) else "see remarks"
    return f"{day}: {'; '.join(told)}.{_short_needs(state, figures)} {month.label}: {month.value}. Data: {quality}."


def need(one: Need, figures: DayFigures) -> str:
    """A sentence without its full stop."""
    match one:
        case PcsOut(pcs=pcs, state=state, since=since):
            word = "out of order" if state is PcState.FAULT else "not working"
            return f"{'Computer' if len(pcs) == 1 else 'Computers'} {', '.join(pcs)} {word}" + (
                f" since {en.short_day(since)}" if since else ""
            )
        case OutageUntold(outage=outage):
            until = "now" if outage.goes_on else clock_time(outage.stop, figures)
            span = f"{clock_time(outage.start, figures)}–{until}"
            return f"Internet down {_of(outage.minutes, 'minute')} ({span}), no ticket yet"
        case BillOpen(contract=contract, month=month, status=status, difference_vnd=difference):
            more = f" by {en.number(abs(difference))} dong" if difference else ""
            return f"Bill of {month.month}/{month.year}, contract {contract}: {_STATUS.get(status, status.value)}{more}"
        case ListsOld(lists=lists, days=days):
            return f"{_of(lists, 'block list')} not renewed, the oldest for {_of(days, 'day')}"
        case BackupOld(days=days):
            return "There is no backup" if days is None else f"No backup for {_of(days, 'day')}"
        case ClockUnset():
            return "The gateway's clock has not been set since it was started: its times are provisional"


def line(told: LineDay) -> str:
    """What happened to the line, and how fast it was."""
    outages = f"{_of(len(told.outages), 'outage')}, {_of(told.minutes, 'minute')}"
    speed = ""
    if told.speed_kbit_s is not None:
        of = f"/{_mbit(told.contracted_kbit_s)}" if told.contracted_kbit_s else ""
        speed = f"; measured speed {_mbit(told.speed_kbit_s)}{of} Mb/s"
    return (outages if told.outages else "no outage") + speed


_STATUS = {
    Status.HIGHER: "higher than promised",
    Status.LOWER: "lower than promised",
    Status.NO_INVOICE: "no invoice",
    Status.NO_CONTRACT: "no contract",
}


def _mbit(kbit_s: int | Fraction) -> str:
    return en.plain_number(Fraction(kbit_s) / 1000, 1)


def _short_needs(state: DayState | None, figures: DayFigures) -> str:
    if not (state and state.needs):
        return ""
    told = "; ".join(need(one, figures) for one in state.needs[:2])
    more = f"; and {_of(len(state.needs) - 2, 'more item')}" if len(state.needs) > 2 else ""
    return f" {NEEDS}: {told}{more}."


def _so_far(figures: DayFigures, state: DayState | None) -> str:
    return f" (until {until_of(figures)})" if is_unfinished(figures, state) else ""


def _compared(figures: DayFigures, state: DayState | None) -> str:
    mean, change = figures.weekday_mean, figures.weekday_change_percent
    if mean is None:
        return ""
    against = f"mean of the last {_of(len(figures.weekday_visits), en.weekday(figures.day))}: {en.number(mean)}"
    # a day that is not over says nothing against whole days
    if change is None or is_unfinished(figures, state):
        return f" ({against})"
    return f" ({against}; {en.percent_change(change)})"


def _hours(state: DayState) -> str:
    held, promised = (en.number(Fraction(seconds, _HOUR_S), 1) for seconds in (state.held_s, state.promised_s))
    ratio = below_goal(Fraction(100 * state.held_s, state.promised_s), places=1)
    return f"{held}/{promised} ({en.number(ratio, 1)}%)"


def _refused(figures: DayFigures) -> str:
    named = [f"{en.category(code)} {en.number(count)}" for code, count in figures.refused[:_TOLD_CATEGORIES]]
    rest = sum(count for _, count in figures.refused[_TOLD_CATEGORIES:])
    parts = [*named, f"other {en.number(rest)}"] if rest else named
    return f" ({', '.join(parts)})" if parts else ""


def _month(figures: DayFigures, goal: Goal | None) -> Row:
    label = f"{en.month(figures.day)} to date"
    if goal is None:
        visits, days = _of(figures.month_visits, "visit"), _of(figures.month_days, "day")
        return Row(label, f"{visits} ({days} with figures)")
    visits, percent, still = _of(goal.visits, "visit"), goal.percent, goal.still_needed
    if percent is not None and goal.before is not None:
        last_year = f"same days last year {en.number(goal.before)}; {en.percent_change(percent, 2)}"
        said = f"{visits} ({last_year}) – {_RATINGS[goal.rating]}"
    elif goal.before_month:
        said = f"{visits} (the whole month last year {en.number(goal.before_month)})"
    else:
        return Row(label, f"{visits} (no figures of the year before)")
    if not still:
        return Row(label, said)
    needs = f"{said}; the month needs {en.number(still)} more for the goal"
    a_day = goal.pace.needed_a_day if goal.pace else None
    return Row(label, needs + (f", {en.number(a_day)} a service day" if a_day else ""))


_RATINGS = {
    Rating.NO_BASE: "nothing to compare with",
    Rating.MISSED: "goal not met",
    Rating.MET: "goal met",
    Rating.EXCEEDED: "above the goal",
}


def _is_complete(figures: DayFigures, state: DayState | None) -> bool:
    told = state.quality if state else None
    return (told or figures.quality).is_complete


def _quality(figures: DayFigures, state: DayState | None) -> str:
    if state and state.quality:
        said = quality_line(state.quality, "en").partition(": ")[2].removesuffix(".")
    else:
        remarks = [*_remarks(figures), *([_OTHER_METHOD] if state and state.goal.method_changed else [])]
        said = "; ".join(remarks) or "complete"
    if figures.counted_until is not None and not is_unfinished(figures, state):
        said += f", until {until_of(figures)}"
    if state is None:
        return f"{said}."
    lock = f"{LOCK_DAY} {en.short_day(next_month(figures.day)).partition(' ')[2]}"
    return f"{said}. The month's report is locked on {lock}."


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
    if lost := quality.told(GapKind.LOST):
        yield f"no record any more of {_spans('time', lost, figures)}: a backup was restored"
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
