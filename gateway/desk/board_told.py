"""Notices and purposes as the desk and its API tell them, and what is asked of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import Annotated

from pydantic import Field

from gateway.desk.inputs import Day, Line, Lines, Moment, OrNone
from gateway.desk.table import Input
from gateway.flows.notices import LONGEST_PLACE, LONGEST_TEXT, LONGEST_TITLE
from gateway.ports_board import Notice, NoticeKind, Wording

Title = Annotated[Line, Field(max_length=LONGEST_TITLE)]
Text = Annotated[Lines, Field(max_length=LONGEST_TEXT)]


class NoticeWords(Input):
    """What a notice says, and when."""

    title_vi: Title = Field("", description="What stands on the first page; one of the two titles must be there.")
    text_vi: Text = Field("", description="More of it.")
    title_en: Title = Field("", description="The same in English; without one it is told in Vietnamese.")
    text_en: Text = ""
    happens_at: Annotated[Moment | None, OrNone] = Field(None, description="It is an event, at this time.")
    place: Line = Field("", max_length=LONGEST_PLACE, description="Where an event takes place.")
    shown_from: Annotated[Moment | None, OrNone] = Field(None, description="Now if left out.")
    shown_until: Annotated[Moment | None, OrNone] = Field(
        None, description="Until an event's day is over, else for 30 days, if left out."
    )

    def wordings(self) -> Mapping[str, Wording]:
        """By language; those that say nothing are left out."""
        both = {"vi": Wording(self.title_vi, self.text_vi), "en": Wording(self.title_en, self.text_en)}
        return {tag: said for tag, said in both.items() if said != Wording("", "")}


class NoticeEdit(NoticeWords):
    """A new wording of a notice: all of it."""

    number: int = Field(ge=1, lt=2**31)


class OfNotice(Input):
    """Which notice."""

    number: int = Field(ge=1, lt=2**31)


class OfDays(Input):
    """Which days, both ends with them."""

    first: Annotated[Day | None, OrNone] = Field(None, description="30 days back if left out.")
    last: Annotated[Day | None, OrNone] = Field(None, description="Today if left out.")


@dataclass(frozen=True, slots=True)
class NoticeTold:
    """A notice, as it was last written or, in the history, as it was then."""

    number: int
    kind: NoticeKind
    shown: bool
    """Do patrons read it now?"""
    shown_from: datetime
    shown_until: datetime
    happens_at: datetime | None
    place: str
    title_vi: str
    text_vi: str
    title_en: str
    text_en: str
    author: str
    written_at: datetime
    ended_at: datetime | None
    ended_by: str | None

    @property
    def title(self) -> str:
        """In Vietnamese where there is one."""
        return self.title_vi or self.title_en


@dataclass(frozen=True, slots=True)
class NoticesTold:
    """Notices in the order patrons see them, or of the history, the newest first."""

    notices: tuple[NoticeTold, ...]


@dataclass(frozen=True, slots=True)
class PurposeSum:
    """How often one purpose was named."""

    purpose: str
    text: str
    """As patrons read it, in the caller's language; "" when it is no choice any more."""
    count: int


@dataclass(frozen=True, slots=True)
class PurposeDay:
    """The answers of one day."""

    day: date
    sums: tuple[PurposeSum, ...]


@dataclass(frozen=True, slots=True)
class PurposesTold:
    """What patrons said they came for; skipping it is not counted."""

    first: date
    last: date
    asked: bool
    """Are patrons asked now?"""
    total: int
    sums: tuple[PurposeSum, ...]
    """The most named first."""
    days: tuple[PurposeDay, ...]
    """Days with answers alone."""


def notice_told(each: Notice, now: datetime) -> NoticeTold:
    """One notice."""
    vi, en = (each.wordings.get(tag, Wording("", "")) for tag in ("vi", "en"))
    return NoticeTold(
        each.number,
        each.kind,
        each.is_shown(now),
        each.shown_from,
        each.shown_until,
        each.happens_at,
        each.place,
        vi.title,
        vi.text,
        en.title,
        en.text,
        each.author,
        each.written_at,
        each.ended_at,
        each.ended_by,
    )


def aware(moment: datetime | None, zone: timezone) -> datetime | None:
    """Without an offset it is the site's time."""
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=zone)
