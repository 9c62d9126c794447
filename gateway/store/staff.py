"""Users of the desk, their browsers, and tokens of programs."""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime

from gateway.ports_staff import Secrets
from gateway.staff.roles import Role
from gateway.staff.user import SignedIn, Token, User, UserId
from gateway.store.db import Database
from gateway.units import epoch_s, from_epoch_s

_SIGN_OUT = "DELETE FROM staff_browsers WHERE user_id = :id AND key <> :keep"


class SqliteStaff:
    """The UserStore port over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def users(self) -> Sequence[User]:
        """See UserStore."""
        rows = await self._database.read(lambda sql: sql.execute("SELECT * FROM staff_users ORDER BY name").fetchall())
        return [_user(row) for row in rows]

    async def user(self, name: str) -> tuple[User, Secrets] | None:
        """See UserStore."""
        find = "SELECT * FROM staff_users WHERE name = :name"
        row = await self._database.read(lambda sql: sql.execute(find, {"name": name}).fetchone())
        return (_user(row), Secrets(row["password"], row["totp"], row["totp_step"])) if row else None

    async def make_user(self, user: User, password: str) -> UserId | None:
        """See UserStore."""
        add = """
        INSERT INTO staff_users (name, shown, role, password, must_change, made_at, made_by)
        VALUES (:name, :shown, :role, :password, :must_change, :made_at, :made_by)
        ON CONFLICT (name) DO NOTHING RETURNING id
        """
        values = {
            "name": user.name,
            "shown": user.shown,
            "role": user.role,
            "password": password,
            "must_change": user.must_change,
            "made_at": epoch_s(user.made_at),
            "made_by": user.made_by,
        }
        row = await self._database.run(lambda sql: sql.execute(add, values).fetchone())
        return UserId(row["id"]) if row else None

    async def set_password(self, user: UserId, password: str, *, must_change: bool, keep: str = "") -> None:
        """See UserStore."""
        change = "UPDATE staff_users SET password = :password, must_change = :must_change WHERE id = :id"
        await self._change(change, user, {"password": password, "must_change": must_change}, keep)

    async def set_role(self, user: UserId, role: Role, shown: str) -> None:
        """See UserStore."""
        await self._change(
            "UPDATE staff_users SET role = :role, shown = :shown WHERE id = :id", user, {"role": role, "shown": shown}
        )

    async def set_disabled(self, user: UserId, at: datetime | None) -> None:
        """See UserStore."""
        value = {"at": epoch_s(at) if at else None}
        await self._change("UPDATE staff_users SET disabled_at = :at WHERE id = :id", user, value)

    async def set_totp(self, user: UserId, secret: bytes | None, recovery: Sequence[str], *, keep: str = "") -> None:
        """See UserStore."""

        def work(sql: sqlite3.Connection) -> None:
            sql.execute(
                "UPDATE staff_users SET totp = :totp, totp_step = 0 WHERE id = :id", {"totp": secret, "id": user}
            )
            sql.execute("DELETE FROM staff_recovery WHERE user_id = :id", {"id": user})
            rows = [{"id": user, "hashed": one} for one in recovery]
            sql.executemany("INSERT INTO staff_recovery (user_id, hashed) VALUES (:id, :hashed)", rows)
            sql.execute(_SIGN_OUT, {"id": user, "keep": keep})

        await self._database.run(work)

    async def use_step(self, user: UserId, step: int) -> bool:
        """See UserStore."""
        change = "UPDATE staff_users SET totp_step = :step WHERE id = :id AND totp_step < :step"
        return await self._database.run(lambda sql: sql.execute(change, {"id": user, "step": step}).rowcount) == 1

    async def use_recovery(self, user: UserId, hashed: str, at: datetime) -> bool:
        """See UserStore."""
        change = "UPDATE staff_recovery SET used_at = :at WHERE user_id = :id AND hashed = :hashed AND used_at IS NULL"
        values = {"id": user, "hashed": hashed, "at": epoch_s(at)}
        return await self._database.run(lambda sql: sql.execute(change, values).rowcount) == 1

    async def recovery_left(self, user: UserId) -> int:
        """See UserStore."""
        count = "SELECT count(*) FROM staff_recovery WHERE user_id = :id AND used_at IS NULL"
        return int(await self._database.read(lambda sql: sql.execute(count, {"id": user}).fetchone()[0]))

    async def sign_in(self, user: UserId, key: str, address: str, at: datetime) -> None:
        """See UserStore."""
        values = {"key": key, "id": user, "at": epoch_s(at), "address": address}

        def work(sql: sqlite3.Connection) -> None:
            sql.execute(
                """INSERT INTO staff_browsers (key, user_id, opened_at, seen_at, proved_at, address)
                   VALUES (:key, :id, :at, :at, :at, :address)""",
                values,
            )
            sql.execute("UPDATE staff_users SET seen_at = :at WHERE id = :id", {"id": user, "at": epoch_s(at)})

        await self._database.run(work)

    async def signed_in(self, key: str) -> SignedIn | None:
        """See UserStore."""
        find = """
        SELECT u.*, b.key AS browser, b.opened_at AS opened, b.seen_at AS seen, b.proved_at AS proved,
               b.address AS host, b.flash AS flash
        FROM staff_browsers b JOIN staff_users u ON u.id = b.user_id WHERE b.key = :key AND u.disabled_at IS NULL
        """
        row = await self._database.read(lambda sql: sql.execute(find, {"key": key}).fetchone())
        if row is None:
            return None
        opened, seen, proved = (from_epoch_s(row[name]) for name in ("opened", "seen", "proved"))
        return SignedIn(_user(row), row["browser"], opened, seen, proved, row["host"], row["flash"])

    async def seen(self, key: str, at: datetime, *, proved: bool = False) -> None:
        """See UserStore."""
        change = "UPDATE staff_browsers SET seen_at = :at, proved_at = iif(:proved, :at, proved_at) WHERE key = :key"
        values = {"key": key, "at": epoch_s(at), "proved": proved}
        await self._database.note(lambda sql: sql.execute(change, values))

    async def set_flash(self, key: str, flash: str) -> None:
        """See UserStore."""
        change = "UPDATE staff_browsers SET flash = :flash WHERE key = :key"
        await self._database.note(lambda sql: sql.execute(change, {"key": key, "flash": flash}))

    async def sign_out(self, key: str) -> None:
        """See UserStore."""
        await self._database.run(lambda sql: sql.execute("DELETE FROM staff_browsers WHERE key = :key", {"key": key}))

    async def forget_idle(self, seen_before: datetime, opened_before: datetime) -> None:
        """See UserStore."""
        gone = "DELETE FROM staff_browsers WHERE seen_at < :seen OR opened_at < :opened"
        values = {"seen": epoch_s(seen_before), "opened": epoch_s(opened_before)}
        await self._database.run(lambda sql: sql.execute(gone, values))

    async def tokens(self) -> Sequence[Token]:
        """See UserStore."""
        rows = await self._database.read(lambda sql: sql.execute("SELECT * FROM api_tokens ORDER BY name").fetchall())
        return [_token(row) for row in rows]

    async def make_token(self, token: Token, hashed: str) -> int | None:
        """See UserStore."""
        add = """
        INSERT INTO api_tokens (name, role, hashed, made_at, made_by, until_at)
        VALUES (:name, :role, :hashed, :made_at, :made_by, :until_at) ON CONFLICT (name) DO NOTHING RETURNING id
        """
        values = {
            "name": token.name,
            "role": token.role,
            "hashed": hashed,
            "made_at": epoch_s(token.made_at),
            "made_by": token.made_by,
            "until_at": epoch_s(token.until_at) if token.until_at else None,
        }
        row = await self._database.run(lambda sql: sql.execute(add, values).fetchone())
        return int(row["id"]) if row else None

    async def token(self, hashed: str) -> Token | None:
        """See UserStore."""
        find = "SELECT * FROM api_tokens WHERE hashed = :hashed"
        row = await self._database.read(lambda sql: sql.execute(find, {"hashed": hashed}).fetchone())
        return _token(row) if row else None

    async def token_seen(self, token: int, at: datetime) -> None:
        """See UserStore."""
        values = {"id": token, "at": epoch_s(at)}
        await self._database.note(lambda sql: sql.execute("UPDATE api_tokens SET seen_at = :at WHERE id = :id", values))

    async def revoke_token(self, token: int, at: datetime) -> bool:
        """See UserStore."""
        change = "UPDATE api_tokens SET revoked_at = :at WHERE id = :id AND revoked_at IS NULL"
        values = {"id": token, "at": epoch_s(at)}
        return await self._database.run(lambda sql: sql.execute(change, values).rowcount) == 1

    async def _change(self, change: str, user: UserId, values: Mapping[str, object], keep: str = "") -> None:
        def work(sql: sqlite3.Connection) -> None:
            sql.execute(change, {**values, "id": user})
            sql.execute(_SIGN_OUT, {"id": user, "keep": keep})

        await self._database.run(work)


def forget_staff(sql: sqlite3.Connection, before_s: int) -> None:
    """Users disabled, and tokens over, before an instant; within a night's transaction."""
    sql.execute("DELETE FROM staff_users WHERE disabled_at < :before", {"before": before_s})
    sql.execute(
        "DELETE FROM api_tokens WHERE min(ifnull(revoked_at, until_at), ifnull(until_at, revoked_at)) < :before",
        {"before": before_s},
    )


def _user(row: sqlite3.Row) -> User:
    seen, disabled = row["seen_at"], row["disabled_at"]
    return User(
        UserId(row["id"]),
        row["name"],
        row["shown"],
        Role(row["role"]),
        bool(row["must_change"]),
        row["totp"] is not None,
        from_epoch_s(row["made_at"]),
        row["made_by"],
        None if seen is None else from_epoch_s(seen),
        None if disabled is None else from_epoch_s(disabled),
    )


def _token(row: sqlite3.Row) -> Token:
    until, seen, revoked = (
        None if row[name] is None else from_epoch_s(row[name]) for name in ("until_at", "seen_at", "revoked_at")
    )
    made = from_epoch_s(row["made_at"])
    return Token(row["id"], row["name"], Role(row["role"]), made, row["made_by"], until, seen, revoked)
