"""What the settings' forms are asked with, group by group, and which key of the configuration each field is."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from gateway.desk.inputs import Flag, Line, Lines, Named
from gateway.desk.table import Input

Short = Annotated[str, StringConstraints(max_length=40)]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Hours = Annotated[str, StringConstraints(max_length=120), Field(examples=["07:30-11:30, 13:30-17:00"])]


class SiteAsked(Input):
    """Which library this is."""

    name: Named = Field(description="The library's name, as patrons read it")
    run_by: Annotated[Line, StringConstraints(max_length=160)] = Field(
        "", description="Who runs this Wi-Fi and where, as the terms name it; empty: the library's name"
    )
    phone: Line = Field("", description="Telephone for questions")
    mail: Line = Field("", description="Mail address for questions")
    language: Literal["vi", "en"] = Field("vi", description="Language of reports and of the first page")


class HoursAsked(Input):
    """The hours of a week; an empty day is closed."""

    mon: Hours = ""
    tue: Hours = ""
    wed: Hours = ""
    thu: Hours = ""
    fri: Hours = ""
    sat: Hours = ""
    sun: Hours = ""
    enforce: Flag = Field(False, description="Let nobody in outside these hours")
    opened_by: Literal["evidence", "staff"] = Field("evidence", description="What says when the library was open")
    warn: Short = Field("10m", description="The status page warns this long before closing")
    holidays: Lines = Field("", description='Days off, one a line: "2027-09-02" or "2027-02-05..2027-02-11"')


class SignInAsked(Input):
    """How patrons get in, and for how long."""

    methods: list[Literal["terms", "voucher", "account", "card", "radius", "approval"]] = Field(
        description="Ways in, in the order they are offered"
    )
    limit: Short = Field(description="Longest time of one session", examples=["2h"])
    idle: Short = Field(description="Ends after this time without a packet", examples=["15m"])
    profile: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")] = Field(
        description="Profile of those who accept the terms"
    )


class LimitsAsked(Input):
    """What sessions of a profile may use; empty is no cap."""

    of: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")] = Field(description="The profile")
    limit: Short = Field("", description="Longest time of one session")
    idle: Short = Field("", description="Ends after this time without a packet")
    data: Short = Field("", description="Data of one session", examples=["500MB"])
    day_time: Short = Field("", description="Time of one person in a day")
    day_data: Short = Field("", description="Data of one person in a day")
    devices: Short = Field("", description="Devices of one person at a time")
    up: Short = Field("", description="Rate from the device", examples=["2Mbit"])
    down: Short = Field("", description="Rate to the device", examples=["5Mbit"])


class MailAsked(Input):
    """Who gets the nightly summary."""

    recipients: Lines = Field("", description="Mail addresses, one a line")


class PurposeAsked(Input):
    """The question after the sign-in."""

    ask: Flag = Field(False, description="Ask once a session what the Internet is for; only sums are kept")


class OpenSitesAsked(Input):
    """What is open before login."""

    names: Lines = Field("", description="Host names, one a line")


class RevertAsked(Input):
    """A key that goes back to what the file, or the default, says."""

    key: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_.-]{1,80}$")]


PREFIXES: dict[str, tuple[type[Input], str]] = {
    "site": (SiteAsked, "site"),
    "hours": (HoursAsked, "hours"),
    "sign_in": (SignInAsked, "session"),
    "limits": (LimitsAsked, "login.limits"),
    "mail": (MailAsked, "mail"),
    "purpose": (PurposeAsked, "portal.purpose"),
    "open_sites": (OpenSitesAsked, "portal.garden"),
}
"""The groups, with the table most of their keys stand in."""
_ELSEWHERE = {("hours", "holidays"): "site.holidays", ("sign_in", "methods"): "login.methods"}


def key_of(group: str, name: str, of: str = "") -> str:
    """The key of the configuration that a field of a group is; `of`: the profile of limits."""
    table = PREFIXES[group][1]
    return _ELSEWHERE.get((group, name), f"{table}.{of}.{name}" if of else f"{table}.{name}")


def wanted(group: str, asked: Input) -> dict[str, object]:
    """Keys and values of what was asked, as the file would have them."""
    of = str(getattr(asked, "of", ""))
    found: dict[str, object] = {}
    for name in type(asked).model_fields:
        if name == "of":
            continue
        value = getattr(asked, name)
        if group == "hours" and name in DAYS:
            value = [span.strip() for span in value.replace("–", "-").split(",") if span.strip()]
        elif name == "devices":
            value = int(value) if value.isdigit() and value.isascii() else value
        found[key_of(group, name, of)] = value
    return found
