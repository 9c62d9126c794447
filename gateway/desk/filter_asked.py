"""What views and acts of the filter are asked with."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from gateway.desk.inputs import Clock, Flag, Line, Moment, Named, OrNone, printable_lines
from gateway.desk.table import Input

WeekDay = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Action = Literal["block", "allow"]
Scope = Annotated[str, StringConstraints(max_length=40, pattern=r"^([a-z][a-z0-9-]*)?$")]
"""A profile; "" is every one."""
ProfileName = Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-z][a-z0-9-]*$")]
Token = Annotated[str, StringConstraints(max_length=31, pattern=r"^[a-z][a-z0-9-]*$")]
Text = Annotated[str, StringConstraints(max_length=400_000, strip_whitespace=False), AfterValidator(printable_lines)]
"""A list as it is typed: line numbers in problems are those of the form."""


class ProfileAsked(Input):
    """One way of filtering."""

    profile: ProfileName


class ProfileInput(Input):
    """What a profile refuses at all times."""

    profile: ProfileName
    refused: Annotated[
        tuple[Token, ...], Field(description="Categories refused at all times; those of games go by `games`")
    ] = ()
    games: Literal["open", "top-up", "school-hours", "all"]
    safe_search: Flag = False
    youtube: Literal["off", "moderate", "strict"]
    refusal: Literal["zero", "nxdomain", "page"]


class HoursInput(Input):
    """Categories refused in a span of the week."""

    profiles: Annotated[tuple[ProfileName, ...], Field(min_length=1)]
    categories: Annotated[tuple[Token, ...], Field(min_length=1)]
    days: Annotated[tuple[WeekDay, ...], Field(min_length=1, description="Days the span begins on")] = (
        "mon", "tue", "wed", "thu", "fri",
    )  # fmt: skip
    begins: Clock
    ends: Annotated[Clock, Field(description="At or before the begin it is the next day's")]
    on_holidays: Annotated[Flag, Field(description="On days off too")] = False
    only_then: Annotated[
        Flag, Field(description="What is refused at all times is open outside the span; never what harms")
    ] = False


class HoursName(Input):
    """One span of a profile."""

    profile: ProfileName
    name: Token


class SchoolHoursInput(Input):
    """The hours games = "school-hours" speaks of."""

    days: Annotated[tuple[WeekDay, ...], Field(min_length=1)]
    begins: Clock
    ends: Clock
    on_holidays: Flag = False


class RuleInput(Input):
    """A word of the library's own on a name and all below it."""

    name: Named
    action: Action
    profile: Scope = ""
    lasts: Literal["always", "hour", "today", "until"] = "always"
    until: Annotated[Moment | None, OrNone] = None
    reason: Line = ""


class RuleName(Input):
    """What stands of a name in one scope."""

    name: Named
    profile: Scope = ""


class OpenInput(Input):
    """A site for somebody who asks at the desk."""

    name: Named
    profile: ProfileName
    lasts: Literal["hour", "today"] = "today"


class TextAsked(Input):
    """One of the library's own lists."""

    action: Action = "block"
    profile: Scope = ""


class TextInput(Input):
    """A list as text: one name a line, "#" begins a comment."""

    action: Action
    profile: Scope = ""
    text: Text
    seal: Annotated[str, StringConstraints(max_length=64), Field(description="As the list had it when it was read")]


class RequestsAsked(Input):
    """Which requests."""

    all: Annotated[Flag, Field(description="Answered ones too")] = False


class GrantInput(Input):
    """Open what a patron asked for."""

    code: Annotated[str, StringConstraints(max_length=12)]
    lasts: Literal["hour", "today", "always"] = "today"
    scope: Annotated[Literal["asked", "all"], Field(description="The profile it was asked for, or every one")] = "asked"


class RequestCode(Input):
    """One request."""

    code: Annotated[str, StringConstraints(max_length=12)]


class WhyAsked(Input):
    """A name as a device of a profile would ask for it."""

    name: Named
    profile: ProfileName
    at: Annotated[Moment | None, OrNone, Field(description="The site's time; empty is now")] = None


WebAddress = Annotated[str, StringConstraints(max_length=500, pattern=r"^https?://[^\s]+$")]


class TryInput(Input):
    """A list that is not ours yet."""

    location: WebAddress
    match: Literal["auto", "tree", "exact"] = "auto"


class ListInput(Input):
    """A list to be taken in."""

    name: Token
    location: WebAddress
    category: Token
    action: Action = "block"
    match: Literal["auto", "tree", "exact"] = "auto"


class ListName(Input):
    """One list."""

    name: Token


class RefreshInput(Input):
    """Lists to fetch now; none is every one that is due."""

    names: tuple[Token, ...] = ()


class FiguresAsked(Input):
    """Of which day, and of how many days up to it."""

    day: Annotated[str, StringConstraints(pattern=r"^(\d{4}-\d{2}-\d{2})?$")] = ""
    days: Annotated[int, Field(ge=2, le=92)] = 14
