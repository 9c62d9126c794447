"""Close the day: evidence -> visits -> hour and day sums -> stored -> told; then what is past its term is deleted.

Any past night can be run again and gives the same figures: they are counted anew from the same evidence, and once that
is deleted the stored ones stand. Every step can be broken off and done again.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone

from gateway.accounting.rollup import Span, Sums, hours_of_day, roll_up, total
from gateway.clock import local_day
from gateway.errors import GatewayError, NoFiguresError
from gateway.flows.keeping import ATTEMPT_TERM, MAC_TERM, SESSION_TERM
from gateway.flows.requests import REQUEST_TERM
from gateway.log import event
from gateway.ports_figures import Evidence, FactStore, Forgotten, StoredDay, Terms
from gateway.reports.day import DayFigures
from gateway.reports.quality import Quality, gaps_within
from gateway.visits.visit import CountedSession, counted_sessions, visits_of

_SETTLES = timedelta(days=2)
"""A session lasts at most 24 h: two nights after a day, none of its sessions is open any more."""

_WEEKS_COMPARED = 4


@dataclass(frozen=True, slots=True)
class Night:
    """What a run did."""

    figures: DayFigures
    forgotten: Forgotten | None
    """None when a past night was run again: nothing is deleted then."""


async def close_night(facts: FactStore, day: date, *, zone: timezone, now: datetime) -> Night:
    """The figures of a day; stored when it is over, "so far" when it is not.

    Nights that were lost to a power cut are made up first. For the present night (of today or yesterday) what is past
    its term is deleted last, when every day it belongs to is closed. `day` is not after today.
    """
    today = local_day(now, zone)
    await _refuse_early_clock(facts, today)
    for past in await _days_to_close(facts, zone, today):
        await _close(facts, past, zone, now)
    figures = await (_close if day < today else _count)(facts, day, zone, now)
    forgotten = None
    if day >= today - timedelta(days=1):
        forgotten = await facts.forget(_terms(today, zone, now))
        macs, attempts, sessions = forgotten.macs, forgotten.attempts, forgotten.sessions
        event("night.closed", day=str(day), macs_deleted=macs, attempts_deleted=attempts, sessions_deleted=sessions)
    if figures is None:
        hint = "the gateway was not yet in use, or the day was never closed; ask for a later one with --date"
        raise NoFiguresError(f"there are no figures of {day}", hint=hint)
    return Night(figures, forgotten)


async def day_so_far(facts: FactStore, day: date, *, zone: timezone, now: datetime) -> DayFigures | None:
    """A day's figures as they stand; nothing is stored or deleted. None when nothing tells of a past day."""
    return await _count(facts, day, zone, now)


async def _refuse_early_clock(facts: FactStore, today: date) -> None:
    # counting 2.5: a date earlier than the last stored one is never accepted as business date
    last = await facts.last_closed()
    if last is not None and today <= last:
        raise GatewayError(
            f"the clock says {today}, but {last} is already closed: the clock is wrong",
            hint="see timedatectl; run this again when the time is right",
        )


async def _days_to_close(facts: FactStore, zone: timezone, today: date) -> list[date]:
    lost = await facts.unclosed_days(zone, today, today - SESSION_TERM)
    unsettled = await facts.visits_by_day(today - _SETTLES, today)
    return sorted({*lost, *unsettled})


async def _close(facts: FactStore, day: date, zone: timezone, now: datetime) -> DayFigures | None:
    figures = await _count(facts, day, zone, now)
    if figures is not None and figures.quality.gateway_ran:
        stored = StoredDay(day, figures.sums, figures.attempts, figures.refusals, figures.hours)
        await facts.store_day(stored, zone, now)
    return figures


