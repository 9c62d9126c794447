"""The library's own accounts as the desk and its API tell them, and what is asked of them."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Annotated, Literal

from pydantic import Field

from gateway.access.account import MOST_NAME, MOST_WORDS, Account
from gateway.desk.inputs import Day, Flag, Line, OrNone, Upload
from gateway.desk.table import Input
from gateway.ports_accounts import Deed, Done

Words = Annotated[Line, Field(max_length=MOST_WORDS)]
State = Literal["active", "disabled", "expired"]


class OfAccounts(Input):
    """Which accounts, and which page of them."""

    search: Line = Field("", description="Part of a name, kind or note.")
    state: Literal["", "active", "disabled", "expired"] = ""
    page: int = Field(1, ge=1, le=100_000)


class OfAccount(Input):
    """Which account."""

    account: int = Field(ge=1, lt=2**31)


class Ends(Input):
    """To the end of which day of the site's."""

    valid_until: Annotated[Day | None, OrNone] = Field(None, description="Lets in to the end of this day.")
    valid_days: int = Field(365, ge=0, le=1098, description="Without valid_until: to the end of the day so far ahead.")

    def end(self, now: datetime, zone: timezone) -> datetime:
        """The last second."""
        return last_second_of(self.valid_until or (now.astimezone(zone) + timedelta(days=self.valid_days)).date(), zone)


class NewAccountAsked(Ends):
    """An account to add."""

    name: Line = Field(min_length=1, max_length=MOST_NAME, description="As the patron types it; case does not matter.")
    kind: Words = Field("", description='The library\'s own word, such as "class 7A".')
    profile: Line = Field("", description='"" is the site\'s own.')
    note: Words = Field("", description="Whatever staff must know; patrons never see it.")
    password: str = Field("", max_length=200, description='"": one is made.')


class NewPassword(OfAccount):
    """A new password for an account."""

    password: str = Field("", max_length=200, description='"": one is made.')


class EnableAccount(OfAccount):
    """Let it in again, or longer."""

    valid_until: Annotated[Day | None, OrNone] = Field(None, description="A new end; without one the old end stays.")


class AccountList(Ends):
    """A list to look at before it is imported."""

    file: Upload = Field(description="CSV with the column name, and as you like password, kind, profile ...")
    kind: Words = Field("", description="For who has none in the list.")
    profile: Line = Field("", description='For who has none in the list; "" is the site\'s own.')
    skip_known: Flag = Field(True, description="Leave accounts that are there as they are; else they are problems.")


class OfAccountList(Input):
    """A list that was looked at."""

    list: Line = Field(min_length=1, description="Its name, good for ten minutes.")


@dataclass(frozen=True, slots=True)
class AccountTold:
    """One account; its password nobody knows."""

    account: int
    name: str
    kind: str
    profile: str
    state: State
    made_at: datetime
    valid_until: datetime
    note: str


@dataclass(frozen=True, slots=True)
class AccountsTold:
    """A page of accounts, by name."""

    accounts: tuple[AccountTold, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class AccountDeed:
    """One row of the accounts' trail."""

    at: datetime
    author: str
    deed: Deed
    account: int
    name: str
    """"" when the account is gone."""


@dataclass(frozen=True, slots=True)
class AccountDeeds:
    """The trail, the newest first; kept for 90 days."""

    deeds: tuple[AccountDeed, ...]


@dataclass(frozen=True, slots=True)
class AccountPassword:
    """A name with the password it now has, told once."""

    name: str
    password: str


@dataclass(frozen=True, slots=True)
class AccountPasswords:
    """What was just made: the desk shows it for ten minutes, then nobody can."""

    handout: str
    accounts: tuple[AccountPassword, ...]


@dataclass(frozen=True, slots=True)
class AccountsChanged:
    """What came of it."""

    changed: int
    sessions_ended: int


@dataclass(frozen=True, slots=True)
class AccountProblem:
    """What is wrong with a line of a list."""

    line: int
    """0: with the list as a whole."""
    key: str
    says: str
    """In the caller's language."""


@dataclass(frozen=True, slots=True)
class AccountListTold:
    """What an import of the list would do; nothing was changed."""

    list: str
    """To import it by; "" when it can't be."""
    added: tuple[str, ...]
    """Names that would be added."""
    known: tuple[str, ...]
    """Names that are there and would stay as they are."""
    given_passwords: int
    """How many of the added have their password in the list; the others get one made."""
    problems: tuple[AccountProblem, ...]


def account_told(each: Account, now: datetime) -> AccountTold:
    """One account."""
    written = each.written
    return AccountTold(
        each.id,
        written.name,
        written.kind,
        written.profile,
        each.standing(now),
        each.made_at,
        written.valid_until,
        written.note,
    )


def deed_told(each: Done) -> AccountDeed:
    """One deed."""
    return AccountDeed(each.at, each.author, each.deed, each.account, each.name)


def last_second_of(day: date, zone: timezone) -> datetime:
    """Of a day of the site's."""
    return datetime.combine(day, time(23, 59, 59), tzinfo=zone)
