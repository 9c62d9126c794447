"""Told facts as the domain's values: all that is known of one site, for gateway.reports.site_facts.

In:  standing facts of one site and of the office, and its sessions, from LOOK_BACK before the period on.
Out: SiteFacts. Tokens of devices become numbers in the order of their text, so that the order of lines says nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone

from gateway.access.client import AccessKind, ClientId
from gateway.access.session import SessionId
from gateway.accounting.rollup import LedgerRow, Span
from gateway.facts.fact import Fact
from gateway.facts.session import ToldSession
from gateway.reports.site_facts import SiteFacts, Volume
from gateway.service.calendar import Calendar, Change, ChangeKind, Hours
from gateway.service.intervals import Interval
from gateway.service.opened import DoorEvent
from gateway.service.speed import SpeedTest
from gateway.service.workstation import UNENDED, Pc, PcId, Record
from gateway.units import parse_utc_offset
from gateway.visits.attempts import Outcome, View
from gateway.visits.visit import CountedSession

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DEFAULT_OFFSET = "+07:00"

Readings = Mapping[str, Sequence[tuple[datetime, int, int]]]
"""By session: readings of its counters (at, bytes up, bytes down since the one before), where they were kept."""


def site_facts(
    facts: Iterable[Fact], sessions: Sequence[ToldSession], dates: tuple[date, date], readings: Readings | None = None
) -> SiteFacts:
    """All of one site; `dates` are the first and last that the calendar must know."""
    by_kind = grouped(facts)
    of = by_kind.get
    views = of("view", [])
    devices = _numbers({one.device for one in sessions} | {one.text("device") for one in views})
    ordered = sorted(sessions, key=lambda one: (one.start, one.id))
    counted = [_session(one, SessionId(n), devices) for n, one in enumerate(ordered, 1)]
    told = readings or {}
    return SiteFacts(
        calendar=calendar_of(by_kind, dates),
        up=[(one.instant_of("begin"), one.instant_of("end")) for one in of("heartbeat", [])],
        sessions=counted,
        ledger=list(_ledger(ordered, told)),
        volumes=[
            Volume(Span(one.id, one.start, one.stop), told_one.up_bytes or 0, told_one.down_bytes or 0)
            for one, told_one in zip(counted, ordered, strict=True)
            if told_one.counts and told_one.id not in told and (told_one.up_bytes or told_one.down_bytes)
        ],
        views=[_view(one, devices) for one in views],
        blocked=_blocked(of("blocked", [])),
        doors=_doors(by_kind),
        evidence=[_seen(one) for one in of("pc_seen", [])],
        line_down=outages_of(by_kind, "isp"),
        power_cuts=outages_of(by_kind, "power"),
        gateway_faults=outages_of(by_kind, "gateway"),
        planned=outages_of(by_kind, "planned"),
        pcs=pc_records(by_kind, sessions),
        noted_attempts={
            one.day_of("day"): (one.number("attempts"), one.number("rejected")) for one in of("attempt_day", [])
        },
    )


def grouped(facts: Iterable[Fact]) -> dict[str, list[Fact]]:
    """Facts by the name of their kind."""
    by_kind: dict[str, list[Fact]] = {}
    for fact in facts:
        by_kind.setdefault(fact.kind.name, []).append(fact)
    return by_kind


def zone_of(by_kind: Mapping[str, Sequence[Fact]]) -> timezone:
    """The site's zone; its newest entry says it."""
    sites = sorted(by_kind.get("site", []), key=lambda one: one.text("first"))
    return parse_utc_offset((sites[-1].text("offset") if sites else "") or DEFAULT_OFFSET)


def calendar_of(by_kind: Mapping[str, Sequence[Fact]], dates: tuple[date, date]) -> Calendar:
    """The calendar of a span of dates.

    A site's week changes from a day on; the calendar knows one week. So each week stands under weekdays of its own (7
    to 13 for the second), and dates are "swapped" to those of the week that holds; holidays are not, and stay closed.
    """
    weeks = sorted(by_kind.get("week", []), key=lambda one: one.text("first"))
    holidays = frozenset(one.day_of("day") for one in by_kind.get("holiday", []))
    swaps = {one.day_of("day"): WEEKDAYS.index(one.text("hours_of")) for one in by_kind.get("swapped_day", [])}
    week: dict[int, Sequence[Hours]] = {}
    for n, one in enumerate(weeks):
        week |= {
            7 * n + weekday: [_hours(str(span)) for span in one.rows(name)] for weekday, name in enumerate(WEEKDAYS)
        }
    swapped: dict[date, int] = {}
    for n in range((dates[1] - dates[0]).days + 1):
        day = dates[0] + timedelta(days=n)
        number = sum(one.day_of("first") <= day for one in weeks) - 1
        if day in swaps or day not in holidays:
            weekday = swaps.get(day, day.weekday())
            swapped[day] = 7 * number + weekday if number >= 0 else _NO_DAY
    return Calendar(
        zone_of(by_kind), week, holidays, swapped, [_change(one) for one in by_kind.get("opening_change", [])]
    )


