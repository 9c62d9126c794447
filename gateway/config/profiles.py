"""[dns.profiles.*]: what a way of filtering refuses, and when; [dns.school_hours]."""

import re
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from filters.settings import Holidays, SafeSearch, Schedule
from gateway.config.fields import Section, Token

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HolidayRule = Literal["as-usual", "never", "only"]
Youtube = Literal["off", "moderate", "strict"]
_STRICT_STEP = 1000
PLAY, PAY = "games", "topup"
"""The categories of pay-to-play games: where they are played, and where money goes in."""


def _minutes(text: str) -> int:
    match = re.fullmatch(r"([01]\d|2[0-4]):([0-5]\d)", text)
    minutes = int(match[1]) * 60 + int(match[2]) if match else -1
    if not 0 <= minutes <= 1440:
        raise ValueError(f'"{text}" is no time of day: write it as "07:30", at most "24:00"')
    return minutes


def _start(text: str) -> str:
    if _minutes(text) == 1440:
        raise ValueError('a span does not begin at "24:00": write "00:00"')
    return text


StartTime = Annotated[str, AfterValidator(_start)]
EndTime = Annotated[str, AfterValidator(lambda text: (_minutes(text), text)[1])]


class _Span(Section):
    """When a schedule holds."""

    days: tuple[Day, ...] = Field(
        _DAYS, min_length=1, description="Days it begins on: mon, tue, wed, thu, fri, sat, sun"
    )
    start: StartTime = Field("07:00", alias="from", description="Begins at this time of the site's day")
    end: EndTime = Field("17:00", alias="to", description="Ends at this time; at or before `from` it is the next day's")
    holidays: HolidayRule = Field(
        "as-usual", description="On days of site.holidays: as-usual, never, or only then (and on none other)"
    )

    def schedule(self, name: str) -> Schedule:
        """As the filter has it, without effect yet."""
        return Schedule(
            name,
            frozenset(_DAYS.index(day) for day in self.days),
            _minutes(self.start),
            _minutes(self.end),
            holidays=Holidays(self.holidays),
        )


class SchoolHours(_Span):
    """The hours games = "school-hours" speaks of."""

    days: tuple[Day, ...] = Field(_DAYS[:5], min_length=1, description="Days with school")
    holidays: HolidayRule = Field("never", description="On days of site.holidays: as-usual, never, or only then")


class ProfileSchedule(_Span):
    """A span of the week in which a profile differs."""

    name: Token = Field(description='Short name, shown where it is the reason ("school-hours")')
    block: tuple[Token, ...] = Field((), description="Categories refused then, beside the profile's own")
    open: tuple[Token, ...] = Field(
        (), description="Categories of the profile that are open then; block wins over open"
    )
    safe_search: bool | None = Field(None, description='Safe search then; "" leaves the profile\'s own')
    youtube: Youtube | None = Field(None, description="YouTube's restricted mode then; \"\" leaves the profile's own")


class Profile(Section):
    """One way of filtering."""

    port: int = Field(
        ge=1024,
        le=64535,
        description="Port of the workers for this profile; with strict the gateway takes port + 1000 too",
    )
    block: tuple[Token, ...] = Field(description="Categories refused at all times")
    games: Literal["open", "top-up", "school-hours", "all"] = Field(
        "open",
        description="Pay-to-play games. open: nothing; top-up: play is open, paying in is refused; school-hours: as "
        "top-up, and play is refused in dns.school_hours; all: refused at all times",
    )
    safe_search: bool = Field(False, description="Lead search engines to their safe variant")
    youtube: Youtube = Field(
        "off", description="YouTube's restricted mode; it also hides comments and some lessons: off, moderate, strict"
    )
    refusal: Literal["zero", "nxdomain", "page"] = Field(
        "zero",
        description="How a refused name is answered: 0.0.0.0 and ::, no such name, or the address of a page that tells "
        "why and takes a request to unblock (http only: https is refused at once)",
    )
    strict: Literal["off", "log-only", "on"] = Field(
        "off",
        description="on: only addresses this filter has answered may be reached, so that a VPN or resolver by address "
        "is refused too; the gateway then stands in the path of every question. log-only counts and lets pass",
    )
    vpn: Literal["open", "reject"] = Field(
        "open", description="Well-known ports of VPN protocols: open, or refused (calls over Wi-Fi use them too)"
    )
    schedules: tuple[ProfileSchedule, ...] = Field((), description="Spans of the week in which the profile differs")

    @property
    def question_port(self) -> int:
        """Where the kernel sends the profile's questions: to the workers, or to the gateway, which asks them."""
        return self.port if self.strict == "off" else self.port + _STRICT_STEP

    def always(self) -> frozenset[str]:
        """Categories refused at all times, games expanded."""
        of_games = {"open": (), "top-up": (PAY,), "school-hours": (PAY,), "all": (PAY, PLAY)}[self.games]
        return frozenset(self.block) | frozenset(of_games)

    def all_schedules(self, school_hours: SchoolHours) -> tuple[Schedule, ...]:
        """The profile's schedules as the filter has them, games expanded."""
        own = [
            replace(
                each.schedule(each.name),
                block=frozenset(each.block),
                open=frozenset(each.open),
                safe_search=None if each.safe_search is None else search_level(each.safe_search),
                youtube=None if each.youtube is None else youtube_level(each.youtube),
            )
            for each in self.schedules
        ]
        if self.games == "school-hours":
            own.append(replace(school_hours.schedule("school-hours"), block=frozenset({PLAY})))
        return tuple(own)


def search_level(on: bool) -> SafeSearch:
    """Search engines have one safe variant: on or off."""
    return SafeSearch.STRICT if on else SafeSearch.OFF


def youtube_level(word: Youtube) -> SafeSearch:
    """The level of YouTube's restricted mode."""
    return {"off": SafeSearch.OFF, "moderate": SafeSearch.MODERATE, "strict": SafeSearch.STRICT}[word]
