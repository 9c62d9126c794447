"""Users of the desk."""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeVar

from pydantic import BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from gateway.desk.inputs import Flag, Line
from gateway.desk.once import Once, Secret
from gateway.desk.table import Area, Caller, Input, Nothing, Outcome, Page, RefusedError, act, view
from gateway.flows.staff import Staff, StaffError
from gateway.staff.roles import Right, Role

T = TypeVar("T")
_MISSING = frozenset({"user_missing"})


def _name(value: object) -> object:
    if not isinstance(value, str):
        raise PydanticCustomError("unknown_name", "no name")
    return value.strip().lower()


UserName = Annotated[
    str,
    BeforeValidator(_name),
    StringConstraints(min_length=1, max_length=64),
    Field(description="What is typed to sign in", examples=["hoa"]),
]


class One(Input):
    """A user."""

    name: UserName


class NewUser(Input):
    """A user to be made."""

    name: UserName
    shown: Line = Field("", description="The person's name, as trail and pages say it")
    role: Role = Field(Role.DESK, description="What they may do")


class ChangedUser(Input):
    """What becomes of a user."""

    name: UserName
    shown: Line = Field("", description="The person's name")
    role: Role = Field(description="What they may do")


class DisabledUser(Input):
    """Whether a user may sign in."""

    name: UserName
    disabled: Flag = Field(True, description="Let in no more, or again")


@dataclass(frozen=True, slots=True)
class UserLine:
    """A user, without secrets."""

    name: str
    shown: str
    role: Role
    has_totp: bool
    recovery_left: int
    must_change: bool
    disabled_at: datetime | None
    made_at: datetime
    made_by: str
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Users:
    """All users, by name."""

    users: Sequence[UserLine]


@dataclass(frozen=True, slots=True)
class MadeUser:
    """A user with a first password, told this once."""

    name: str
    password: str


@dataclass(frozen=True, slots=True)
class ThisUser:
    """A user that was changed."""

    name: str


def users(staff: Staff, once: Once) -> Area:
    """All there is of them."""
    own, right, end = _Users(staff, once), Right.USERS, "/users/{name}"
    return Area(
        views=[
            view("user.list", "/users", Right.SEE_SETTINGS, Nothing, Users, own.users, "Users"),
        ],
        acts=[
            act("user.create", "POST", "/users", right, NewUser, MadeUser, own.create, "Make a user"),
            act("user.change", "PUT", end, right, ChangedUser, ThisUser, own.change, "Another role or name"),
            act(
                "user.disable",
                "PUT",
                f"{end}/disabled",
                right,
                DisabledUser,
                ThisUser,
                own.disable,
                "Let a user in no more, or again",
                is_dangerous=True,
            ),
            act(
                "user.password",
                "POST",
                f"{end}/password",
                right,
                One,
                MadeUser,
                own.password,
                "A new first password",
                is_dangerous=True,
            ),
            act(
                "user.totp_reset",
                "DELETE",
                f"{end}/second-factor",
                right,
                One,
                ThisUser,
                own.totp_reset,
                "Take the second factor away: the phone is lost",
                is_dangerous=True,
            ),
        ],
        pages=[
            Page("/users", Right.SEE_SETTINGS, "users.html", own.users_page, "settings"),
        ],
    )


class _Users:
    def __init__(self, staff: Staff, once: Once) -> None:
        self._staff, self._once = staff, once

    async def users(self, asked: Nothing, caller: Caller) -> Users:
        lines = []
        for each in await self._staff.store.users():
            left = await self._staff.store.recovery_left(each.id) if each.has_totp else 0
            lines.append(
                UserLine(
                    each.name,
                    each.shown,
                    each.role,
                    each.has_totp,
                    left,
                    each.must_change,
                    each.disabled_at,
                    each.made_at,
                    each.made_by,
                    each.seen_at,
                )
            )
        return Users(lines)

    async def users_page(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        found = (await self.users(Nothing(), caller)).users
        roles = [role for role in Role if role is not Role.METRICS]
        return {"users": found, "roles": roles, "secret": self._once.take(caller), "me": caller.name}

    async def create(self, asked: NewUser, caller: Caller) -> Outcome:
        first = await told(self._staff.make_user(asked.name, asked.shown, asked.role, caller.name))
        self._once.keep(caller, Secret("password", asked.name, (first,)))
        after = {"role": asked.role, "shown": asked.shown}
        return Outcome(MadeUser(asked.name, first), asked.name, after=after, goto="/users", values={"name": asked.name})

    async def change(self, asked: ChangedUser, caller: Caller) -> Outcome:
        before = await told(self._staff.change_user(asked.name, asked.role, asked.shown))
        return Outcome(
            ThisUser(asked.name),
            asked.name,
            {"role": before.role, "shown": before.shown},
            {"role": asked.role, "shown": asked.shown or asked.name},
            values={"name": asked.name},
        )

    async def disable(self, asked: DisabledUser, caller: Caller) -> Outcome:
        if asked.disabled and asked.name == caller.name:
            raise RefusedError("user_self")
        await told(self._staff.disable(asked.name, disabled=asked.disabled))
        after = {"disabled": asked.disabled}
        return Outcome(ThisUser(asked.name), asked.name, after=after, values={"name": asked.name})

    async def password(self, asked: One, caller: Caller) -> Outcome:
        if asked.name == caller.name:
            raise RefusedError("user_own_password")
        first = await told(self._staff.reset_password(asked.name))
        self._once.keep(caller, Secret("password", asked.name, (first,)))
        return Outcome(MadeUser(asked.name, first), asked.name, goto="/users", values={"name": asked.name})

    async def totp_reset(self, asked: One, caller: Caller) -> Outcome:
        await told(self._staff.end_totp(asked.name))
        return Outcome(ThisUser(asked.name), asked.name, values={"name": asked.name})


async def told(work: Awaitable[T]) -> T:
    """What staff's journeys refuse, as the desk tells it."""
    try:
        return await work
    except StaffError as error:
        raise RefusedError(error.key, missing=error.key in _MISSING) from None
