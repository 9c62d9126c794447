"""Hours promised and held: the figures of `cong report`, by month or by day, with what broke them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from pydantic import Field

from gateway.clock import local_day
from gateway.desk.reckoned import Reckoned, Reckoning
from gateway.desk.table import Area, Caller, Input, Live, Page, view
from gateway.errors import GatewayError
from gateway.flows.hand_entries import HandEntries
from gateway.papers.charts import hours_chart
from gateway.papers.paper import Chart
from gateway.reports.figures import Counted
from gateway.reports.report_body import report_of
from gateway.reports.report_values import SiteReport
from gateway.staff.roles import Right

_REFRESH_S = 60.0
_HOUR_S = 3600


class AskedPeriod(Input):
    """A year or a month."""

    period: str = Field(pattern=r"^20[0-9]{2}(-(0[1-9]|1[0-2]))?$", examples=["2026", "2026-12"])


@dataclass(frozen=True, slots=True)
class HoursPart:
    """A month of the year, or a day of the month."""

    first: date
    promised_s: int
    held_s: int
    internet_s: int
    """Held, and the line was up."""
    extra_s: int
    """Open beside the promise."""


@dataclass(frozen=True, slots=True)
class LostBy:
    """What a cause took of the promised time."""

    cause: str
    """sudden_closure, power, equipment, not_opened, unknown."""
    seconds: int


@dataclass(frozen=True, slots=True)
class ServiceHours:
    """A period's hours, as `cong report` prints them."""

    period: str
    counted_at: datetime
    promised_s: int
    held_s: int
    internet_s: int
    extra_s: int
    is_met: bool | None
    """The goal of 100 %; null when nothing was promised."""
    lost: tuple[LostBy, ...]
    isp_lost_s: int
    """Held without a line."""
    parts: tuple[HoursPart, ...]


@dataclass(frozen=True, slots=True)
class ServiceHoursDesk:
    """The figures of the gateway's own site."""

    reckoned: Reckoned[SiteReport]
    entries: HandEntries

    async def held(self, asked: AskedPeriod, caller: Caller) -> ServiceHours:
        """The figures of now, which takes a moment."""
        return told_hours(asked.period, await self.reckoned.fresh(*self._words(asked.period)))

    async def page(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """What is kept at once; with `wait` the whole."""
        period = self._period(query, caller)
        words = self._words(period)
        made = await self.reckoned.wait(*words) if query.get("wait") else self.reckoned.kept(*words)
        return self._shown(period, made, caller)

    async def live(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """The whole, as soon as it is counted."""
        period = self._period(query, caller)
        try:
            return self._shown(period, await self.reckoned.wait(*self._words(period)), caller)
        except GatewayError as error:
            return {**self._shown(period, None, caller), "trouble": error.message}

    def _period(self, query: Mapping[str, str], caller: Caller) -> str:
        today = local_day(caller.at, self.entries.zone)
        return AskedPeriod.model_validate({"period": query.get("period") or f"{today.year}"}).period

    def _words(self, period: str) -> tuple[str, ...]:
        form = "month" if "-" in period else "year"
        return "report", form, period, "--site", self.entries.site, "--json"

    def _shown(self, period: str, made: Reckoning[SiteReport] | None, caller: Caller) -> Mapping[str, object]:
        is_month = "-" in period
        year = int(period[:4])
        today = local_day(caller.at, self.entries.zone)
        chart: Chart | None = hours_chart([made.figures], caller.language) if made else None
        return {
            "period": period,
            "is_month": is_month,
            "year": year,
            "this_year": today.year,
            "month": date.fromisoformat(f"{period}-01") if is_month else None,
            "today": today,
            "hours": told_hours(period, made) if made else None,
            "chart": chart,
            "trouble": "",
            "hour": Fraction(1, _HOUR_S),
            "share": lambda part, whole: Fraction(part, whole) if whole else None,
        }


def site_report(printed: bytes) -> SiteReport:
    """The one site of a report's JSON; IndexError when it has none."""
    return report_of(printed.decode()).sites[0]


def told_hours(period: str, made: Reckoning[SiteReport]) -> ServiceHours:
    """The hours of a report."""
    service = made.figures.service
    is_month = "-" in period
    parts = (
        [_part(one.day, one.counted) for one in made.figures.days]
        if is_month
        else [_part(one.month, one.counted) for one in made.figures.months]
    )
    return ServiceHours(
        period,
        made.at,
        service.promised_s,
        service.held_s,
        service.internet_s,
        service.extra_s,
        service.is_met,
        tuple(LostBy(cause.name.lower(), seconds) for cause, seconds in service.lost_s),
        service.isp_lost_s,
        tuple(parts),
    )


def service_hours(desk: ServiceHoursDesk) -> Area:
    """The area of the table."""
    see = Right.SEE
    return Area(
        views=[
            view(
                "hours.held",
                "/hours/{period}",
                see,
                AskedPeriod,
                ServiceHours,
                desk.held,
                "Hours promised and held of a year or month, with what broke them",
            )
        ],
        pages=[Page("/calendar/hours", see, "service_hours.html", desk.page, "calendar")],
        live=[Live("/calendar/hours", see, "service_hours_figures.html", desk.live, _REFRESH_S)],
    )


def _part(first: date, one: Counted) -> HoursPart:
    return HoursPart(first, one.promised_s, one.held_s, one.internet_s, one.extra_s)