_NO_DAY = -1
"""A weekday that has no hours: before the first week was told nothing was promised."""


def pc_records(by_kind: Mapping[str, Sequence[Fact]], sessions: Iterable[ToldSession]) -> list[Record]:
    """Each PC of the inventory with its faults, sightings and counted sessions, by its code."""
    used: dict[str, list[Interval]] = {}
    for session in sessions:
        if session.pc and session.counts:
            used.setdefault(session.pc, []).append((session.start, session.stop))
    faults: dict[str, list[Interval]] = {}
    for one in by_kind.get("pc_fault", []):
        faults.setdefault(one.text("pc"), []).append(span_of(one))
    seen: dict[str, list[Interval]] = {}
    for one in by_kind.get("pc_seen", []):
        seen.setdefault(one.text("pc"), []).append(_seen(one))
    return [
        Record(
            Pc(PcId(code), one.day_of("bought_on"), one.day("retired_on")),
            faults.get(code, ()),
            seen.get(code, ()),
            used.get(code, ()),
        )
        for one in sorted(by_kind.get("pc", []), key=lambda one: one.key)
        for code in [one.text("code")]
    ]


def _numbers(devices: Iterable[str]) -> dict[str, ClientId]:
    return {device: ClientId(n) for n, device in enumerate(sorted(devices), 1)}


_ACCESS = {kind.value: kind for kind in AccessKind}


def _session(one: ToldSession, number: SessionId, devices: Mapping[str, ClientId]) -> CountedSession:
    return CountedSession(
        number,
        _ACCESS[one.access],
        devices[one.device],
        one.person,
        one.start,
        one.stop,
        one.accepted,
        one.staff,
    )


def _ledger(ordered: Sequence[ToldSession], readings: Readings) -> Iterable[LedgerRow]:
    for number, session in enumerate(ordered, 1):
        if session.counts:
            for reading, (at, up, down) in enumerate(readings.get(session.id, ()), 1):
                yield LedgerRow(SessionId(number), reading, at, up, down)


def _view(one: Fact, devices: Mapping[str, ClientId]) -> View:
    outcome = Outcome(one.text("outcome") or "seen")
    return View(one.number("id"), devices[one.text("device")], one.instant_of("at"), outcome, one.flag("staff"))


def _blocked(facts: Iterable[Fact]) -> dict[date, int]:
    days: dict[date, int] = {}
    for one in facts:
        days[one.day_of("day")] = days.get(one.day_of("day"), 0) + one.number("count")
    return days


def _doors(by_kind: Mapping[str, Sequence[Fact]]) -> list[DoorEvent] | None:
    sites = sorted(by_kind.get("site", []), key=lambda one: one.text("first"))
    if not sites or sites[-1].text("opened_by") != "staff":
        return None
    return [DoorEvent(one.instant_of("at"), one.flag("opens")) for one in by_kind.get("door", [])]


def outages_of(by_kind: Mapping[str, Sequence[Fact]], cause: str) -> list[Interval]:
    """Outages of a cause. One of the line that goes on is known up to the gateway's last sign of life, no further."""
    last = max((one.instant_of("end") for one in by_kind.get("heartbeat", [])), default=UNENDED)
    spans: list[Interval] = []
    for one in by_kind.get("outage", []):
        if one.text("cause") == cause:
            begin, end = span_of(one)
            spans.append((begin, last if end is UNENDED and cause in ("isp", "unknown") and last > begin else end))
    return spans


def span_of(one: Fact) -> Interval:
    """From `begin` to `end`; what goes on has no end yet."""
    return one.instant_of("begin"), one.instant("end") or UNENDED


OURS = frozenset({"power", "gateway", "planned"})
"""Causes of outages that are not the line's: they take their time from the ISP's (2.7, 15)."""


def speed_test_of(one: Fact) -> SpeedTest:
    """A measurement of the line."""
    return SpeedTest(
        one.instant_of("at"),
        one.number("kbit_s"),
        one.number("client_kbit_s"),
        one.number("lasted_s"),
        one.flag("wired", otherwise=True),
    )


def _seen(one: Fact) -> Interval:
    return one.instant_of("at"), one.instant("until") or one.instant_of("at")


def _change(one: Fact) -> Change:
    return Change(
        ChangeKind(one.text("what")),
        one.instant_of("begin"),
        one.instant_of("end"),
        one.instant_of("decided_at"),
        one.text("reason"),
    )


def _hours(span: str) -> Hours:
    begin, end = ((int(text[:2]) * 60 + int(text[3:])) for text in span.split("-"))
    return Hours(begin, end)
