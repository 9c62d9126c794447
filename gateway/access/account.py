"""Accounts the library keeps itself: what one is, what is typed for one, whether it lets anybody in. Values only."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, NewType

from gateway.errors import FaultError

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

    def standing(self, now: datetime) -> Literal["active", "disabled", "expired"]:
        """Only active ones let anybody in."""
        if self.state is AccountState.DISABLED:
            return "disabled"
        return "expired" if now >= self.written.valid_until else "active"

    def refusal(self, now: datetime) -> str | None:
        """Why it lets nobody in, as the key of a text; None: it does."""
        standing = self.standing(now)
        return None if standing == "active" else f"account_{standing}"


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
    """A name that can be stored and typed; FaultError with the reason."""
    name = tidy(text)
    if not name:
        raise FaultError("no_name", "there is no name")
    return _printable("name", name, MOST_NAME)


def checked_words(what: str, text: str) -> str:
    """A kind or a note; FaultError with the reason."""
    return _printable(what, tidy(text), MOST_WORDS)


def checked_password(text: str, name: str) -> str:
    """A password staff give; FaultError with the reason, which does not hold it."""
    password = typed_password(text)
    if not FEWEST_PASSWORD <= len(password) <= MOST_PASSWORD:
        message = f"a password has {FEWEST_PASSWORD} to {MOST_PASSWORD} letters, this one {len(password)}"
        raise FaultError("password_length", message, fewest=FEWEST_PASSWORD, most=MOST_PASSWORD)
    if not password.isprintable():
        raise FaultError("password_letters", "the password holds a sign that can't be typed")
    if key_of(password) == key_of(name):
        raise FaultError("password_is_name", "the password is the name")
    return password


def _printable(what: str, text: str, most: int) -> str:
    if len(text) > most:
        raise FaultError("words_long", f"the {what} has {len(text)} letters; {most} is the most", most=most)
    if not text.isprintable():
        raise FaultError("words_letters", f"the {what} holds a sign that can't be printed")
    return text
