"""The calendar: what is open when and why, extra openings and closures, the doors now, holidays, the week."""

import asyncio
import re
from collections.abc import Sequence
from datetime import date, timedelta

from gateway.clock import local_day
from gateway.desk.calendar_asked import (
    AskedChange,
    AskedDay,
    AskedMonth,
    AskedYear,
    Closure,
    Door,
    Extra,
    Holidays,
    ToldChanges,
    ToldDecision,
    ToldWeek,
    Week,
)
from gateway.desk.table import Caller, Nothing, Outcome, RefusedError
from gateway.desk.told_calendar import (
    ToldDay,
    ToldDoor,
    ToldHolidays,
    ToldMonth,
    ToldNow,
    told_change,
    told_days,
    told_door,
    told_holidays,
)
from gateway.facts.site import WEEKDAYS
from gateway.flows.doors import doors_on, tell_door
from gateway.flows.hand_entries import HandEntries
from gateway.flows.hours import Hours as HoursNow
from gateway.flows.opening import Decided, NotDecided, decide, decided, midnight
from gateway.flows.planning import Planning
from gateway.flows.settings import Changed
from gateway.pages import text as words
from gateway.papers.printed import printed
from gateway.ports_facts import Telling
from gateway.ports_hours import CalendarStore
from gateway.service.calendar import Calendar, ChangeKind, Hours, closes_at, opens_next
from gateway.service.holidays import proposed

_SHOWN = timedelta(days=3)
_FURTHEST_DAYS = 731
_USUAL = Hours(450, 690)
"""07:30-11:30: proposed for an extra opening while the week has no hours."""


