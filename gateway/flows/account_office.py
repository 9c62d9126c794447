"""What staff do with the library's own accounts, at the desk and by command: one by one or a whole list at once."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from gateway.access.account import (
    Account,
    AccountId,
    AccountState,
    NewAccount,
    checked_name,
    checked_password,
    checked_words,
    key_of,
)
from gateway.clock import Clock
from gateway.errors import Fault, FaultError
from gateway.ports_accounts import AccountStore, Defaults, Done, Hashed, Passwords, ProblemsError, Row
from gateway.units import last_second

LONGEST = timedelta(days=3 * 366)
Handed = tuple[str, str]
"""A name and the password it now has."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list that can be imported."""

    fresh: Sequence[Row]
    known: Sequence[Row]
    """Whose names are there already: they stay as they are."""


@dataclass(frozen=True, slots=True)
class AccountOffice:
    """Accounts by name; passwords go out once, to the caller."""

    store: AccountStore
    passwords: Passwords
    clock: Clock
    zone: timezone
    profiles: Collection[str]
    profile: str
    """The site's own, for accounts that name none."""
    new_password: Callable[[], str]
    read: Callable[[bytes, Defaults], list[Row]]
    """A list's rows; ProblemsError."""

    async def accounts(self) -> Sequence[Account]:
        """All, by name."""
        return await self.store.accounts()

    async def history(self, most: int) -> Sequence[Done]:
        """The trail, the newest first."""
        return await self.store.history(most)

    async def named(self, names: Sequence[str]) -> list[Account]:
        """All of them; FaultError when one is not there."""
        found = [(name, await self.store.by_key(key_of(name))) for name in names]
        if missing := [name for name, each in found if each is None]:
            raise FaultError("no_account", f"there is no account {', '.join(missing)}: cong account list shows them")
        return [each[0] for _, each in found if each]

    async def numbered(self, account: int) -> Account:
        """By its number; FaultError when there is none."""
        found = next((each for each in await self.store.accounts() if each.id == account), None)
        if found is None:
            raise FaultError("no_account", f"there is no account {account}")
        return found

    async def add(self, new: NewAccount, password: str | None, author: str) -> Handed:
        """Add one; None: a password is made. Profile "" is the site's own."""
        written = NewAccount(
            checked_name(new.name),
            self.known_profile(new.profile),
            self._checked_end(new.valid_until),
            checked_words("kind", new.kind),
            checked_words("note", new.note),
        )
        given = self.new_password() if password is None else checked_password(password, written.name)
        hashed = Hashed(written, await self.passwords.hashed(given))
        if await self.store.add([hashed], author, self.clock.now(), "added"):
            message = f"there is an account {written.name} already: cong account passwd gives it a new password"
            raise FaultError("account_known", message, name=written.name)
        return written.name, given

    async def give_password(self, account: Account, password: str | None, author: str) -> Handed:
        """A new password; the old one is void at once."""
        name = account.written.name
        given = self.new_password() if password is None else checked_password(password, name)
        await self.store.set_password(account.id, await self.passwords.hashed(given), author, self.clock.now())
        return name, given

    async def disable(self, accounts: Sequence[Account], author: str) -> int:
        """How many; who is on by one is cut off by `end_shut`."""
        return await self._set(accounts, AccountState.DISABLED, None, author)

    async def enable(self, accounts: Sequence[Account], until: datetime | None, author: str) -> int:
        """How many; None keeps the old end. FaultError when that is past."""
        now = self.clock.now()
        ended = [each.written.name for each in accounts if until is None and each.written.valid_until <= now]
        if ended:
            message = f"{', '.join(ended)}: the account has ended: give it a new end with --until"
            raise FaultError("account_ended", message)
        end = None if until is None else self._checked_end(until)
        return await self._set(accounts, AccountState.ACTIVE, end, author)

    async def remove(self, accounts: Sequence[Account], author: str) -> int:
        """Delete with all that is kept of them but the trail's numbers; how many."""
        return await self.store.remove(_ids(accounts), author, self.clock.now())

    def defaults(self, kind: str, profile: str, until: datetime) -> Defaults:
        """What stands for empty fields of a list."""
        known = frozenset(self.profiles)
        return Defaults(checked_words("kind", kind), self.known_profile(profile), until, known, self.end_of)

    async def look(self, raw: bytes, defaults: Defaults, *, skip_known: bool) -> Listed:
        """What an import of this list would do; ProblemsError with every problem of every line. Changes nothing."""
        return await self.held_against(self.read(raw, defaults), skip_known=skip_known)

    async def held_against(self, rows: Sequence[Row], *, skip_known: bool) -> Listed:
        """Rows against the accounts there are; ProblemsError when known ones are not to be skipped."""
        there = {each.key for each in await self.store.accounts()}
        known = [row for row in rows if key_of(row.written.name) in there]
        if known and not skip_known:
            raise ProblemsError([_known(row) for row in known])
        return Listed([row for row in rows if key_of(row.written.name) not in there], known)

    async def bring(self, rows: Sequence[Row], author: str) -> list[Handed]:
        """Add all or none; names and passwords. A hash takes its time on purpose: a minute or more a thousand."""
        made = [(row.written, row.password or self.new_password()) for row in rows]
        hashed = [Hashed(written, await self.passwords.hashed(password)) for written, password in made]
        if await self.store.add(hashed, author, self.clock.now(), "imported"):
            raise FaultError("account_race", "another added one of them just now; nothing was imported: try again")
        return [(written.name, password) for written, password in made]

    def known_profile(self, named: str) -> str:
        """The profile named, which there must be, or the site's own."""
        if named and named not in self.profiles:
            known = ", ".join(self.profiles)
            raise FaultError("profile_unknown", f"there is no profile {named}; known: {known}", profile=named)
        return named or self.profile

    def end_of(self, text: str) -> datetime:
        """The last second of a day ("2027-06-30", "30/06/2027") or of a span's ("365d"); FaultError."""
        return self._checked_end(last_second(text, self.clock.now().astimezone(self.zone), _day))

    def _checked_end(self, end: datetime) -> datetime:
        now, local = self.clock.now(), end.astimezone(self.zone)
        day, shown = f"{local:%Y-%m-%d}", f"{local:%d/%m/%Y}"
        if end <= now:
            raise FaultError("end_past", f"{day} is past", day=shown)
        if end - now > LONGEST:
            message = f"{day}: an account lasts at most three years; what is kept of it is deleted after its end"
            raise FaultError("end_far", message, day=shown)
        return end

    async def _set(self, accounts: Sequence[Account], state: AccountState, until: datetime | None, author: str) -> int:
        return await self.store.set_state(_ids(accounts), state, until, author, self.clock.now())


def _ids(accounts: Sequence[Account]) -> list[AccountId]:
    return [each.id for each in accounts]


def _known(row: Row) -> Fault:
    name = row.written.name
    values: dict[str, str | int] = {"name": name, "line": row.line}
    return Fault("account_known", f'there is an account "{name}" already', values, f"line {row.line}")


def _day(text: str) -> date:
    if day_first := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text):  # as spreadsheets write it here
        day, month, year = (int(part) for part in day_first.groups())
    elif iso := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text):
        year, month, day = (int(part) for part in iso.groups())
    else:
        raise FaultError("no_day", f'"{text}" is no day: write 2027-06-30', text=text)
    try:
        return date(year, month, day)
    except ValueError:
        raise FaultError("no_day", f'"{text}" is no day of the calendar', text=text) from None
