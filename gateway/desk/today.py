"""The first page: what needs action, who is on, the day and the month so far."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from fractions import Fraction

from pydantic import Field, TypeAdapter

from gateway.access.client import AccessKind
from gateway.access.login import Method
from gateway.clock import Clock, local_day
from gateway.desk.counted import Counted
from gateway.desk.inputs import Flag
from gateway.desk.mail_words import why_not
from gateway.desk.table import Area, Caller, Input, Live, Page, view
from gateway.flows.attention import Attention, Kind, Level, Need
from gateway.flows.sign_in import Reception
from gateway.flows.who_is_on import WhoIsOn
from gateway.pages import text
from gateway.papers.paper import Chart, Series
from gateway.papers.printed import printed
from gateway.ports_staff import CommandRunner
from gateway.reports import english, vietnamese
from gateway.reports.today import Action, TodayTold
from gateway.staff.roles import Right

_LIVE_S = 5.0
_TOLD_CATEGORIES = 3
_SETTINGS = ("/settings", Right.SEE_SETTINGS)
_BACKUP = ("/settings/backup", Right.SEE_SETTINGS)
_MAIL = ("/reports/mail", Right.SEE_FIGURES)
_HREFS: Mapping[str, tuple[str, Right]] = {
    Kind.LINE: ("/line", Right.SEE),
    Kind.FILTER: _SETTINGS,
    Kind.CLOCK: _SETTINGS,
    Kind.DISK: _SETTINGS,
    Kind.CERTIFICATE: _SETTINGS,
    Kind.CERTIFICATE_ENDS: _SETTINGS,
    Kind.SELF_CHECK: _SETTINGS,
    Kind.APPROVALS: ("/approvals", Right.SEE),
    Kind.REQUESTS: ("/filter/requests", Right.SEE),
    Kind.LISTS: ("/filter/sources", Right.SEE),
    Kind.LIST_FAILS: ("/filter/sources", Right.SEE),
    Kind.MAIL_STUCK: _MAIL,
    Kind.MAIL_REFUSED: _MAIL,
    Kind.BACKUP: _BACKUP,
    Kind.BACKUP_NONE: _BACKUP,
    Kind.SETTINGS: _SETTINGS,
    "pc": ("/pcs", Right.SEE),
    "outage": ("/line", Right.SEE),
    "bill": ("/bills", Right.SEE_FIGURES),
}
"""Where each is done, and who may go there."""
_LEVELS = {"pc": Level.FAULT, "outage": Level.SOON, "bill": Level.SOON}
_NOW_TOLD = frozenset({"lists", "clock", "backup"})
"""Told with the figures too, but asked anew each time."""


class AskedToday(Input):
    """How new the figures have to be."""

    fresh: Flag = Field(False, description="Count the figures now and wait for them, up to two minutes")


@dataclass(frozen=True, slots=True)
class NeedTold:
    """One thing that somebody has to see to."""

    kind: str
    level: Level
    says: str
    """A sentence in the caller's language, with what to do."""
    href: str
    """The page to do it on; "" when the caller's role has none."""


@dataclass(frozen=True, slots=True)
class Now:
    """The house this very moment."""

    at: datetime
    online: int
    """Devices of patrons, phones and PCs; no equipment."""
    on_wifi: int
    on_pcs: int
    equipment: int
    """Exempt devices that are online."""
    up_bit_s: int
    down_bit_s: int
    is_closed: bool
    """Nobody is let in: outside of enforced opening hours."""
    closes_at: datetime | None
    opens_next: datetime | None
    line_is_down: bool


@dataclass(frozen=True, slots=True)
class Today:
    """The first page."""

    now: Now
    needs: tuple[NeedTold, ...]
    figures: TodayTold | None
    """As of `counted_at`; null until they were counted for the first time today."""
    is_counting: bool
    """Newer figures are on their way."""
    failed: bool
    """The last count failed: the figures are older than they should be."""


