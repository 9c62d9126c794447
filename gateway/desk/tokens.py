"""Tokens of programs: keys to /api/v1 and /metrics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Annotated

from pydantic import Field

from gateway.desk.inputs import Day, OrNone
from gateway.desk.inputs import Named as NamedText
from gateway.desk.once import Once, Secret
from gateway.desk.table import Area, Caller, Input, Nothing, Outcome, Page, RefusedError, act, view
from gateway.desk.users import told
from gateway.flows.staff import Staff
from gateway.staff.roles import Right, Role


class NewToken(Input):
    """A program's key."""

    name: NamedText = Field(description="What it is for", examples=["monitoring"])
    role: Role = Field(Role.METRICS, description="What it may do")
    until: Annotated[Day | None, OrNone] = Field(None, description="Its last day; without one it has no end")


class OneToken(Input):
    """A token."""

    id: Annotated[int, Field(ge=1, le=2**53)]


@dataclass(frozen=True, slots=True)
class TokenLine:
    """A token, without its text."""

    id: int
    name: str
    role: Role
    made_at: datetime
    made_by: str
    until_at: datetime | None
    seen_at: datetime | None
    is_good: bool


@dataclass(frozen=True, slots=True)
class Tokens:
    """All tokens, by name."""

    tokens: Sequence[TokenLine]


@dataclass(frozen=True, slots=True)
class MadeToken:
    """A token with its text, told this once."""

    id: int
    name: str
    token: str


@dataclass(frozen=True, slots=True)
class ThisToken:
    """A token that was taken back."""

    id: int


def tokens(staff: Staff, zone: timezone, once: Once) -> Area:
    """`zone`: the site's; a token's last day is one of it."""
    own, right = _Tokens(staff, zone, once), Right.USERS
    return Area(
        views=[view("token.list", "/tokens", Right.SEE_SETTINGS, Nothing, Tokens, own.tokens, "Tokens of programs")],
        acts=[
            act(
                "token.create",
                "POST",
                "/tokens",
                right,
                NewToken,
                MadeToken,
                own.make_token,
                "Make a token",
                is_dangerous=True,
            ),
            act("token.revoke", "DELETE", "/tokens/{id}", right, OneToken, ThisToken, own.revoke, "Take a token back"),
        ],
        pages=[Page("/tokens", Right.SEE_SETTINGS, "tokens.html", own.tokens_page, "settings")],
    )


class _Tokens:
    def __init__(self, staff: Staff, zone: timezone, once: Once) -> None:
        self._staff, self._zone, self._once = staff, zone, once

    async def tokens(self, asked: Nothing, caller: Caller) -> Tokens:
        found = await self._staff.store.tokens()
        return Tokens(
            [
                TokenLine(
                    each.id,
                    each.name,
                    each.role,
                    each.made_at,
                    each.made_by,
                    each.until_at,
                    each.seen_at,
                    each.is_good(caller.at),
                )
                for each in found
            ]
        )

    async def tokens_page(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        found = (await self.tokens(Nothing(), caller)).tokens
        return {"tokens": found, "roles": list(Role), "secret": self._once.take(caller)}

    async def make_token(self, asked: NewToken, caller: Caller) -> Outcome:
        until = self._end_of(asked.until) if asked.until else None
        if until is not None and until <= caller.at:
            raise RefusedError("token_past")
        token, text = await told(self._staff.make_token(asked.name, asked.role, until, caller.name))
        self._once.keep(caller, Secret("token", asked.name, (text,)))
        after = {"role": asked.role, "until": until}
        values = {"name": asked.name}
        return Outcome(MadeToken(token.id, token.name, text), asked.name, after=after, goto="/tokens", values=values)

    async def revoke(self, asked: OneToken, caller: Caller) -> Outcome:
        named = {each.id: each.name for each in await self._staff.store.tokens()}
        if not await self._staff.store.revoke_token(asked.id, caller.at):
            raise RefusedError("token_missing", missing=True)
        name = named.get(asked.id, str(asked.id))
        return Outcome(ThisToken(asked.id), name, values={"name": name})

    def _end_of(self, day: date) -> datetime:
        try:
            return datetime.combine(day + timedelta(days=1), time.min, self._zone)
        except OverflowError:
            raise RefusedError("token_past") from None
