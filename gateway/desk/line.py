"""The line at the desk: how available it was, outages with cause and ticket, their evidence, speed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from gateway.clock import local_day
from gateway.desk.line_inputs import CauseSaid, CorrectedOutage, IspTold, Measure, NewOutage, OfMonth, OfOutage
from gateway.desk.line_told import LineTold, OutageTold, SpeedTestTold, line_told, outage_told, speed_test_told
from gateway.desk.refusing import of_site, refusing
from gateway.desk.table import (
    Act,
    Area,
    Caller,
    File,
    Outcome,
    Page,
    RefusedError,
    act,
    download,
    view,
)
from gateway.errors import GatewayError
from gateway.facts.fact import Fact
from gateway.flows.hand_entries import HandEntries
from gateway.flows.line_entries import correct_outage, enter_outage, isp_told, say_cause, withdraw_outage
from gateway.flows.line_month import line_month
from gateway.papers.line_charts import down_by_day, isp_down_by_month
from gateway.papers.tongue import Tongue
from gateway.ports_facts import Telling
from gateway.ports_line import LineStory, ToldSpell
from gateway.ports_staff import CommandRunner
from gateway.reports.lock import next_month
from gateway.reports.rounding import below_goal
from gateway.service.line import Kind, begin_of, outage_number
from gateway.service.speed import SpeedTest
from gateway.staff.roles import Right

_AHEAD = timedelta(minutes=5)
"""What a clock of a browser may be ahead of ours."""
_SHOWN = 40
"""Lines of a log on its page; the whole is a file."""


def line_area(entries: HandEntries, story: LineStory, commands: CommandRunner, *, can_measure: bool) -> Area:
    """What the desk has of the line. `can_measure`: there is something to measure against."""
    desk = _Line(entries, story, commands, can_measure)
    return Area(
        views=(view("line.month", "/line/{month}", Right.SEE, OfMonth, LineTold, desk.told, "The line in a month"),),
        acts=_acts(desk),
        pages=(
            Page("/line", Right.SEE, "line.html", desk.page, nav="line"),
            Page("/line/outages/{number}", Right.SEE, "line_outage.html", desk.outage_page, nav="line"),
        ),
        downloads=(
            download(
                "line.evidence",
                "/line/outages/{number}/log",
                Right.SEE,
                OfOutage,
                desk.evidence,
                "The log that an outage seen by the gateway rests on",
                ("text/plain",),
            ),
        ),
    )


def _acts(desk: "_Line") -> tuple[Act, ...]:
    return (
        act("outage.add", "POST", "/line/outages", Right.FIGURES, NewOutage, OutageTold, desk.add, "Enter one"),
        act(
            "outage.told",
            "POST",
            "/line/outages/{number}/told",
            Right.OPEN,
            IspTold,
            OutageTold,
            desk.isp_told,
            "Note that the ISP was told, and its ticket",
        ),
        act(
            "outage.cause",
            "POST",
            "/line/outages/{number}/cause",
            Right.FIGURES,
            CauseSaid,
            OutageTold,
            desk.cause,
            "Say whose an outage was",
        ),
        act(
            "outage.correct",
            "PUT",
            "/line/outages/{number}",
            Right.FIGURES,
            CorrectedOutage,
            OutageTold,
            desk.correct,
            "Put the moments of one entered by hand right",
        ),
        act(
            "outage.remove",
            "DELETE",
            "/line/outages/{number}",
            Right.FIGURES,
            OfOutage,
            OutageTold,
            desk.remove,
            "Take one entered by hand out",
        ),
        act(
            "line.measure",
            "POST",
            "/line/speed-tests",
            Right.OPEN,
            Measure,
            SpeedTestTold,
            desk.measure,
            "Measure the line's speed now",
        ),
    )


@dataclass(slots=True)
class _Line:
    entries: HandEntries
    story: LineStory
    commands: CommandRunner
    can_measure: bool
    is_measuring: bool = False

    async def told(self, asked: OfMonth, caller: Caller) -> LineTold:
        month = _first(asked.month)
        return line_told(await line_month(self.entries, month, caller.at), caller.at)

    async def page(self, asked: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        today = local_day(caller.at, self.entries.zone)
        month = OfMonth.model_validate({"month": asked.get("month") or f"{today:%Y-%m}"}).month
        found = await line_month(self.entries, _first(month), caller.at)
        say = Tongue(caller.language)
        first = _first(month)
        later = next_month(first)
        return {
            "line": line_told(found, caller.at),
            "exact": found,
            "available": below_goal,
            "days_chart": down_by_day([(one.day, one.down_s) for one in found.days], say),
            "history_chart": isp_down_by_month([(one.month, one.isp_s) for one in found.history], say),
            "month": first,
            "before": f"{first - timedelta(days=1):%Y-%m}",
            "after": f"{later:%Y-%m}" if later <= today else "",
            "abroad": await self._abroad(first, later, caller.at),
            "can_measure": self.can_measure,
            "now": f"{caller.at.astimezone(self.entries.zone):%Y-%m-%dT%H:%M}",
        }

    async def outage_page(self, asked: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        number = OfOutage.model_validate({"number": asked.get("number", "")}).number
        with refusing("line", "no-outage"):
            one = await self.entries.one("outage", self.entries.site, number)
        trail = await self.entries.register.history("outage", self.entries.site, number)
        began = begin_of(number)
        log = ((await self.story.log(began) if began else None) or "").splitlines()
        zone = self.entries.zone
        return {
            "outage": outage_told(one, caller.at),
            "trail": [(each.telling.at, each.telling.author, each.fact) for each in reversed(trail)],
            "log_lines": log[:_SHOWN],
            "has_more": len(log) > _SHOWN,
            "now": f"{caller.at.astimezone(zone):%Y-%m-%dT%H:%M}",
            "begin": f"{one.instant_of('begin').astimezone(zone):%Y-%m-%dT%H:%M:%S}",
            "end": f"{end.astimezone(zone):%Y-%m-%dT%H:%M:%S}" if (end := one.instant("end")) else "",
            "month": f"{one.instant_of('begin').astimezone(zone):%Y-%m}",
        }

    async def add(self, asked: NewOutage, caller: Caller) -> Outcome:
        begin, end = self._moments(asked.begin, asked.end, caller)
        with refusing("line", "no-outage"):
            made = await enter_outage(
                self.entries, self.entries.site, begin, end, asked.cause, asked.note, _telling(caller, "outage.add")
            )
        return _outcome(None, made, caller)

    async def isp_told(self, asked: IspTold, caller: Caller) -> Outcome:
        at, _ = self._moments(asked.at or caller.at.replace(microsecond=0), None, caller)
        with refusing("line", "no-outage"):
            before, after = await isp_told(
                self.entries, self.entries.site, asked.number, at, asked.ticket, _telling(caller, "outage.told")
            )
        return _outcome(before, after, caller)

    async def cause(self, asked: CauseSaid, caller: Caller) -> Outcome:
        with refusing("line", "no-outage"):
            before, after = await say_cause(
                self.entries, self.entries.site, asked.number, asked.cause, asked.note, _telling(caller, "outage.cause")
            )
        return _outcome(before, after, caller)

    async def correct(self, asked: CorrectedOutage, caller: Caller) -> Outcome:
        begin, end = self._moments(asked.begin, asked.end, caller)
        with refusing("line", "no-outage"):
            before, after = await correct_outage(
                self.entries, self.entries.site, asked.number, begin, end, _telling(caller, "outage.correct")
            )
        return _outcome(before, after, caller)

    async def remove(self, asked: OfOutage, caller: Caller) -> Outcome:
        with refusing("line", "no-outage"):
            gone = await withdraw_outage(
                self.entries, self.entries.site, asked.number, _telling(caller, "outage.remove")
            )
        told = outage_told(gone, caller.at)
        return Outcome(told, subject=gone.key, before=dict(gone.values), goto="/line", values={"number": gone.key})

    async def measure(self, asked: Measure, caller: Caller) -> Outcome:
        del asked
        if not self.can_measure:
            raise RefusedError("line.no-speed-url")
        if self.is_measuring:
            raise RefusedError("line.measuring")
        self.is_measuring = True
        try:
            printed = await self.commands.run("line", "speed", f"--by={caller.name}", "--json")
        except GatewayError as error:
            raise RefusedError("line.not-measured") from error
        finally:
            self.is_measuring = False
        told = json.loads(printed)
        test = SpeedTest(datetime.fromisoformat(told["at"]), told["kbit_s"], told["client_kbit_s"], told["lasted_s"])
        made = speed_test_told(test, 0)
        return Outcome(made, subject=told["at"], after=told, values={"mbit": f"{test.kbit_s / 1000:.1f}"})

    async def evidence(self, asked: OfOutage, caller: Caller) -> File:
        del caller
        began = begin_of(asked.number)
        log = await self.story.log(began) if began else None
        if began is None or log is None:
            raise RefusedError("line.no-log", missing=True)
        return File(f"{outage_number(began)}.log", "text/plain; charset=utf-8", log.encode())

    async def _abroad(self, first: date, later: date, now: datetime) -> list[ToldSpell]:
        """Spells in which nothing abroad answered: told, no outage."""
        begin, end = (datetime.combine(day, time.min, self.entries.zone) for day in (first, later))
        return [one for one in await self.story.spells(begin, end, now) if one.spell.kind is Kind.ABROAD_DEGRADED]

    def _moments(self, begin: datetime, end: datetime | None, caller: Caller) -> tuple[str, str]:
        zone = self.entries.zone
        told = [of_site(one, zone) if one else "" for one in (begin, end)]
        if any(one and datetime.fromisoformat(one) > caller.at + _AHEAD for one in told):
            raise RefusedError("line.future")
        return told[0], told[1]


def _first(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _telling(caller: Caller, deed: str) -> Telling:
    return Telling(caller.at, caller.name, f"desk {deed}")


def _outcome(before: Fact | None, after: Fact, caller: Caller) -> Outcome:
    return Outcome(
        outage_told(after, caller.at),
        subject=after.key,
        before=dict(before.values) if before else {},
        after=dict(after.values),
        values={"number": after.key},
    )