async def _count(facts: FactStore, day: date, zone: timezone, now: datetime) -> DayFigures | None:
    """A day's figures out of what is kept; None when nothing tells of a past day, not even that the gateway was off."""
    begin, end = _midnight(day, zone), _midnight(day + timedelta(days=1), zone)
    evidence, stored = await facts.evidence(begin, end), await facts.stored_day(day, zone)
    is_over = end <= now
    ran = stored is not None or not is_over or _left_a_trace(evidence, begin, end)
    if (stored is None and not evidence.sessions_kept) or not (ran or _was_in_use(evidence, begin)):
        return None
    counted = _sums_of(evidence, stored, day, zone)
    earlier = await facts.visits_by_day(min(day - timedelta(weeks=_WEEKS_COMPARED), day.replace(day=1)), day)
    month = {on: visits for on, visits in earlier.items() if day.replace(day=1) <= on < day}
    return DayFigures(
        day=day,
        zone=zone,
        sums=counted.sums,
        hours=counted.hours,
        attempts=counted.attempts,
        refusals=counted.refusals,
        refused=_parts(evidence, counted),
        weekday_visits=_same_weekday(day, earlier),
        month_visits=sum(month.values()) + counted.sums.visits,
        month_days=len(month) + ran,
        quality=replace(_quality(evidence, begin, min(end, now)), gateway_ran=ran),
        counted_until=None if is_over else now,
    )


def _sums_of(evidence: Evidence, stored: StoredDay | None, day: date, zone: timezone) -> StoredDay:
    refusals = sum(count for _, count in evidence.refused)
    if stored is None:
        hours = _hours(evidence, day, zone)
        return StoredDay(day, total(hours), evidence.attempts, refusals, hours)
    if not evidence.sessions_kept:
        return stored  # counted again they would be fewer, or none
    hours = _hours(evidence, day, zone)
    attempts = evidence.attempts if evidence.attempts_kept else stored.attempts
    return StoredDay(day, total(hours), attempts, refusals, hours)


def _hours(evidence: Evidence, day: date, zone: timezone) -> dict[datetime, Sums]:
    starts = [visit.start for visit in visits_of(evidence.sessions)]
    spans = [Span(session.id, session.start, session.stop) for session in counted_sessions(evidence.sessions)]
    return hours_of_day(roll_up(starts, spans, evidence.ledger, zone), day)


def _parts(evidence: Evidence, counted: StoredDay) -> tuple[tuple[str, int], ...]:
    whole = sum(count for _, count in evidence.refused) == counted.refusals
    return evidence.refused if whole else ()


def _same_weekday(day: date, earlier: dict[date, int]) -> tuple[tuple[date, int], ...]:
    compared = (day - timedelta(weeks=weeks) for weeks in range(1, _WEEKS_COMPARED + 1))
    return tuple((on, earlier[on]) for on in compared if on in earlier)


def _quality(evidence: Evidence, begin: datetime, until: datetime) -> Quality:
    gaps = gaps_within(evidence.starts, begin, until)
    if not evidence.sessions_kept:
        return Quality(gaps, sessions_kept=False)
    sessions = [session for session in counted_sessions(evidence.sessions) if _touches(session, begin)]
    live = [session for session in sessions if session.id in evidence.live]
    rebooted = [session for session in sessions if session.id in evidence.rebooted and session.stop < until]
    return Quality(gaps, len(live), len(rebooted))


def _touches(session: CountedSession, begin: datetime) -> bool:
    return session.start >= begin or session.stop > begin


def _left_a_trace(evidence: Evidence, begin: datetime, end: datetime) -> bool:
    ran = any(start.started_at < end and start.alive_at >= begin for start in evidence.starts)
    came = any(_touches(session, begin) for session in evidence.sessions)
    return bool(ran or came or evidence.ledger or evidence.attempts or evidence.refused)


def _was_in_use(evidence: Evidence, begin: datetime) -> bool:
    return any(start.started_at < begin for start in evidence.starts)


def _terms(today: date, zone: timezone, now: datetime) -> Terms:
    # evidence goes by whole days, so that a day is either countable or not
    return Terms(
        macs_before=now - MAC_TERM,
        attempts_before=_midnight(today - ATTEMPT_TERM, zone),
        sessions_before=_midnight(today - SESSION_TERM, zone),
        requests_before=_midnight(today - REQUEST_TERM, zone),
        now=now,
        morning=_midnight(today, zone),
    )


def _midnight(day: date, zone: timezone) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone)
