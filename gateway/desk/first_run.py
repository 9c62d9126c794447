"""The first run: the set-up code makes the first administrator, then ten questions that matter are asked.

Each has a good answer already and may be left; what is answered is written to the desk's settings in one step.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timezone
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field, StringConstraints

from gateway.desk.answers import address_of, redirect
from gateway.desk.bodies import posted
from gateway.desk.frame import Frame
from gateway.desk.inputs import Flag, Line, Lines
from gateway.desk.settings import refused
from gateway.desk.settings_asked import DAYS, Hours, Short, wanted
from gateway.desk.signing_in import SigningIn
from gateway.desk.table import Area, Caller, Input, Outcome, Page, act
from gateway.flows.settings import Settings
from gateway.flows.staff import StaffError
from gateway.log import event
from gateway.pages import text
from gateway.service.holidays import proposed
from gateway.staff.roles import Right

_LARGEST_BYTES = 8 * 1024
Method = Literal["terms", "voucher", "account", "card", "radius", "approval"]
Games = Literal["", "open", "top-up", "school-hours", "all"]
Profile = Annotated[str, StringConstraints(pattern=r"^([a-z][a-z0-9-]{0,30})?$")]


class Answers(Input):
    """What was answered; what is empty stays as it is."""

    name: Line = Field("", description="The library's name")
    phone: Line = Field("", description="Telephone for questions")
    mail: Line = Field("", description="Mail address for questions")
    mon: Hours = ""
    tue: Hours = ""
    wed: Hours = ""
    thu: Hours = ""
    fri: Hours = ""
    sat: Hours = ""
    sun: Hours = ""
    holidays: Lines = Field("", description="Days off of the year, one a line")
    methods: list[Method] = Field([], description="Ways in")
    profile: Profile = Field("", description="Profile of those who accept the terms")
    limit: Short = Field("", description="Longest time of one session")
    games: Games = Field("", description="When pay-to-play games are refused to the profile of children")
    recipients: Lines = Field("", description="Who gets the nightly summary by mail")
    purpose: Flag = Field(False, description="Ask patrons what the Internet is for")


@dataclass(frozen=True, slots=True)
class Answered:
    """What was set."""

    keys: int


_KEYS = {
    "name": "site.name",
    "phone": "site.phone",
    "mail": "site.mail",
    "holidays": "site.holidays",
    "methods": "login.methods",
    "profile": "session.profile",
    "limit": "session.limit",
    "recipients": "mail.recipients",
    "purpose": "portal.purpose.ask",
    **{day: f"hours.{day}" for day in DAYS},
}


def first_run(kept: Settings, zone: timezone, child: str) -> Area:
    """`zone`: the site's; `child`: the profile of children, "" where there is none."""
    own = _Questions(kept, zone, child)
    return Area(
        acts=[
            act(
                "start.answer",
                "PUT",
                "/start",
                Right.SETTINGS,
                Answers,
                Answered,
                own.answer,
                "Answer the questions of the first run; empty ones stay as they are",
            )
        ],
        pages=[Page("/start/questions", Right.SETTINGS, "start_questions.html", own.page)],
    )


class _Questions:
    def __init__(self, kept: Settings, zone: timezone, child: str) -> None:
        self._kept, self._zone, self._child = kept, zone, child

    async def page(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        values = await self._kept.values()
        now = {name: values[key].value for name, key in _KEYS.items() if key in values}
        games = values.get(f"dns.profiles.{self._child}.games")
        year = caller.at.astimezone(self._zone).year
        found = proposed(year)
        days = "\n".join(
            f"{one.first}" if one.first == one.last else f"{one.first}..{one.last}"
            for one in (found.holidays if found else ())
        )
        profiles = sorted({key.split(".")[2] for key in values if key.startswith("dns.profiles.")})
        return {
            "now": now,
            "games": games.value if games else "",
            "year": year,
            "proposed": now.get("holidays") or days,
            "is_announced": found is not None and found.announced,
            "profiles": profiles,
            "has_hours": any(now.get(day) for day in DAYS),
            "days": DAYS,
        }

    async def answer(self, asked: Answers, caller: Caller) -> Outcome:
        names = [name for name in _KEYS if name in asked.model_fields_set and getattr(asked, name) not in ("", [])]
        keys = {_KEYS[name]: value for name, value in _values(asked).items() if name in names}
        if asked.games and self._child:
            keys[f"dns.profiles.{self._child}.games"] = asked.games
        changed = await self._kept.change(keys)
        if changed.wrong:
            raise refused(changed.wrong, {key: name for name, key in _KEYS.items()})
        told = Answered(len(changed.after))
        values = {"count": told.keys}
        return Outcome(told, "first run", changed.before, changed.after, goto="/", values=values)


def _values(asked: Answers) -> Mapping[str, object]:
    """By field, as the file would have them."""
    hours = wanted("hours", asked)
    return {name: hours.get(f"hours.{name}", getattr(asked, name)) for name in _KEYS}


class FirstRun:
    """Routes that are served before there is a user."""

    def __init__(self, frame: Frame, signing_in: SigningIn) -> None:
        self._frame, self._signing_in = frame, signing_in

    def routes(self) -> list[web.RouteDef]:
        """For the desk's application."""
        return [web.get("/start", self.form), web.post("/start", self.make)]

    async def form(self, request: web.Request) -> web.Response:
        """The first page; once there is a user it is no more."""
        if await self._frame.staff.has_users():
            return redirect("/")
        return self._form(request)

    async def make(self, request: web.Request) -> web.StreamResponse:
        """Make the first administrator, who is signed in then."""
        async with posted(request, self._frame.settings.incoming, _LARGEST_BYTES) as form:
            code, name, shown = (form.one(each) for each in ("code", "name", "shown"))
            password, again = form.one("password"), form.one("again")
        if await self._frame.staff.has_users():
            return redirect("/sign-in")
        if password != again:
            return self._form(request, "password_differs", code=code, name=name, shown=shown)
        try:
            opened = await self._frame.staff.make_first(code, name, shown, password, address_of(request))
        except StaffError as error:
            event("desk.first_run_refused", why=error.key)
            return self._form(request, error.key, code=code, name=name, shown=shown)
        response = redirect("/start/questions")
        self._signing_in.give_cookie(response, opened.cookie)
        return response

    def _form(self, request: web.Request, problem: str = "", **typed: str) -> web.Response:
        says = text(self._frame.language(request), f"refused.{problem}") if problem else ""
        status = (429 if problem == "sign_in_wait" else 403) if problem else 200
        known = {"code": "", "name": "", "shown": "", **{name: value[:200] for name, value in typed.items()}}
        return self._frame.page(request, "start.html", status, problem=says, about=problem, typed=known)
