"""The library's own accounts at the desk: one by one, and a whole list after a look at it.

Passwords go out once: kept aside in memory for ten minutes, for whoever made them. Names never stand in the trail.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.access.account import Account, NewAccount, key_of
from gateway.desk.account_told import (
    AccountDeeds,
    AccountList,
    AccountListTold,
    AccountPassword,
    AccountPasswords,
    AccountProblem,
    AccountsChanged,
    AccountsTold,
    AccountTold,
    EnableAccount,
    NewAccountAsked,
    NewPassword,
    OfAccount,
    OfAccountList,
    OfAccounts,
    account_told,
    deed_told,
    last_second_of,
)
from gateway.desk.aside import Aside
from gateway.desk.faults import told
from gateway.desk.profiles import profile_choices
from gateway.desk.table import Caller, File, Nothing, Outcome, RefusedError
from gateway.errors import Fault
from gateway.flows.account_office import AccountOffice, Handed, Listed
from gateway.flows.local_accounts import end_shut
from gateway.flows.sign_in import Reception
from gateway.pages import text
from gateway.ports_accounts import MOST_BYTES, ProblemsError

HTML, CSV = "text/html; charset=utf-8", "text/csv; charset=utf-8"
_A_PAGE, _DEEDS, _SHOWN_NAMES = 50, 200, 200


@dataclass(slots=True)
class Pending:
    """A list that was looked at."""

    listed: Listed
    problems: tuple[AccountProblem, ...]
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    outcome: Outcome | None = None
    """Of its import: a second click gets the same."""


@dataclass(frozen=True, slots=True)
class AccountDesk:
    """What the rows of the table do."""

    office: AccountOffice
    reception: Reception
    slips: Callable[[Sequence[Handed], str], str]
    """The page of slips in a language."""
    written: Callable[[Sequence[Account]], str]
    """The accounts as CSV."""
    is_offered: bool
    """Does the portal take accounts?"""
    handed: Aside[tuple[AccountPassword, ...]]
    lists: Aside[Pending]

    async def accounts(self, asked: OfAccounts, _caller: Caller) -> AccountsTold:
        """By name."""
        now, wanted = self.office.clock.now(), key_of(asked.search)
        found = [account_told(each, now) for each in await self.office.accounts()]
        found = [each for each in found if asked.state in ("", each.state) and _fits(each, wanted)]
        shown = tuple(found[(asked.page - 1) * _A_PAGE : asked.page * _A_PAGE])
        return AccountsTold(shown, len(found), asked.page, max(1, -(-len(found) // _A_PAGE)))

    async def one(self, asked: OfAccount, _caller: Caller) -> AccountTold:
        """One."""
        return account_told(await self._account(asked.account), self.office.clock.now())

    async def deeds(self, _asked: Nothing, _caller: Caller) -> AccountDeeds:
        """The trail."""
        return AccountDeeds(tuple(map(deed_told, await self.office.history(_DEEDS))))

    async def add(self, asked: NewAccountAsked, caller: Caller) -> Outcome:
        """Add one."""
        end = asked.end(self.office.clock.now(), self.office.zone)
        new = NewAccount(asked.name, asked.profile, end, asked.kind, asked.note)
        with told():
            handed = await self.office.add(new, asked.password or None, caller.name)
            (made,) = await self.office.named([handed[0]])
        return self._handed([handed], f"account {made.id}", caller, profile=made.written.profile)

    async def password(self, asked: NewPassword, caller: Caller) -> Outcome:
        """A new one."""
        found = await self._account(asked.account)
        with told():
            handed = await self.office.give_password(found, asked.password or None, caller.name)
        return self._handed([handed], f"account {found.id}", caller)

    async def disable(self, asked: OfAccount, caller: Caller) -> Outcome:
        """Let it in no more."""
        found = await self._account(asked.account)
        changed = await self.office.disable([found], caller.name)
        return await self._changed(changed, found, {"state": "disabled"}, f"/accounts/{found.id}")

    async def enable(self, asked: EnableAccount, caller: Caller) -> Outcome:
        """Let it in again, or longer."""
        found = await self._account(asked.account)
        until = None if asked.valid_until is None else last_second_of(asked.valid_until, self.office.zone)
        with told():
            changed = await self.office.enable([found], until, caller.name)
        day = "" if asked.valid_until is None else asked.valid_until.isoformat()
        return await self._changed(changed, found, {"state": "active", "valid_until": day}, f"/accounts/{found.id}")

    async def remove(self, asked: OfAccount, caller: Caller) -> Outcome:
        """Delete it."""
        found = await self._account(asked.account)
        return await self._changed(await self.office.remove([found], caller.name), found, {}, "/accounts")

    async def check_list(self, asked: AccountList, caller: Caller) -> Outcome:
        """What an import would do. Nothing is done yet."""
        end = asked.end(self.office.clock.now(), self.office.zone)
        raw = await asyncio.to_thread(asked.file.path.read_bytes)
        problems: tuple[AccountProblem, ...] = ()
        listed = Listed((), ())
        try:
            with told():
                defaults = self.office.defaults(asked.kind, asked.profile, end)
                rows = await asyncio.to_thread(self.office.read, raw[: MOST_BYTES + 1], defaults)
            listed = await self.office.held_against(rows, skip_known=asked.skip_known)
        except ProblemsError as error:
            problems = tuple(_problem(each, caller) for each in error.problems)
        pending = Pending(listed, problems)
        name = self.lists.put(caller.name, pending)
        found = _list_told(name, pending)
        values = {"added": len(found.added), "known": len(found.known), "problems": len(problems)}
        return Outcome(found, "a list of accounts", after=values, goto=f"/accounts/list/{name}", values=values)

    async def import_list(self, asked: OfAccountList, caller: Caller) -> Outcome:
        """Add all or none of a list that was looked at."""
        pending = self._pending(asked.list, caller)
        async with pending.turn:
            if pending.outcome is None:
                with told():
                    handed = await self.office.bring(pending.listed.fresh, caller.name)
                pending.outcome = self._handed(handed, "a list of accounts", caller, added=len(handed))
        return pending.outcome

    async def slips_of(self, handout: str, language: str, caller: Caller) -> File:
        """The page to print."""
        found = self._handout(handout, caller)
        pairs = [(each.name, each.password) for each in found.accounts]
        page = await asyncio.to_thread(self.slips, pairs, language)
        return File("accounts.html", HTML, page.encode(), is_shown=True)

    async def csv(self, _asked: Nothing, _caller: Caller) -> File:
        """For a spreadsheet."""
        return File("accounts.csv", CSV, self.written(await self.office.accounts()).encode())

    async def list_page(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """All accounts."""
        asked = OfAccounts.model_validate({key: query[key] for key in OfAccounts.model_fields if key in query})
        return {**self._choices(caller), "told": await self.accounts(asked, caller), "asked": asked}

    async def account_page(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """One account."""
        asked = OfAccount.model_validate({"account": query.get("account", "")})
        deeds = [each for each in (await self.deeds(Nothing(), caller)).deeds if each.account == asked.account]
        return {**self._choices(caller), "account": await self.one(asked, caller), "deeds": deeds}

    async def handout_page(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """Passwords that were just made."""
        found = self._handout(query.get("handout", ""), caller)
        return {"handed": found, "shown": found.accounts[:_SHOWN_NAMES], "offered": self.is_offered}

    async def pending_page(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """A list that was looked at."""
        name = query.get("list", "")
        pending = self._pending(name, caller)
        return {"found": _list_told(name, pending), "listed": pending.listed.fresh[:_SHOWN_NAMES]}

    async def history_page(self, _query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """The trail."""
        return {"deeds": (await self.deeds(Nothing(), caller)).deeds}

    def _choices(self, caller: Caller) -> dict[str, object]:
        office = self.office
        profiles = profile_choices(office.profiles, office.profile, caller.language)
        return {"profile_choices": profiles, "own_profile": office.profile, "offered": self.is_offered}

    async def _account(self, number: int) -> Account:
        with told("no_account"):
            return await self.office.numbered(number)

    def _handed(self, handed: Sequence[Handed], subject: str, caller: Caller, **after: str | int) -> Outcome:
        pairs = tuple(AccountPassword(name, password) for name, password in handed)
        name = self.handed.put(caller.name, pairs)
        made = AccountPasswords(name, pairs)
        return Outcome(made, subject, after=after, goto=f"/accounts/handout/{name}", values={"count": len(pairs)})

    def _handout(self, name: str, caller: Caller) -> AccountPasswords:
        found = self.handed.get(caller.name, name)
        if found is None:
            raise RefusedError("handout_gone", missing=True)
        return AccountPasswords(name, found)

    def _pending(self, name: str, caller: Caller) -> Pending:
        found = self.lists.get(caller.name, name)
        if found is None:
            raise RefusedError("list_gone", missing=True)
        return found

    async def _changed(self, changed: int, of: Account, after: Mapping[str, str], goto: str) -> Outcome:
        ended = await end_shut(self.reception, self.office.store)
        before = {"state": of.standing(self.office.clock.now())}
        done = AccountsChanged(changed, ended)
        return Outcome(done, f"account {of.id}", before=before, after=after, goto=goto, values={"ended": ended})


def _list_told(name: str, of: Pending) -> AccountListTold:
    added, known = (tuple(row.written.name for row in rows) for rows in (of.listed.fresh, of.listed.known))
    given = sum(1 for row in of.listed.fresh if row.password)
    return AccountListTold("" if of.problems or not added else name, added, known, given, of.problems)


def _fits(each: AccountTold, wanted: str) -> bool:
    return not wanted or any(wanted in key_of(words) for words in (each.name, each.kind, each.note))


def _problem(fault: Fault, caller: Caller) -> AccountProblem:
    says = text(caller.language, f"refused.{fault.key}", **fault.values)
    return AccountProblem(int(fault.values.get("line", 0)), fault.key, says)
