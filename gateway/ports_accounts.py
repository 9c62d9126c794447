"""What the library's own accounts need of the edges, in the domain's words. No SQL, no hashing."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from gateway.access.account import Account, AccountId, AccountState, NameKey, NewAccount
from gateway.errors import Fault

Deed = Literal["added", "imported", "password", "disabled", "enabled", "removed"]


@dataclass(frozen=True, slots=True)
class Hashed:
    """An account to store, with its password as it is stored."""

    written: NewAccount
    password: str


@dataclass(frozen=True, slots=True)
class Done:
    """One row of the trail: who did what to which account."""

    at: datetime
    author: str
    deed: Deed
    account: AccountId
    name: str
    """"" when the account is gone: the trail has no names of its own."""


MOST_ROWS, MOST_BYTES = 5000, 2_000_000
"""Of a list that is imported."""


@dataclass(frozen=True, slots=True)
class Row:
    """One account of a list."""

    line: int
    written: NewAccount
    password: str
    """"": one is to be made."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What stands for an empty field of a list."""

    kind: str
    profile: str
    valid_until: datetime
    profiles: frozenset[str]
    until: Callable[[str], datetime]
    """A day as it is written; FaultError with the reason."""


class ProblemsError(ValueError):
    """Nothing of a list can be used; `problems` are told by line."""

    def __init__(self, problems: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


class AccountStore(Protocol):
    """Accounts and the trail of what was done to them."""

    async def add(self, new: Sequence[Hashed], by: str, at: datetime, deed: Deed) -> Sequence[NameKey]:
        """Store all in one transaction, or none; the names that were there already."""

    async def accounts(self) -> Sequence[Account]:
        """All, by name."""

    async def by_key(self, key: NameKey) -> tuple[Account, str] | None:
        """An account with its password as it is stored."""

    async def set_password(self, account: AccountId, password: str, by: str, at: datetime) -> None:
        """Replace the stored password."""

    async def set_state(
        self, accounts: Collection[AccountId], state: AccountState, until: datetime | None, by: str, at: datetime
    ) -> int:
        """Disable or enable, and with `until` set a new end; how many were changed."""

    async def remove(self, accounts: Collection[AccountId], by: str, at: datetime) -> int:
        """Delete with all that is kept of them but the trail's numbers; how many there were."""

    async def history(self, most: int) -> Sequence[Done]:
        """The trail, the newest first."""


class Passwords(Protocol):
    """Slow hashes, one at a time."""

    async def fits(self, password: str, stored: str | None) -> bool:
        """Is it the stored one? None, of a name nobody has, costs the same time."""

    async def hashed(self, password: str) -> str:
        """The text to store."""
