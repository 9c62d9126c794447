"""Who is on: live sessions, one of them, and what staff do to it."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Literal, NoReturn
from urllib.parse import urlencode

from pydantic import Field

from gateway.access.login import Refused
from gateway.access.session import Cause, Session, SessionId, State
from gateway.desk.inputs import Line, Named, OrNone
from gateway.desk.table import Act, Area, Caller, Input, Live, Nothing, Outcome, Page, RefusedError, View, act, view
from gateway.desk.told_sessions import (
    Changed,
    Code,
    Ended,
    EndedRow,
    One,
    Order,
    Room,
    Row,
    Sessions,
    device,
    fits,
    ordered,
    row,
)
from gateway.flows.close import end
from gateway.flows.desk_codes import LIFE_S, DeskCodes, ended_lately, hand_code, may_go_on
from gateway.flows.extend import More, extend, room_of
from gateway.flows.listing import open_session
from gateway.flows.reprofile import go_on_as
from gateway.flows.resume import Returns
from gateway.flows.who_is_on import WhoIsOn
from gateway.pages import text
from gateway.ports_devices import Entitlement
from gateway.ports_vouchers import VoucherStore
from gateway.staff.roles import Right

_PAGE_ROWS = 50
_LIVE_S = 3.0
_MOST_ENDED = 100
_MINUTES = (15, 30, 60, 120, 240)
Read = Callable[[Mapping[str, str], Caller], Awaitable[Mapping[str, object]]]
Number = Annotated[int, Field(ge=1, lt=1 << 32, description="The session's number")]


class Asked(Input):
    """Which of the live sessions."""

    text: Line = Field("", description="Words that name, MAC, profile, method, kind or number must have")
    order: Order = Field("since", description="since: the newest first; left: who ends next; bytes; rate; name")
    page: int = Field(1, ge=1, le=10_000)
    size: int = Field(_PAGE_ROWS, ge=1, le=1000, description="Sessions a page")


class AskedOne(Input):
    """One session."""

    number: Number


class Extend(Input):
    """How much more."""

    number: Number
    minutes: int = Field(0, ge=0, le=1440)
    megabytes: int = Field(0, ge=0, le=1_000_000, description="Of 1,000,000 bytes, where the session has a cap")
    was_session_s: Annotated[int | None, OrNone] = Field(
        None, description="The limit it was shown with: asked twice, it is given once"
    )


class GoOnAs(Input):
    """Another profile."""

    number: Number
    profile: Named


class SessionDesk:
    """What views and acts of sessions work on."""

    def __init__(
        self,
        returns: Returns,
        who: WhoIsOn,
        codes: DeskCodes,
        vouchers: VoucherStore,
        admitted: Callable[[Session], None],
    ) -> None:
        """`admitted` is told of each device that is let in again."""
        self._returns = returns
        self._who = who
        self._codes = codes
        self._vouchers = vouchers
        self._admitted = admitted

    async def list(self, asked: Asked, caller: Caller) -> Sessions:
        """Live sessions with their bytes as of now."""
        on = await self._who.look()
        fitting = [each for each in on if fits(row(each, caller), asked.text)] if asked.text else on
        found = ordered(fitting, asked.order, caller)
        pages = max(1, -(-len(found) // asked.size))
        page = min(asked.page, pages)
        return Sessions(
            caller.at,
            len(on),
            len(found),
            page,
            pages,
            tuple(row(each, caller) for each in found[(page - 1) * asked.size : page * asked.size]),
            sum(each.up_bit_s or 0 for each in on),
            sum(each.down_bit_s or 0 for each in on),
        )

    async def one(self, asked: AskedOne, caller: Caller) -> One:
        """One session, live or ended."""
        of = await self._returns.store.entitlement(SessionId(asked.number))
        if of is None:
            raise RefusedError("no_session", missing=True, number=asked.number)
        live = next((each for each in await self._who.look() if each.live.session.id == asked.number), None)
        return self._told(of, row(live, caller) if live else None, await self._room(asked.number), caller)

    async def ended(self, asked: Nothing, caller: Caller) -> Ended:
        """Sessions that ended by themselves today and may go on, by a code, on a phone that changed its MAC."""
        over = await ended_lately(self._returns)
        return Ended(
            tuple(
                EndedRow(
                    each.id,
                    device(each.mac, self._who.label(each.mac), caller),
                    each.method,
                    each.profile,
                    each.opened_at,
                    each.stopped_at,
                    each.cause,
                )
                for each in over[:_MOST_ENDED]
            )
        )

    async def end(self, asked: AskedOne, caller: Caller) -> Outcome:
        """End it; its connections are cut."""
        gate = self._returns.reception.gate
        found = await open_session(gate, SessionId(asked.number))
        if found is None or not await end(gate, found.session, Cause.ADMIN_RESET):
            raise RefusedError("session_over", missing=True)
        self._codes.use_up(found.session.id)
        return self._outcome(found.session, {"state": State.OPEN}, {"state": State.CLOSED}, goto="/sessions")

    async def extend(self, asked: Extend, caller: Caller) -> Outcome:
        """Give it more time or data."""
        if not asked.minutes and not asked.megabytes:
            raise RefusedError("extend_nothing")
        number = SessionId(asked.number)
        found = await open_session(self._returns.reception.gate, number)
        more = More(asked.minutes * 60, asked.megabytes * 1_000_000, asked.was_session_s)
        session = await extend(self._returns.reception, self._vouchers, number, more)
        if isinstance(session, Refused) or found is None:
            _refuse(session if isinstance(session, Refused) else Refused("session_over"))
        before, after = (
            {"session_s": each.limits.session_s, "limit_bytes": each.limits.total_bytes}
            for each in (found.session, session)
        )
        return self._outcome(session, before, after)

    async def go_on_as(self, asked: GoOnAs, caller: Caller) -> Outcome:
        """End it and let its device in again under another profile."""
        number = SessionId(asked.number)
        found = await open_session(self._returns.reception.gate, number)
        session = await go_on_as(self._returns, self._vouchers, number, asked.profile)
        if isinstance(session, Refused) or found is None:
            _refuse(session if isinstance(session, Refused) else Refused("session_over"))
        self._admitted(session)
        before = {"session": found.session.id, "profile": found.session.profile}
        after = {"session": session.id, "profile": session.profile}
        return self._outcome(session, before, after, goto=f"/sessions/{session.id}")

    async def code(self, asked: AskedOne, caller: Caller) -> Outcome:
        """A code with which it goes on on a phone that changed its MAC."""
        code = await hand_code(self._returns, self._codes, SessionId(asked.number), secrets.choice)
        if isinstance(code, Refused):
            _refuse(code)
        told = Code(asked.number, code, LIFE_S)
        values: Mapping[str, str | int] = {"code": code, "number": asked.number, "minutes": LIFE_S // 60}
        return Outcome(told, f"session {asked.number}", values=values)

    async def _room(self, number: int) -> Room | None:
        reception = self._returns.reception
        found = await open_session(reception.gate, SessionId(number))
        if found is None:
            return None
        room, has_cap = await room_of(reception, self._vouchers, found), found.session.limits.total_bytes is not None
        if isinstance(room, Refused):
            return Room(0, None, has_cap, room.key)
        megabytes = None if room.total_bytes is None else room.total_bytes // 1_000_000
        return Room(room.seconds // 60, megabytes, has_cap, "" if room.seconds >= 60 else f"extend_{room.why}")

    def _told(self, of: Entitlement, live: Row | None, room: Room | None, caller: Caller) -> One:
        booked, session, reception = of.booked, of.booked.session, self._returns.reception
        others = tuple(name for name in reception.house.caps if name != session.profile)
        return One(
            session.id,
            device(session.mac, self._who.label(session.mac), caller),
            session.kind,
            session.method,
            session.profile,
            session.state,
            session.opened_at,
            session.stopped_at,
            session.cause,
            session.limits.session_s,
            session.limits.idle_s,
            session.limits.total_bytes,
            session.limits.rates.up_kbit_s,
            session.limits.rates.down_kbit_s,
            live.up_bytes if live else booked.total_up_bytes,
            live.down_bytes if live else booked.total_down_bytes,
            of.counted,
            of.accepted_at,
            of.terms.version if of.terms else "",
            may_go_on(of, caller.at),
            live,
            room,
            others if session.state is State.OPEN else (),
        )

    def _outcome(
        self, session: Session, before: Mapping[str, object], after: Mapping[str, object], *, goto: str = ""
    ) -> Outcome:
        self._who.changed()
        limits = session.limits
        told = Changed(session.id, session.profile, limits.session_s, limits.total_bytes)
        values: Mapping[str, str | int] = {"number": session.id, "profile": session.profile}
        return Outcome(told, f"session {session.id}", before, after, goto, values)


def _refuse(refused: Refused) -> NoReturn:
    raise RefusedError(refused.key, missing=refused.key == "session_over", least=refused.said)


def sessions(desk: SessionDesk) -> Area:
    """Its rows of the table."""
    listed = view("sessions.list", "/sessions", Right.SEE, Asked, Sessions, desk.list, "Live sessions, as of now")
    ended = view("sessions.ended", "/sessions-ended", Right.SEE, Nothing, Ended, desk.ended, "Sessions that may go on")
    one = view("sessions.one", "/sessions/{number}", Right.SEE, AskedOne, One, desk.one, "One session, live or ended")
    return Area(
        views=(listed, ended, one),
        acts=_acts(desk),
        pages=(
            Page("/sessions", Right.SEE, "sessions.html", _list_page(listed, ended), nav="sessions"),
            Page("/sessions/{number}", Right.SEE, "session.html", _one_page(one), nav="sessions"),
        ),
        live=(Live("/sessions", Right.SEE, "sessions_live.html", _list_page(listed), every_s=_LIVE_S),),
    )


def _acts(desk: SessionDesk) -> tuple[Act, ...]:
    at: Literal["/sessions/{number}"] = "/sessions/{number}"
    return (
        act("session.end", "POST", f"{at}/end", Right.SERVE, AskedOne, Changed, desk.end, "End a session"),
        act(
            "session.extend", "POST", f"{at}/extend", Right.SERVE, Extend, Changed, desk.extend,
            "Give a session more time or data",
        ),
        act(
            "session.profile", "POST", f"{at}/profile", Right.SERVE, GoOnAs, Changed, desk.go_on_as,
            "End a session and let its device in again under another profile",
        ),
        act(
            "session.code", "POST", f"{at}/code", Right.SERVE, AskedOne, Code, desk.code,
            "A code to go on with a session on a phone that changed its MAC",
        ),
    )  # fmt: skip


def _list_page(listed: View, ended: View | None = None) -> Read:
    async def read(query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        asked = {name: query[name] for name in ("text", "order", "page") if query.get(name)}
        told: dict[str, object] = {"list": await listed.read(asked, caller), "asked": asked, "query": urlencode(asked)}
        return told | ({"ended": await ended.read({}, caller)} if ended else {})

    return read


def _one_page(one: View) -> Read:
    async def read(query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        told = await one.read({"number": query["number"]}, caller)
        assert isinstance(told, One)
        room = told.room.minutes if told.room else 0
        minutes = [each for each in _MINUTES if each <= room] or [room]
        labels = [(f"{each}", text(caller.language, "desk.minutes", count=each)) for each in minutes]
        return {"one": told, "shown": {"minutes": labels, "profiles": [(each, each) for each in told.profiles]}}

    return read
