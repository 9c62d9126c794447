"""When the gateway ran: its starts, and the last moment each was known alive. Power cuts show as gaps."""

import secrets
from datetime import datetime

from gateway.store.db import Database
from gateway.units import epoch_s

_SECRET_BYTES = 32


class SqliteStarts:
    """The Heartbeats port over the database, and the secrets that outlive a start."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._key: dict[str, int | str] = {}

    async def started(self, at: datetime, boot_id: str) -> None:
        """Note a start of the daemon."""
        self._key = {"started_at": epoch_s(at), "boot_id": boot_id, "alive_at": epoch_s(at)}
        add = """
        INSERT INTO starts (started_at, boot_id, alive_at) VALUES (:started_at, :boot_id, :alive_at)
        ON CONFLICT DO UPDATE SET stopped = 0
        """
        await self._database.run(lambda sql: sql.execute(add, self._key))

    async def alive(self, at: datetime, *, stopped: bool = False) -> None:
        """Note that the daemon lives, or that it is stopping as it should."""
        note = """
        UPDATE starts SET alive_at = max(alive_at, :at), stopped = :stopped
        WHERE started_at = :started_at AND boot_id = :boot_id
        """
        values = {**self._key, "at": epoch_s(at), "stopped": int(stopped)}
        await self._database.run(lambda sql: sql.execute(note, values))

    async def secret(self, name: str) -> bytes:
        """Random bytes under a name, made once and kept: forms handed out before a restart still fit after it."""
        add = "INSERT INTO meta VALUES (:key, :value) ON CONFLICT DO NOTHING"
        values = {"key": f"secret.{name}", "value": secrets.token_hex(_SECRET_BYTES)}
        find = "SELECT value FROM meta WHERE key = :key"
        await self._database.run(lambda sql: sql.execute(add, values))
        row = await self._database.read(lambda sql: sql.execute(find, values).fetchone())
        return bytes.fromhex(row["value"])