class TodayDesk:
    """What the view works on."""

    def __init__(
        self,
        reception: Reception,
        who: WhoIsOn,
        attention: Attention,
        counted: Counted[TodayTold],
        line_is_down: Callable[[], bool],
    ) -> None:
        self.zone = reception.house.zone
        self._reception = reception
        self._who = who
        self._attention = attention
        self._counted = counted
        self._line_is_down = line_is_down

    async def today(self, asked: AskedToday, caller: Caller) -> Today:
        """All of it."""
        if asked.fresh:
            await self._counted.fresh()
        latest, today = self._counted.latest(), local_day(caller.at, self._reception.house.zone)
        figures = latest.figures if latest.figures and latest.figures.day == today else None
        needs = [_told(need, caller, self._reception.house.zone) for need in await self._attention.needs()]
        needs += [_action(each, caller) for each in (figures.actions if figures else ()) if _is_told(each, caller)]
        needs.sort(key=lambda each: list(Level).index(each.level))
        return Today(await self._now(caller.at), tuple(needs), figures, latest.is_counting, latest.failed)

    async def _now(self, at: datetime) -> Now:
        on = await self._who.look()
        patrons = [each for each in on if each.live.session.method != Method.EXEMPT]
        on_pcs = sum(each.live.session.kind is AccessKind.KIOSK for each in patrons)
        hours = self._reception.hours
        return Now(
            at=at,
            online=len(patrons),
            on_wifi=len(patrons) - on_pcs,
            on_pcs=on_pcs,
            equipment=len(on) - len(patrons),
            up_bit_s=sum(each.up_bit_s or 0 for each in on),
            down_bit_s=sum(each.down_bit_s or 0 for each in on),
            is_closed=hours.is_closed(),
            closes_at=hours.closes_at(),
            opens_next=hours.opens_next(),
            line_is_down=self._line_is_down(),
        )


def counted_today(commands: CommandRunner, clock: Clock) -> Counted[TodayTold]:
    """The figures of `cong today`."""
    return Counted(commands, clock, ("today", "--json"), TypeAdapter(TodayTold).validate_json)


def today(desk: TodayDesk) -> Area:
    """Its rows of the table."""
    told = view("today", "/today", Right.SEE, AskedToday, Today, desk.today, "What needs action, and the day so far")

    async def read(query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        found = await desk.today(AskedToday(), caller)
        figures, words = found.figures, vietnamese if caller.language == "vi" else english
        shown: dict[str, object] = {"weekday": words.weekday(local_day(caller.at, desk.zone))}
        if figures:
            shown["held"], shown["promised"] = (Fraction(each, 3600) for each in (figures.held_s, figures.promised_s))
            shown["blocked"] = [(words.category(code), n) for code, n in figures.refused_by_category[:_TOLD_CATEGORIES]]
        return {"today": found, "shown": shown, "chart": _chart(figures, caller) if figures else None}

    return Area(
        views=(told,),
        pages=(Page("/", Right.SEE, "today.html", read, nav="today"),),
        live=(Live("/today", Right.SEE, "today_live.html", read, every_s=_LIVE_S),),
    )


def _told(need: Need, caller: Caller, zone: timezone) -> NeedTold:
    values = dict(need.values)
    if need.at is not None:
        values["at"] = printed(need.at.astimezone(zone), caller.language)
    if need.kind is Kind.SELF_CHECK:
        values["step"] = text(caller.language, f"phone.{values['step']}")
    elif need.kind is Kind.CERTIFICATE:
        values["why"] = text(caller.language, f"doctor.certificate.{values['fault']}", why=values["why"])
    elif "trouble" in values:
        values["why"] = why_not(
            str(values["trouble"]), str(values["said"]), caller.language, waits=need.kind is Kind.MAIL_STUCK
        )
    says = text(caller.language, f"desk.need.{need.kind}", **values)
    return NeedTold(need.kind, need.level, says, _href(need.kind, caller))


def _action(each: Action, caller: Caller) -> NeedTold:
    says = each.vi if caller.language == "vi" else each.en
    return NeedTold(each.kind, _LEVELS.get(each.kind, Level.SOON), says, _href(each.kind, caller))


def _is_told(each: Action, caller: Caller) -> bool:
    if each.kind == "bill":
        return caller.may(Right.SEE_FIGURES)
    return each.kind not in _NOW_TOLD


def _href(kind: str, caller: Caller) -> str:
    href, right = _HREFS.get(kind, ("", Right.SEE))
    return href if caller.may(right) else ""


def _chart(figures: TodayTold, caller: Caller) -> Chart | None:
    """Visits by hour of the day, from the first hour with any to the last."""
    visits = {each.hour: each.visits for each in figures.hours}
    if not any(visits.values()):
        return None
    span = range(min(visits), max(visits) + 1)
    name = text(caller.language, "desk.today.visits")
    series = Series(name, tuple(visits.get(hour, 0) for hour in span))
    title = text(caller.language, "desk.today.by_hour")
    return Chart("today", title, "bars", tuple(f"{hour}" for hour in span), (series,))
