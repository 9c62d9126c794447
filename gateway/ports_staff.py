"""What the desk needs of the edges, in the domain's words: users, signed-in browsers, tokens, the trail, long work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from gateway.staff.roles import Role
from gateway.staff.user import SignedIn, Token, User, UserId


class CommandRunner(Protocol):
    """Long work in a process of its own."""

    async def run(self, *words: str, stdin: bytes = b"") -> bytes:
        """What `cong` with these words prints; GatewayError when it fails."""


class LookRunner(CommandRunner, Protocol):
    """Commands that look, too."""

    async def told(self, *words: str) -> bytes:
        """What it prints though it finds faults (exit code 1); GatewayError when it prints nothing or fails."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a user is held against."""

    password: str
    """As gateway/local_accounts/passwords writes it."""
    totp: bytes | None
    totp_step: int
    """The newest step that was used."""


class UserStore(Protocol):
    """Users and their browsers. What changes a user's password, role or second factor ends the user's browsers."""

    async def users(self) -> Sequence[User]:
        """All, by name."""

    async def user(self, name: str) -> tuple[User, Secrets] | None:
        """One by name."""

    async def make_user(self, user: User, password: str) -> UserId | None:
        """Store (its id is not looked at); None: the name is taken."""

    async def set_password(self, user: UserId, password: str, *, must_change: bool, keep: str = "") -> None:
        """Replace the password; all browsers but `keep` are signed out."""

    async def set_role(self, user: UserId, role: Role, shown: str) -> None:
        """Replace role and shown name."""

    async def set_disabled(self, user: UserId, at: datetime | None) -> None:
        """Disable or enable."""

    async def set_totp(self, user: UserId, secret: bytes | None, recovery: Sequence[str], *, keep: str = "") -> None:
        """Set or take away the second factor with its recovery codes' hashes."""

    async def use_step(self, user: UserId, step: int) -> bool:
        """Note a code's step as used; False: it, or a newer one, was used before."""

    async def use_recovery(self, user: UserId, hashed: str, at: datetime) -> bool:
        """Use a recovery code up; False: there is none such."""

    async def recovery_left(self, user: UserId) -> int:
        """How many are not used."""

    async def sign_in(self, user: UserId, key: str, address: str, at: datetime) -> None:
        """Store a browser."""

    async def signed_in(self, key: str) -> SignedIn | None:
        """The browser of a key, whose user is not disabled."""

    async def seen(self, key: str, at: datetime, *, proved: bool = False) -> None:
        """Note that it was there; `proved`: its user typed the password just now."""

    async def set_flash(self, key: str, flash: str) -> None:
        """What the browser's next page says; "": nothing."""

    async def sign_out(self, key: str) -> None:
        """Forget a browser."""

    async def forget_idle(self, seen_before: datetime, opened_before: datetime) -> None:
        """Forget browsers that were not seen, or were opened too long ago."""

    async def tokens(self) -> Sequence[Token]:
        """All, by name."""

    async def make_token(self, token: Token, hashed: str) -> int | None:
        """Store (its id is not looked at); None: the name is taken."""

    async def token(self, hashed: str) -> Token | None:
        """The token of a hash."""

    async def token_seen(self, token: int, at: datetime) -> None:
        """Note its use."""

    async def revoke_token(self, token: int, at: datetime) -> bool:
        """Take it back; False: it was not there or was taken back before."""


CameOf = Literal["done", "refused", "failed", "unknown"]


@dataclass(frozen=True, slots=True)
class Deed:
    """Somebody asked for an act."""

    at: datetime
    who: str
    role: str
    via: str
    """"desk", "token NAME", "command"."""
    address: str
    act: str
    asked: str
    """JSON of the input, without its secrets."""


@dataclass(frozen=True, slots=True)
class Trailed:
    """A row of the trail with what came of it."""

    id: int
    deed: Deed
    came_of: CameOf
    """"unknown": the power failed in between."""
    subject: str
    before: str
    after: str
    """JSON."""
    says: str
    """Why it was refused, or failed."""


@dataclass(frozen=True, slots=True)
class TrailQuery:
    """Which rows; "" and None: all."""

    who: str = ""
    act: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before_id: int | None = None
    most: int = 100


class Trail(Protocol):
    """The audit trail: rows are added, never changed."""

    async def begin(self, deed: Deed) -> int:
        """Store that it was asked for, before it is done."""

    async def end(self, number: int, came_of: CameOf, subject: str, before: str, after: str, says: str) -> None:
        """Store what came of it."""

    async def rows(self, query: TrailQuery) -> Sequence[Trailed]:
        """The newest first."""
