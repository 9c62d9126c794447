"""Accounts the library keeps itself: what one is, what is typed for one, whether it lets anybody in. Values only."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

AccountId = NewType("AccountId", int)
NameKey = NewType("NameKey", str)
"""A name as it is compared: NFC, without case, single spaces."""

MOST_NAME, MOST_WORDS, FEWEST_PASSWORD, MOST_PASSWORD = 64, 120, 6, 128
"""In letters. All devices together may try 34,560 passwords a day: six digits take 29 days, four take seven hours."""


class AccountState(StrEnum):
    """What staff say of an account."""

    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What staff write down of one."""

    name: str
    profile: str
    valid_until: datetime
    kind: str = ""
    """Staff's own word, such as "reader" or "class 7A"; decides nothing."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """One account as it is stored, without its password."""

    id: AccountId
    written: NewAccount
    state: AccountState
    made_at: datetime

    @property
    def key(self) -> NameKey:
        """Its name as it is compared."""
        return key_of(self.written.name)

    def refusal(self, now: datetime) -> str | None:
        """Why it lets nobody in, as the key of a text; None: it does."""
        if self.state is AccountState.DISABLED:
            return "account_disabled"
        return "account_expired" if now >= self.written.valid_until else None


def person_of(key: NameKey) -> str:
    """Who it is (see Verified)."""
    return f"account {key}"


def tidy(text: str) -> str:
    """NFC with single spaces: phones and PCs write one Vietnamese letter as one sign or as two."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()


def key_of(name: str) -> NameKey:
    """The key of a name as it was typed: phones begin names with a capital of their own."""
    return NameKey(unicodedata.normalize("NFC", tidy(name).casefold()))


def typed_password(text: str) -> str:
    """A password as it is hashed; what keyboards add after it is not of it."""
    return unicodedata.normalize("NFC", text).strip()


def checked_name(text: str) -> str:
    """A name that can be stored and typed; ValueError with the reason."""
    name = tidy(text)
    if not name:
        raise ValueError("there is no name")
    return _printable("name", name, MOST_NAME)


def checked_words(what: str, text: str) -> str:
    """A kind or a note; ValueError with the reason."""
    return _printable(what, tidy(text), MOST_WORDS)


def checked_password(text: str, name: str) -> str:
    """A password staff give; ValueError with the reason, which does not hold it."""
    password = typed_password(text)
    if not FEWEST_PASSWORD <= len(password) <= MOST_PASSWORD:
        raise ValueError(f"a password has {FEWEST_PASSWORD} to {MOST_PASSWORD} letters, this one {len(password)}")
    if not password.isprintable():
        raise ValueError("the password holds a sign that can't be typed")
    if key_of(password) == key_of(name):
        raise ValueError("the password is the name")
    return password


def _printable(what: str, text: str, most: int) -> str:
    if len(text) > most:
        raise ValueError(f"the {what} has {len(text)} letters; {most} is the most")
    if not text.isprintable():
        raise ValueError(f"the {what} holds a sign that can't be printed")
    return text
