"""Patrons who ask the staff to be let in, and the staff's answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from gateway.access.approval import TERM, Answer, Approval, ApprovalId
from gateway.access.session import Session
from gateway.desk.inputs import OrNone
from gateway.desk.table import Area, Caller, Input, Live, Nothing, Outcome, Page, RefusedError, act, view
from gateway.desk.told_sessions import Device, device
from gateway.errors import UsageError
from gateway.flows.approvals import answer_request, is_open, settle
from gateway.flows.sign_in import Reception
from gateway.flows.who_is_on import WhoIsOn
from gateway.pages import text
from gateway.ports_devices import ApprovalStore
from gateway.staff.roles import Right

_LIVE_S = 3.0
_MINUTES = (15, 30, 60, 120)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that waits for its answer."""

    code: str
    """What the patron says at the desk."""
    device: Device | None
    asked_at: datetime
    ends_at: datetime
    """Afterwards the patron has to ask again."""


@dataclass(frozen=True, slots=True)
class Approvals:
    """Those that wait, the oldest first."""

    waiting: tuple[Waiting, ...]
    profiles: tuple[str, ...]
    profile: str
    """Of patrons whom nobody gives another one."""
    is_offered: bool
    """Can patrons ask at all? See login.methods."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The request after its answer."""

    code: str
    answer: Answer
    session: int | None
    """The session that was opened; null when the device was not let in, or is on already."""


class Reply(Input):
    """The staff's answer."""

    code: str = Field(pattern=r"^\d{4}$")
    answer: Literal["approved", "refused"]
    profile: Annotated[str | None, OrNone] = Field(None, max_length=40, description="null: the site's own for patrons")
    minutes: Annotated[int | None, OrNone] = Field(
        None, ge=1, le=1440, description="How long; null: as the profile has it"
    )


class ApprovalDesk:
    """What the view and the act work on."""

    def __init__(
        self,
        reception: Reception,
        store: ApprovalStore,
        who: WhoIsOn,
        admitted: Callable[[Session], None],
        *,
        is_offered: bool,
    ) -> None:
        self._reception = reception
        self._store = store
        self._who = who
        self._admitted = admitted
        self._is_offered = is_offered

    async def list(self, asked: Nothing, caller: Caller) -> Approvals:
        """Requests that wait."""
        lately = await self._store.asked_since(caller.at - timedelta(hours=1))
        waiting = sorted((each for each in lately if is_open(each, caller.at)), key=lambda each: each.asked_at)
        told = tuple(
            Waiting(
                each.code,
                device(each.mac, self._who.label(each.mac), caller) if each.mac else None,
                each.asked_at,
                each.asked_at + TERM,
            )
            for each in waiting
        )
        house = self._reception.house
        return Approvals(told, tuple(house.caps), house.profile, self._is_offered)

    async def answer(self, asked: Reply, caller: Caller) -> Outcome:
        """Store the answer, and open the session of a yes at once."""
        if asked.profile is not None and asked.profile not in self._reception.house.caps:
            raise RefusedError("no_profile", least=asked.profile)
        session_s = None if asked.minutes is None else asked.minutes * 60
        given = Approval(
            ApprovalId(0),
            asked.code,
            None,
            caller.at,
            Answer(asked.answer),
            caller.at,
            caller.name,
            session_s,
            asked.profile,
        )
        try:
            answered = await answer_request(self._store, asked.code, given, caller.at)
        except UsageError:  # there is none, or another hand was quicker
            raise RefusedError("no_request", missing=True, code=asked.code) from None
        opened = await settle(self._reception, self._store, self._admitted)
        self._who.changed()
        number = next((each.id for each in opened if each.mac == answered.mac), None)
        after: Mapping[str, object] = {"answer": answered.answer, "profile": asked.profile, "minutes": asked.minutes}
        told = Answered(answered.code, answered.answer, number)
        return Outcome(told, f"request {answered.code}", {"answer": Answer.OPEN}, after, values={"code": answered.code})


def approvals(desk: ApprovalDesk) -> Area:
    """Its rows of the table."""
    listed = view("approvals.list", "/approvals", Right.SEE, Nothing, Approvals, desk.list, "Patrons who ask to get in")

    async def read(query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        told = await listed.read({}, caller)
        assert isinstance(told, Approvals)
        minutes = [(f"{each}", text(caller.language, "desk.minutes", count=each)) for each in _MINUTES]
        own = ("", text(caller.language, "desk.approvals.as_profile"))
        return {
            "list": told,
            "shown": {"profiles": [(each, each) for each in told.profiles], "minutes": [own, *minutes]},
        }

    return Area(
        views=(listed,),
        acts=(
            act(
                "approval.answer", "POST", "/approvals/{code}/answer", Right.SERVE, Reply, Answered, desk.answer,
                "Let a patron in, or not",
            ),
        ),
        pages=(Page("/approvals", Right.SEE, "approvals.html", read, nav="sessions"),),
        live=(Live("/approvals", Right.SEE, "approvals_live.html", read, every_s=_LIVE_S),),
    )  # fmt: skip
