"""Desk: why a name is refused, and how much is."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from pydantic import ValidationError

from gateway.clock import Clock, local_day
from gateway.desk.filter_asked import FiguresAsked, WhyAsked
from gateway.desk.filter_words import is_harm, site_name
from gateway.desk.table import Area, Caller, Language, Page, RefusedError, view
from gateway.desk.wrong import problems
from gateway.errors import GatewayError
from gateway.flows.filter_figures import Refusals, by_day, by_hour, spans
from gateway.flows.filter_lists import FilterLists, Verdict
from gateway.pages import text
from gateway.papers.paper import Chart, Series
from gateway.ports_dns import DnsCountStore
from gateway.staff.roles import Right

_MOST_SERIES = 6


@dataclass(frozen=True, slots=True)
class ProfileSums:
    """Questions of one profile today, and how they were answered."""

    profile: str
    questions: int
    refused: int
    """Each refusal as it was given; by category, one device's repeats within 30 s count once."""
    cached: int
    forwarded: int
    stale: int
    failed: int
    limited: int
    refusals: dict[str, int]


@dataclass(frozen=True, slots=True)
class Figures:
    """How much the filter was asked and refused: sums, never a device."""

    day: date
    today: tuple[ProfileSums, ...]
    """As `cong dns stats` tells it."""
    hours: Refusals
    """Of `day`."""
    days: Refusals
    """Up to `day`."""


class LookingDesk:
    """What the rows of the table do."""

    def __init__(
        self, lists: FilterLists, counts: DnsCountStore, profiles: Collection[str], clock: Clock, zone: timezone
    ) -> None:
        self._lists = lists
        self._counts = counts
        self._profiles = profiles
        self._clock = clock
        self._zone = zone

    async def why(self, asked: WhyAsked, caller: Caller) -> Verdict:
        """View."""
        if asked.profile not in self._profiles:
            raise RefusedError("filter_profile", missing=True, name=asked.profile)
        name = site_name(asked.name)
        at = asked.at.astimezone(self._zone) if asked.at and asked.at.tzinfo else asked.at
        return await self._lists.why(name, asked.profile, at)

    async def figures(self, asked: FiguresAsked, caller: Caller) -> Figures:
        """View."""
        now = self._clock.now()
        try:
            day = date.fromisoformat(asked.day) if asked.day else local_day(now, self._zone)
        except ValueError:
            raise RefusedError("filter_day") from None
        today = (await spans(self._counts, now, self._zone))["today"]
        names = sorted({*today.sums, *(profile for profile, _ in today.refusals)})
        rows = []
        for name in names:
            sums = today.sums.get(name)
            refusals = {category: count for (profile, category), count in today.refusals.items() if profile == name}
            rows.append(ProfileSums(name, *(sums or (0,) * 7), refusals))
        hours = await by_hour(self._counts, day, self._zone)
        return Figures(day, tuple(rows), hours, await by_day(self._counts, day, asked.days, self._zone))

    async def why_page(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """The question, and its answer where one was asked."""
        asked = {key: query.get(key, "") for key in ("name", "profile", "at")}
        values: dict[str, object] = {"asked": asked, "profiles": self._profiles, "verdict": None, "wrong": ""}
        if not asked["name"]:
            return values
        try:
            verdict = await self.why(WhyAsked.model_validate(asked), caller)
        except ValidationError as error:
            return values | {"wrong": " ".join(problems(error, caller.language).values())}
        except RefusedError as refusal:
            return values | {"wrong": text(caller.language, f"refused.{refusal.key}", **refusal.values)}
        except GatewayError as error:
            return values | {"wrong": text(caller.language, "refused.failed", says=error.message)}
        at = datetime.fromisoformat(verdict.at).replace(tzinfo=self._zone)
        span = re.sub(r"^h(\d\d)(\d\d)-(\d\d)(\d\d)(-\d+)?$", r"\1:\2–\3:\4", verdict.schedule)
        return values | {"verdict": verdict, "is_harm": is_harm(verdict.category), "at": at, "span": span}

    async def figures_page(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """Charts with their tables."""
        asked = {key: value for key, value in query.items() if key in FiguresAsked.model_fields and value}
        figures = await self.figures(FiguresAsked.model_validate(asked), caller)
        day = figures.day
        return {
            "figures": figures,
            "hours": _chart("hours", figures.hours, caller.language) if figures.hours.counts else None,
            "days": _chart("days", figures.days, caller.language) if figures.days.counts else None,
            "before": day - timedelta(days=1),
            "after": day + timedelta(days=1) if day < local_day(self._clock.now(), self._zone) else None,
        }


def filter_looking(desk: LookingDesk) -> Area:
    """Pages that only look."""
    return Area(
        views=[
            view("filter.why", "/filter/why", Right.SEE, WhyAsked, Verdict, desk.why, "Why a name is refused or open"),
            view("filter.figures", "/filter/figures", Right.SEE, FiguresAsked, Figures, desk.figures, "Refusals"),
        ],
        pages=[
            Page("/filter/why", Right.SEE, "filter_why.html", desk.why_page, "filter"),
            Page("/filter/figures", Right.SEE, "filter_figures.html", desk.figures_page, "filter"),
        ],
    )


def category_words(category: str, language: Language) -> str:
    """A category as people call it; one of the site's own by its name."""
    key = f"desk.filter.category.{category}"
    found = text(language, key)
    return category if found == key else found


def _chart(code: str, refusals: Refusals, language: Language) -> Chart:
    shown = list(refusals.counts.items())
    series = [Series(category_words(name, language), counts) for name, counts in shown[:_MOST_SERIES]]
    if rest := shown[_MOST_SERIES:]:
        sums = tuple(sum(column) for column in zip(*(counts for _, counts in rest), strict=True))
        series.append(Series(text(language, "desk.filter.category.rest"), sums))
    labels = tuple(f"{each[8:]}/{each[5:7]}" if "-" in each else each for each in refusals.labels)
    return Chart(f"filter_{code}", text(language, f"desk.filter.chart.{code}"), "stacked", labels, tuple(series))
