"""One's own account: password, second factor."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import segno
from pydantic import Field, StringConstraints

from gateway.desk.once import Once, Secret
from gateway.desk.table import Area, Caller, Input, Nothing, Outcome, Page, RefusedError, act, view
from gateway.desk.users import told
from gateway.flows.staff import Staff
from gateway.staff.roles import Right, Role
from gateway.staff.user import SignedIn

Typed = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=False)]
_MOST_BEGUN = 64


class NewPassword(Input):
    """Another password."""

    old: Typed = Field(description="The present one")
    new: Typed = Field(description="Ten characters and more")
    again: Annotated[str, StringConstraints(max_length=300, strip_whitespace=False)] = Field(
        "", description="The new one once more; forms ask for it"
    )


class FirstCode(Input):
    """What the app shows."""

    code: Annotated[str, StringConstraints(min_length=6, max_length=12)]


@dataclass(frozen=True, slots=True)
class Account:
    """Who one is."""

    name: str
    role: Role
    has_totp: bool
    recovery_left: int
    must_change: bool


def account(staff: Staff, once: Once, *, is_second_factor_wanted: bool) -> Area:
    """`is_second_factor_wanted`: administrators must have one."""
    own = _Account(staff, once, is_wanted=is_second_factor_wanted)
    password = frozenset({"old", "new", "again"})
    return Area(
        views=[view("account.show", "/account", Right.OWN, Nothing, Account, own.show, "One's own account")],
        acts=[
            act(
                "account.password",
                "PUT",
                "/account/password",
                Right.OWN,
                NewPassword,
                Account,
                own.password,
                "Change one's own password; other browsers are signed out",
                secrets=password,
            ),
            act(
                "account.totp",
                "POST",
                "/account/second-factor",
                Right.OWN,
                FirstCode,
                Account,
                own.begin,
                "Begin a second factor with the app's first code",
                is_dangerous=True,
                secrets=frozenset({"code"}),
            ),
            act(
                "account.totp_end",
                "DELETE",
                "/account/second-factor",
                Right.OWN,
                Nothing,
                Account,
                own.end,
                "End one's second factor",
                is_dangerous=True,
            ),
        ],
        pages=[
            Page("/account", Right.OWN, "account.html", own.page),
            Page("/account/second-factor", Right.OWN, "second_factor.html", own.second_factor),
        ],
    )


class _Account:
    def __init__(self, staff: Staff, once: Once, *, is_wanted: bool) -> None:
        self._staff, self._once, self._is_wanted = staff, once, is_wanted
        # secrets whose first code was not typed yet: in memory, by browser; a restart makes another
        self._begun: OrderedDict[str, tuple[bytes, str, str]] = OrderedDict()

    async def show(self, asked: Nothing, caller: Caller) -> Account:
        user = _browser(caller).user
        left = await self._staff.store.recovery_left(user.id) if user.has_totp else 0
        return Account(user.name, user.role, user.has_totp, left, user.must_change)

    async def page(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        wanted = self._is_wanted and caller.role is Role.ADMINISTRATOR
        shown = await self.show(Nothing(), caller)
        return {"account": shown, "secret": self._once.take(caller), "is_wanted": wanted and not shown.has_totp}

    async def password(self, asked: NewPassword, caller: Caller) -> Outcome:
        browser = _browser(caller)
        if asked.again and asked.again != asked.new:
            raise RefusedError("password_differs")
        await told(self._staff.change_password(browser, asked.old, asked.new, caller.address))
        return Outcome(await self.show(Nothing(), caller), browser.user.name, goto="/account")

    async def second_factor(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        _, text, address = self._secret(_browser(caller))
        picture = segno.make(address, error="m").svg_data_uri(scale=4, border=4)
        spaced = " ".join(text[n : n + 4] for n in range(0, len(text), 4))
        return {"picture": picture, "text": spaced, "address": address}

    async def begin(self, asked: FirstCode, caller: Caller) -> Outcome:
        browser = _browser(caller)
        secret, _, _ = self._secret(browser)
        codes = await told(self._staff.begin_totp(browser, secret, asked.code))
        self._begun.pop(browser.key, None)
        self._once.keep(caller, Secret("recovery", browser.user.name, tuple(f"{c[:5]} {c[5:]}" for c in codes)))
        return Outcome(await self.show(Nothing(), caller), browser.user.name, goto="/account")

    async def end(self, asked: Nothing, caller: Caller) -> Outcome:
        browser = _browser(caller)
        if self._is_wanted and caller.role is Role.ADMINISTRATOR:
            raise RefusedError("second_factor_wanted")
        await told(self._staff.end_totp(browser.user.name, keep=browser.key))
        return Outcome(await self.show(Nothing(), caller), browser.user.name, goto="/account")

    def _secret(self, browser: SignedIn) -> tuple[bytes, str, str]:
        """The same until its first code fits, so that a mistyped one does not ask for another picture."""
        if browser.key not in self._begun:
            self._begun[browser.key] = self._staff.new_secret(browser.user)
            while len(self._begun) > _MOST_BEGUN:
                self._begun.popitem(last=False)
        return self._begun[browser.key]


def _browser(caller: Caller) -> SignedIn:
    if caller.browser is None:
        raise RefusedError("account_browser")
    return caller.browser