class CalendarDesk:
    """The verbs and views of the calendar."""

    def __init__(
        self,
        plan: Calendar,
        planning: Planning,
        store: CalendarStore,
        hours: HoursNow,
        entries: HandEntries,
        *,
        enforced: bool,
        goes_by_staff: bool,
    ) -> None:
        """`plan`: that of the configuration; `hours`: what holds at the door, told of each decision at once."""
        self._plan = plan
        self._planning = planning
        self._store = store
        self._hours = hours
        self._entries = entries
        self._enforced = enforced
        self._goes_by_staff = goes_by_staff
        self._door = asyncio.Lock()  # two clicks on one button tell one opening

    async def month(self, asked: AskedMonth, caller: Caller) -> ToldMonth:
        """All days of a month."""
        first = date.fromisoformat(f"{asked.month}-01")
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        days = [first + timedelta(days=n) for n in range(last.day)]
        return ToldMonth(first, told_days(await self._decided(first), days, self.today(caller)))

    async def day(self, asked: AskedDay, caller: Caller) -> ToldDay:
        """One day."""
        return told_days(await self._decided(asked.day), [asked.day], self.today(caller))[0]

    async def now(self, asked: Nothing, caller: Caller) -> ToldNow:
        """The door at this moment."""
        today = self.today(caller)
        calendar = (await self._decided(today - timedelta(days=1))).calendar
        closes, opens = closes_at(calendar, caller.at), opens_next(calendar, caller.at)
        doors = await doors_on(self._entries, self._entries.site, today)
        return ToldNow(
            caller.at,
            closes is not None,
            closes.astimezone(calendar.zone) if closes else None,
            opens.astimezone(calendar.zone) if opens else None,
            self._enforced,
            self._goes_by_staff,
            tuple(told_door(each, calendar.zone) for each in doors),
        )

    async def changes(self, asked: Nothing, caller: Caller) -> ToldChanges:
        """Decisions that stand and were not over three days ago."""
        told = await self._decided(self.today(caller) - _SHOWN)
        return ToldChanges(tuple(told_change(each, told.calendar.zone) for each in told.stored))

    async def week(self, asked: Nothing, caller: Caller) -> ToldWeek:
        """The plan's week."""
        week = self._plan.week
        return ToldWeek(
            tuple(tuple(f"{_clock(one.begin_min)}-{_clock(one.end_min)}" for one in week.get(n, ())) for n in range(7))
        )

    async def holidays(self, asked: AskedYear, caller: Caller) -> ToldHolidays:
        """A year's days off, as they are proposed and as they stand."""
        return told_holidays(self._plan, asked.year)

    async def extra(self, asked: Extra, caller: Caller) -> Outcome:
        """Open beside the plan."""
        hours = _hours(asked.begin, asked.end)
        return await self._decide(ChangeKind.EXTRA, (asked.day, asked.day), hours, asked.reason, caller)

    async def close(self, asked: Closure, caller: Caller) -> Outcome:
        """Close; sessions end then."""
        hours = _hours(asked.begin or "00:00", asked.end or "24:00") if asked.begin or asked.end else None
        dates = asked.first, asked.last or asked.first
        return await self._decide(ChangeKind.CLOSURE, dates, hours, asked.reason, caller)

    async def take_back(self, asked: AskedChange, caller: Caller) -> Outcome:
        """Let a decision stand no more."""
        known = {each.id: each for each in await self._store.changes(midnight(date(2000, 1, 1), self._entries.zone))}
        if asked.id not in known or not await self._store.take_back(asked.id, caller.name, caller.at):
            raise RefusedError("calendar.no_change", missing=True, number=asked.id)
        await self._hours.refresh()
        told = told_change(known[asked.id], self._entries.zone)
        before = {"kind": told.kind, "begin": told.begin.isoformat(), "end": told.end.isoformat()}
        return Outcome(told, f"change {asked.id}", before, values={"day": printed(told.begin.date(), caller.language)})

    async def open_door(self, asked: Door, caller: Caller) -> Outcome:
        """Staff opened."""
        return await self._tell(asked, caller, opens=True)

    async def close_door(self, asked: Door, caller: Caller) -> Outcome:
        """Staff closed."""
        return await self._tell(asked, caller, opens=False)

    async def set_week(self, asked: Week, caller: Caller) -> Outcome:
        """The hours of a week, from today on."""
        week = [_spans(getattr(asked, name), number, caller) for number, name in enumerate(WEEKDAYS)]
        if not any(week) and self._enforced:
            raise RefusedError("calendar.empty_week")
        telling = Telling(caller.at, caller.name, "desk")
        changed = await self._planning.set_week(week, self.today(caller), telling)
        await self._taken_up(changed)
        told = await self.week(Nothing(), caller)
        return Outcome(told, "hours", changed.before, changed.after, "/calendar/plan")

    async def enter_holidays(self, asked: Holidays, caller: Caller) -> Outcome:
        """Take holidays of the year's table into the plan."""
        table = proposed(asked.year)
        if table is None:
            raise RefusedError("calendar.no_holidays", missing=True, year=asked.year)
        spans = [one.span() for one in table.holidays if one.first in asked.days]
        swapped = [f"{day} as {WEEKDAYS[of]}" for day, of in table.swapped.items() if day in asked.days]
        if not spans and not swapped:
            raise RefusedError("calendar.no_holidays", missing=True, year=asked.year)
        changed = await self._planning.add_days_off(spans, swapped)
        await self._taken_up(changed)
        told, values = told_holidays(self._plan, asked.year), {"year": asked.year, "count": len(spans) + len(swapped)}
        goto = f"/calendar/plan?year={asked.year}"
        return Outcome(told, f"{asked.year}", changed.before, changed.after, goto, values)

    def today(self, caller: Caller) -> date:
        """At the site."""
        return local_day(caller.at, self._entries.zone)

    async def ahead(self, first: date, caller: Caller) -> tuple[ToldDay, ...]:
        """The days from `first` on of the next fortnight: a phone's list goes on into the next month."""
        today = self.today(caller)
        days = [day for n in range(15) if (day := today + timedelta(days=n)) >= first]
        return told_days(await self._decided(first), days, today) if days else ()

    async def next_extra(self, caller: Caller) -> tuple[date, str, str]:
        """What an extra opening is most likely: the next day without hours, preferably a Saturday, at the usual hours
        of a morning."""
        today = self.today(caller)
        told = told_days(await self._decided(today), [today + timedelta(days=n) for n in range(1, 15)], today)
        shut = [one for one in told if not one.open and not one.is_holiday]
        chosen = next((one.day for one in shut if one.weekday == 5), shut[0].day if shut else today)
        mornings = [spans[0] for spans in self._plan.week.values() if spans]
        span = max(mornings, key=mornings.count) if mornings else _USUAL
        return chosen, _clock(span.begin_min), _clock(span.end_min)

    async def _taken_up(self, changed: Changed) -> None:
        if changed.wrong:
            raise RefusedError("calendar.changed", says="; ".join(each.says for each in changed.wrong))
        self._plan = await self._planning.plan()  # the gateway itself starts anew with it in a moment

    async def _decided(self, since: date) -> Decided:
        return await decided(self._plan, self._store, midnight(since, self._entries.zone))

    async def _decide(
        self, kind: ChangeKind, dates: tuple[date, date], hours: Hours | None, reason: str, caller: Caller
    ) -> Outcome:
        if not -_FURTHEST_DAYS < (dates[1] - self.today(caller)).days < _FURTHEST_DAYS:
            raise RefusedError("calendar.too_far")
        zone = self._entries.zone
        came = await decide(
            self._store, kind, dates, hours, zone=zone, now=caller.at, reason=reason, author=caller.name
        )
        if isinstance(came, NotDecided):
            raise RefusedError(f"calendar.{came.replace('-', '_')}")
        await self._hours.refresh()
        days = [dates[0] + timedelta(days=n) for n in range((dates[1] - dates[0]).days + 1)]
        told = ToldDecision(tuple(came), told_days(await self._decided(dates[0]), days, self.today(caller)))
        span = f"{_clock(hours.begin_min)}-{_clock(hours.end_min)}" if hours else ""
        subject = f"{dates[0]}" if dates[0] == dates[1] else f"{dates[0]}..{dates[1]}"
        after = {"kind": kind, "hours": span, "reason": reason, "changes": list(came)}
        values = {"day": printed(dates[0], caller.language)}
        return Outcome(told, subject, {}, after, f"/calendar?month={dates[0]:%Y-%m}", values)

    async def _tell(self, asked: Door, caller: Caller, *, opens: bool) -> Outcome:
        zone, at = self._entries.zone, asked.at or caller.at.replace(microsecond=0)
        at = at if at.tzinfo else at.replace(tzinfo=zone)
        if at > caller.at:
            raise RefusedError("calendar.future")
        if at < caller.at - timedelta(days=_FURTHEST_DAYS):
            raise RefusedError("calendar.too_far")
        async with self._door:
            before = await doors_on(self._entries, self._entries.site, local_day(at, zone))
            stands = bool(before) and before[-1].flag("opens") == opens and asked.at is None
            telling = Telling(caller.at, caller.name, "desk")
            if not stands:
                await tell_door(self._entries, self._entries.site, at.isoformat(), telling, opens=opens)
        told = told_door(before[-1], zone) if stands else ToldDoor(at.astimezone(zone), opens)
        return Outcome(
            told,
            self._entries.site,
            {},
            {"at": told.at.isoformat(), "opens": opens},
            values={"time": f"{told.at:%H:%M}"},
        )


def _spans(text: str, weekday: int, caller: Caller) -> Sequence[str]:
    """The spans of a day as they are typed: "7:30 - 11:30; 13:30-17:00" too."""
    spans = []
    for part in re.split(r"[,;]", text):
        if not part.strip():
            continue
        found = re.fullmatch(r"\s*([01]?\d|2[0-3])[:h]([0-5]\d)\s*[-–]\s*([01]?\d|2[0-4])[:h]([0-5]\d)\s*", part)
        hours = [int(each) for each in found.groups()] if found else [0, 0, 0, 0]
        if not hours[:2] < hours[2:] <= [24, 0]:
            raise RefusedError("calendar.spans", weekday=words(caller.language, f"desk.calendar.weekday.{weekday}"))
        spans.append("{:02}:{:02}-{:02}:{:02}".format(*hours))
    return sorted(spans)


def _hours(begin: str, end: str) -> Hours:
    told = Hours(_minutes(begin), _minutes(end))
    if told.begin_min >= told.end_min:
        raise RefusedError("calendar.backwards")
    return told


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
