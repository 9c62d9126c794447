"""Staff approval: a patron asks -> the desk answers by the code -> the session opens.

The answer is stored first, the session is opened by whoever comes next: the command's word to the gateway, the
patron's waiting page, the job. One answer opens one session, however often it is given and whatever dies in between.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.access.approval import CODE_DIGITS, Answer, Approval
from gateway.access.client import Mac
from gateway.access.login import Claim, Method, Refused, Verified
from gateway.access.quota import Narrowing
from gateway.access.session import Session
from gateway.clock import Clock
from gateway.errors import UsageError
from gateway.flows.sign_in import Reception, sign_in
from gateway.ports import Terms
from gateway.ports_devices import ApprovalStore

MOST_OPEN = 50
"""More than any desk answers."""
MOST_OF_ONE = 4
_OF_ONE_WITHIN = timedelta(hours=1)
_TRIES = 20


@dataclass(frozen=True, slots=True)
class StaffApproval:
    """The Verifier of those the staff let in: does a yes wait for this device?"""

    store: ApprovalStore
    clock: Clock

    async def verify(self, claim: Claim) -> Verified | Refused:
        """See Verifier."""
        found = await self.store.latest(claim.mac)
        if found is None:
            return Refused("again")
        asked, _ = found
        if asked.answer is Answer.REFUSED:
            return Refused("approval_refused")
        if asked.used or not asked.holds(self.clock.now()):
            return Refused("approval_over")
        if asked.answer is Answer.OPEN:
            return Refused("approval_waits")
        return Verified(profile=asked.profile, narrowing=Narrowing(session_s=asked.session_s))


async def ask_staff(
    reception: Reception, store: ApprovalStore, mac: Mac, terms: Terms, choose: Callable[[str], str]
) -> Approval | Refused:
    """Store the request of a device that accepted the terms, or find the one it made. `choose` picks a digit."""
    if reception.is_barred(mac):
        return Refused("barred")
    if reception.is_shut(mac):
        return Refused("closed")
    now = reception.gate.clock.now()
    lately = await store.asked_since(now - _OF_ONE_WITHIN)
    waiting = [each for each in lately if is_open(each, now)]
    if mine := next((each for each in waiting if each.mac == mac), None):
        return mine
    if len(waiting) >= MOST_OPEN or sum(each.mac == mac for each in lately) >= MOST_OF_ONE:
        return Refused("approval_full")
    for _ in range(_TRIES):  # the code may be another's
        code = "".join(choose("0123456789") for _ in range(CODE_DIGITS))
        if asked := await store.ask(mac, code, terms, now):
            return asked
    return Refused("approval_full")


def is_open(asked: Approval, now: datetime) -> bool:
    """Does it wait for its answer?"""
    return asked.answer is Answer.OPEN and asked.holds(now)


async def answer_request(store: ApprovalStore, code: str, answer: Approval, now: datetime) -> Approval:
    """Store the desk's answer to the request of a code; the same answer again changes nothing. UsageError when there
    is none, or it was answered otherwise. `answer` says answer, answered_by, session_s, profile.
    """
    lately = await store.asked_since(now - _OF_ONE_WITHIN)
    asked = next((each for each in lately if each.code == code and each.holds(now)), None)
    if asked is None:
        raise UsageError(f"there is no request {code}", hint="cong approvals shows those that wait")
    given = replace(
        asked,
        answer=answer.answer,
        answered_at=now,
        answered_by=answer.answered_by,
        session_s=answer.session_s,
        profile=answer.profile,
    )
    if asked.answer is Answer.OPEN and await store.answer(given, now):
        return given
    if asked.answer is not answer.answer:
        raise UsageError(f"request {code} was {asked.answer} by {asked.answered_by}")
    return asked


async def settle(
    reception: Reception, store: ApprovalStore, admitted: Callable[[Session], None] = lambda session: None
) -> list[Session]:
    """Open the sessions the desk has said yes to."""
    now, opened = reception.gate.clock.now(), []
    for asked, terms in await store.approved():
        if asked.mac is not None and asked.holds(now):
            session = await sign_in(reception, Claim(asked.mac, Method.APPROVAL), terms)
            if isinstance(session, Session):
                admitted(session)
                opened.append(session)
    return opened
