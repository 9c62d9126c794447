"""The library's own accounts: the rows of the table."""

from typing import Literal

from pydantic import Field

from gateway.desk.account_told import (
    AccountDeeds,
    AccountList,
    AccountListTold,
    AccountPasswords,
    AccountsChanged,
    AccountsTold,
    AccountTold,
    EnableAccount,
    NewAccountAsked,
    NewPassword,
    OfAccount,
    OfAccountList,
    OfAccounts,
)
from gateway.desk.accounts import CSV, HTML, AccountDesk
from gateway.desk.inputs import Line
from gateway.desk.table import Act, Area, Caller, Download, File, Input, Nothing, Page, act, download, view
from gateway.ports_accounts import MOST_BYTES
from gateway.staff.roles import Right

_RIGHT = Right.SERVE
_HIDDEN = frozenset({"name", "kind", "note", "password"})
"""What is personal, or a secret: never in the trail."""


class OfHandout(Input):
    """Passwords that were just made."""

    handout: Line = Field(min_length=1)
    language: Literal["vi", "en"] = Field("vi", description="Of the slips.")


def accounts(desk: AccountDesk) -> Area:
    """The area."""
    return Area(
        views=[
            view("patron.list", "/accounts", _RIGHT, OfAccounts, AccountsTold, desk.accounts, "Accounts, by name."),
            view("patron.show", "/accounts/{account}", _RIGHT, OfAccount, AccountTold, desk.one, "One account."),
            view(
                "patron.history",
                "/account-history",
                _RIGHT,
                Nothing,
                AccountDeeds,
                desk.deeds,
                "Who did what to which account, the newest first.",
            ),
        ],
        acts=[*_acts(desk), *_list_acts(desk)],
        pages=[
            Page("/accounts", _RIGHT, "accounts.html", desk.list_page, nav="vouchers"),
            Page("/accounts/history", _RIGHT, "account_history.html", desk.history_page, nav="vouchers"),
            Page("/accounts/handout/{handout}", _RIGHT, "account_handout.html", desk.handout_page, nav="vouchers"),
            Page("/accounts/list/{list}", _RIGHT, "account_list.html", desk.pending_page, nav="vouchers"),
            Page("/accounts/{account}", _RIGHT, "account_one.html", desk.account_page, nav="vouchers"),
        ],
        downloads=_downloads(desk),
    )


def _acts(desk: AccountDesk) -> list[Act]:
    return [
        act(
            "patron.add",
            "POST",
            "/accounts",
            _RIGHT,
            NewAccountAsked,
            AccountPasswords,
            desk.add,
            "Add an account; its password is told once.",
            secrets=_HIDDEN,
        ),
        act(
            "patron.password",
            "PUT",
            "/accounts/{account}/password",
            _RIGHT,
            NewPassword,
            AccountPasswords,
            desk.password,
            "Give an account a new password; the old one is void at once.",
            secrets=_HIDDEN,
        ),
        act(
            "patron.disable",
            "POST",
            "/accounts/{account}/disable",
            _RIGHT,
            OfAccount,
            AccountsChanged,
            desk.disable,
            "Let it in no more; who is on by it is cut off.",
        ),
        act(
            "patron.enable",
            "POST",
            "/accounts/{account}/enable",
            _RIGHT,
            EnableAccount,
            AccountsChanged,
            desk.enable,
            "Let it in again, or longer.",
        ),
        act(
            "patron.remove",
            "DELETE",
            "/accounts/{account}",
            _RIGHT,
            OfAccount,
            AccountsChanged,
            desk.remove,
            "Delete an account with all that is kept of it; who is on by it is cut off.",
            is_dangerous=True,
        ),
    ]


def _list_acts(desk: AccountDesk) -> list[Act]:
    return [
        act(
            "patron.check_list",
            "POST",
            "/account-lists",
            _RIGHT,
            AccountList,
            AccountListTold,
            desk.check_list,
            "Look at a list of accounts: what its import would do, and every problem by line. Nothing is changed.",
            secrets=_HIDDEN,
            largest_bytes=MOST_BYTES + 64 * 1024,
        ),
        act(
            "patron.import_list",
            "POST",
            "/account-lists/{list}/import",
            _RIGHT,
            OfAccountList,
            AccountPasswords,
            desk.import_list,
            "Add all accounts of a list that was looked at, or none; passwords are told once.",
        ),
    ]


def _downloads(desk: AccountDesk) -> list[Download]:
    async def slips(asked: OfHandout, caller: Caller) -> File:
        return await desk.slips_of(asked.handout, asked.language, caller)

    return [
        download(
            "patron.slips",
            "/accounts/handout/{handout}/slips",
            _RIGHT,
            OfHandout,
            slips,
            "A page to print: slips with the passwords that were just made.",
            (HTML,),
        ),
        download("patron.csv", "/accounts.csv", _RIGHT, Nothing, desk.csv, "Accounts for a spreadsheet.", (CSV,)),
    ]
