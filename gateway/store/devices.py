"""The list of known devices: exempt, barred, and the library's own PCs."""

import sqlite3
from collections.abc import Sequence

from gateway.access.client import Mac
from gateway.access.device import Device, Standing
from gateway.store.db import Database
from gateway.units import epoch_s, from_epoch_s


class SqliteDevices:
    """The DeviceStore port over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def devices(self) -> Sequence[Device]:
        """See DeviceStore."""
        wanted = "SELECT * FROM devices ORDER BY name, mac"
        return [_device(row) for row in await self._database.read(lambda sql: sql.execute(wanted).fetchall())]

    async def put(self, device: Device) -> None:
        """See DeviceStore."""
        add = """
        INSERT OR REPLACE INTO devices (mac, standing, name, profile, author, reason, since_at, until_at)
        VALUES (:mac, :standing, :name, :profile, :author, :reason, :since, :until)
        """
        values = {
            "mac": device.mac,
            "standing": device.standing,
            "name": device.name,
            "profile": device.profile,
            "author": device.author,
            "reason": device.reason,
            "since": epoch_s(device.since),
            "until": epoch_s(device.until) if device.until else None,
        }
        await self._database.run(lambda sql: sql.execute(add, values))

    async def forget(self, mac: Mac) -> bool:
        """See DeviceStore."""
        take = "DELETE FROM devices WHERE mac = :mac"
        return await self._database.run(lambda sql: sql.execute(take, {"mac": mac}).rowcount) == 1


def forget_devices(sql: sqlite3.Connection, macs_before_s: int, sessions_before_s: int) -> None:
    """Delete what is past its term: entries that ended, who asked the staff, what a token told of two MACs."""
    terms = {"macs": macs_before_s, "sessions": sessions_before_s}
    sql.execute("DELETE FROM same_clients WHERE client_id IN (SELECT id FROM clients WHERE mac IS NULL)")
    sql.execute("DELETE FROM devices WHERE until_at < :macs", terms)
    sql.execute("DELETE FROM approvals WHERE asked_at < :sessions", terms)
    nobody = "client_id = NULL, state = CASE state WHEN 'open' THEN 'expired' ELSE state END"
    sql.execute(f"UPDATE approvals SET {nobody} WHERE asked_at < :macs AND client_id IS NOT NULL", terms)


def _device(row: sqlite3.Row) -> Device:
    return Device(
        Mac(row["mac"]),
        Standing(row["standing"]),
        row["name"],
        row["profile"],
        row["author"],
        row["reason"],
        from_epoch_s(row["since_at"]),
        from_epoch_s(row["until_at"]) if row["until_at"] is not None else None,
    )
