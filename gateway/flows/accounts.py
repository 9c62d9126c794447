"""Telling an account server: stored sessions -> what it does not know yet -> told -> noted when it is acknowledged.

Nothing waits in memory: what could not be told is the session in the store, after a power cut too. A crash between an
acknowledgement and its note tells one record twice, with the same Acct-Session-Id; the server takes it as one.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.accounting.records import Moment, RecordKind, Standing, is_interim_due, next_record
from gateway.flows.gate import Gate
from gateway.flows.meter import Watch, book_all
from gateway.log import event
from gateway.ports_radius import AccountedStore, AccountServer

MOST_WAITING = 20_000
"""Ended sessions that wait for a server that does not answer: some 5 MB; past that the oldest go untold."""
_AT_ONCE, _A_ROUND = 32, 256


@dataclass(frozen=True, slots=True)
class Accounts:
    """What the journey needs."""

    gate: Gate
    watch: Watch
    store: AccountedStore
    server: AccountServer
    tells_on: bool
    """Does the server want to know when the box was started anew?"""


async def tell_accounts(accounts: Accounts) -> None:
    """One round: all that is to be told, or as much as the server takes.

    Sessions of an earlier boot come first: after Accounting-On the server holds whatever is open for lost.
    """
    moment = _now(accounts.gate)
    standings = await _standings(accounts, moment)
    earlier = [each for each in standings if each.boot_id != moment.boot_id]
    if not await _tell_all(accounts, earlier):
        return await _give_up(accounts)
    if len(earlier) == _A_ROUND:  # there are more of them: the next round goes on
        return None
    if accounts.tells_on and await accounts.store.on_told_of() != moment.boot_id:
        if not await accounts.server.tell_on(moment):
            return await _give_up(accounts)
        await accounts.store.told_on(moment.boot_id)
    if not await _tell_all(accounts, [each for each in standings if each.boot_id == moment.boot_id]):
        await _give_up(accounts)
    return None


async def _standings(accounts: Accounts, moment: Moment) -> Sequence[Standing]:
    standings = await accounts.store.to_tell(moment, _A_ROUND)
    if any(is_interim_due(each, moment) for each in standings):
        await book_all(accounts.gate, accounts.watch)  # so that the ledger says what is told
        return await accounts.store.to_tell(moment, _A_ROUND)
    return standings


async def _tell_all(accounts: Accounts, standings: Sequence[Standing]) -> bool:
    """Tell what these sessions have to tell; False as soon as the server does not answer: it is not asked for each."""
    for start in range(0, len(standings), _AT_ONCE):
        first, *others = standings[start : start + _AT_ONCE]
        if not await _tell(accounts, first):
            return False
        async with asyncio.TaskGroup() as tasks:
            told = [tasks.create_task(_tell(accounts, each)) for each in others]
        if not all(task.result() for task in told):
            return False
    return True


async def _tell(accounts: Accounts, standing: Standing) -> bool:
    """All that one session has to tell, in order: its Start is acknowledged before its Stop is told."""
    while record := next_record(standing, moment := _now(accounts.gate)):
        if not await accounts.server.tell(record):
            return False
        await accounts.store.told(record, moment.boot_s)
        if record.kind is RecordKind.STOP:
            break
        standing = replace(standing, started=True, told_boot_s=moment.boot_s)
    return True


async def _give_up(accounts: Accounts) -> None:
    if lost := await accounts.store.give_up(MOST_WAITING):
        event("radius.accounting_given_up", "error", sessions=lost)


def _now(gate: Gate) -> Moment:
    return Moment(gate.clock.now(), gate.clock.boot_s(), gate.clock.boot_id())
