"""A user of the desk, a signed-in browser, a token of a program. Values only."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from gateway.staff.roles import Role

UserId = NewType("UserId", int)
_NAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")


@dataclass(frozen=True, slots=True)
class User:
    """One person of the staff."""

    id: UserId
    name: str
    """What is typed: lower-case letters, digits, ".", "-", "_"."""
    shown: str
    """The person's name as the trail and the pages say it."""
    role: Role
    must_change: bool
    """The password was given by somebody else: a new one comes before anything else."""
    has_totp: bool
    made_at: datetime
    made_by: str
    seen_at: datetime | None
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A browser of a user."""

    user: User
    key: str
    """SHA-256 of its cookie, hex: the cookie itself is not stored."""
    opened_at: datetime
    seen_at: datetime
    proved_at: datetime
    """When the password was typed last."""
    address: str
    flash: str = ""
    """What the next page says of the act before it: JSON of gateway/desk/flash; outlives a restart of the gateway."""


@dataclass(frozen=True, slots=True)
class Token:
    """A program's key to the API."""

    id: int
    name: str
    role: Role
    made_at: datetime
    made_by: str
    until_at: datetime | None
    seen_at: datetime | None
    revoked_at: datetime | None

    def is_good(self, now: datetime) -> bool:
        """Whether it opens the API now."""
        return self.revoked_at is None and (self.until_at is None or now < self.until_at)


def name_of(text: str) -> str | None:
    """A user's name as it is stored; None: it can't be one."""
    name = unicodedata.normalize("NFC", text).strip().lower()
    return name if _NAME.fullmatch(name) else None
