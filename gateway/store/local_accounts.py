"""The library's own accounts and the trail of what was done to them (port: gateway.ports_accounts.AccountStore)."""

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from gateway.access.account import Account, AccountId, AccountState, NameKey, NewAccount, key_of
from gateway.ports_accounts import Deed, Done, Hashed
from gateway.store.db import Database
from gateway.units import epoch_s, from_epoch_s


class SqliteAccounts:
    """The AccountStore port over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, new: Sequence[Hashed], by: str, at: datetime, deed: Deed, *, skip_known: bool
    ) -> Sequence[NameKey]:
        """See AccountStore."""
        return await self._database.run(lambda sql: _add(sql, new, by, epoch_s(at), deed, skip_known=skip_known))

    async def accounts(self) -> Sequence[Account]:
        """See AccountStore."""
        find = "SELECT * FROM local_accounts ORDER BY name_key"
        return [_account(row) for row in await self._database.read(lambda sql: sql.execute(find).fetchall())]

    async def by_key(self, key: NameKey) -> tuple[Account, str] | None:
        """See AccountStore."""
        find = "SELECT * FROM local_accounts WHERE name_key = :key"
        row = await self._database.read(lambda sql: sql.execute(find, {"key": key}).fetchone())
        return None if row is None else (_account(row), row["password"])

    async def set_password(self, account: AccountId, password: str, by: str, at: datetime) -> None:
        """See AccountStore."""

        def work(sql: sqlite3.Connection) -> None:
            change = "UPDATE local_accounts SET password = :password WHERE id = :id"
            if sql.execute(change, {"id": account, "password": password}).rowcount:
                _note(sql, [account], by, epoch_s(at), "password")

        await self._database.run(work)

    async def set_state(
        self, accounts: Collection[AccountId], state: AccountState, until: datetime | None, by: str, at: datetime
    ) -> int:
        """See AccountStore."""
        deed: Deed = "disabled" if state is AccountState.DISABLED else "enabled"
        change = """UPDATE local_accounts SET state = :state, valid_until = coalesce(:until, valid_until)
                    WHERE id = :id AND (state <> :state OR :until IS NOT NULL)"""
        values = {"state": state, "until": None if until is None else epoch_s(until)}

        def work(sql: sqlite3.Connection) -> int:
            changed = [each for each in accounts if sql.execute(change, {**values, "id": each}).rowcount]
            _note(sql, changed, by, epoch_s(at), deed)
            return len(changed)

        return await self._database.run(work)

    async def remove(self, accounts: Collection[AccountId], by: str, at: datetime) -> int:
        """See AccountStore."""

        def work(sql: sqlite3.Connection) -> int:
            take = "DELETE FROM local_accounts WHERE id = :id"
            gone = [each for each in accounts if sql.execute(take, {"id": each}).rowcount]
            _note(sql, gone, by, epoch_s(at), "removed")
            return len(gone)

        return await self._database.run(work)

    async def history(self, most: int) -> Sequence[Done]:
        """See AccountStore."""
        find = """SELECT t.*, coalesce(a.name, '') AS name FROM local_account_trail AS t
                  LEFT JOIN local_accounts AS a ON a.id = t.account_id ORDER BY t.id DESC LIMIT :most"""
        rows = await self._database.read(lambda sql: sql.execute(find, {"most": most}).fetchall())
        return [
            Done(from_epoch_s(row["at"]), row["author"], row["deed"], AccountId(row["account_id"]), row["name"])
            for row in rows
        ]


def forget_accounts(sql: sqlite3.Connection, before_s: int) -> None:
    """Delete accounts that ended before, and the trail of what was done before."""
    sql.execute("DELETE FROM local_accounts WHERE valid_until < :before", {"before": before_s})
    sql.execute("DELETE FROM local_account_trail WHERE at < :before", {"before": before_s})


def _add(
    sql: sqlite3.Connection, new: Sequence[Hashed], by: str, at_s: int, deed: Deed, *, skip_known: bool
) -> list[NameKey]:
    find = "SELECT 1 FROM local_accounts WHERE name_key = :key"
    keyed = [(key_of(each.written.name), each) for each in new]
    known = [key for key, _ in keyed if sql.execute(find, {"key": key}).fetchone()]
    if known and not skip_known:
        return known
    add = """INSERT INTO local_accounts (name, name_key, kind, profile, password, made_at, valid_until, note)
             VALUES (:name, :key, :kind, :profile, :password, :at, :until, :note)"""
    added = []
    for key, each in keyed:
        if key in known:
            continue
        written = each.written
        values = {
            "name": written.name,
            "key": key,
            "kind": written.kind,
            "profile": written.profile,
            "password": each.password,
            "at": at_s,
            "until": epoch_s(written.valid_until),
            "note": written.note,
        }
        added.append(AccountId(sql.execute(add, values).lastrowid or 0))
    _note(sql, added, by, at_s, deed)
    return known


def _note(sql: sqlite3.Connection, accounts: Iterable[AccountId], by: str, at_s: int, deed: Deed) -> None:
    add = "INSERT INTO local_account_trail (at, author, deed, account_id) VALUES (:at, :by, :deed, :account)"
    sql.executemany(add, [{"at": at_s, "by": by, "deed": deed, "account": each} for each in accounts])


def _account(row: sqlite3.Row) -> Account:
    written = NewAccount(row["name"], row["profile"], from_epoch_s(row["valid_until"]), row["kind"], row["note"])
    return Account(AccountId(row["id"]), written, AccountState(row["state"]), from_epoch_s(row["made_at"]))
