"""Batches and vouchers, and what each has used (port: gateway.ports_vouchers.VoucherStore). No code stands here."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from gateway.access.client import Mac
from gateway.access.login import Refused
from gateway.access.session import SessionId
from gateway.access.voucher import (
    Allowance,
    Batch,
    BatchId,
    Left,
    NewBatch,
    Redemption,
    Use,
    Voucher,
    VoucherId,
    left_of,
)
from gateway.ports_vouchers import InUse, Now
from gateway.store.db import Database
from gateway.units import epoch_s, from_epoch_s

_BATCH = """
b.id AS batch_id, b.made_at, b.count, b.label, b.profile, b.author, b.seed, b.valid_from, b.valid_until, b.lasts_s,
b.time_s, b.total_bytes, b.up_kbit_s, b.down_kbit_s, b.devices, b.once
"""

# Time is told by the boot clock: a wall clock that is set neither gives nor takes any. What a power cut ended lasted to
# its last packet. Its session is no use of a voucher that has one only: the patron may come back when the lamp is on.
_SECONDS = """
coalesce(sum(CASE WHEN s.stopped_at IS NOT NULL THEN max(0, s.stopped_at - s.opened_at)
                  WHEN s.boot_id = :boot_id THEN max(0, CAST(:boot_s - s.opened_boot_s AS INTEGER))
                  ELSE max(0, CAST(s.active_boot_s - s.opened_boot_s AS INTEGER)) END), 0)
"""
_VOUCHERS = f"""
SELECT v.id, v.number, v.first_used_at, v.revoked_at, {_BATCH},
       v.past_s + {_SECONDS} AS used_s,
       v.past_bytes + coalesce(sum(s.total_up_bytes + s.total_down_bytes), 0) AS used_bytes,
       v.past_sessions + count(CASE WHEN s.cause IS NOT 'nas-reboot' THEN s.id END) AS sessions
FROM vouchers AS v JOIN voucher_batches AS b ON b.id = v.batch_id LEFT JOIN sessions AS s ON s.voucher_id = v.id
"""
_BY_ID = f"{_VOUCHERS} WHERE v.id = :id GROUP BY v.id"


class SqliteVouchers:
    """The VoucherStore port over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_batch(self, new: NewBatch, seed: str, tags: Sequence[str], at: datetime) -> BatchId | None:
        """See VoucherStore."""
        return await self._database.run(lambda sql: _add(sql, new, seed, tags, epoch_s(at)))

    async def batches(self) -> Sequence[Batch]:
        """See VoucherStore."""
        find = f"SELECT {_BATCH} FROM voucher_batches AS b ORDER BY b.id DESC"
        return [_batch(row) for row in await self._database.read(lambda sql: sql.execute(find).fetchall())]

    async def vouchers_of(self, batch: BatchId, now: Now) -> Sequence[Voucher]:
        """See VoucherStore."""
        find = f"{_VOUCHERS} WHERE v.batch_id = :batch GROUP BY v.id ORDER BY v.number"
        values = {**_clock(now), "batch": batch}
        return [_voucher(row) for row in await self._database.read(lambda sql: sql.execute(find, values).fetchall())]

    async def by_tag(self, tag: str, now: Now) -> Voucher | None:
        """See VoucherStore."""
        find = f"{_VOUCHERS} WHERE v.tag = :tag GROUP BY v.id"
        row = await self._database.read(lambda sql: sql.execute(find, {**_clock(now), "tag": tag}).fetchone())
        return None if row is None else _voucher(row)

    async def is_on(self, voucher: VoucherId, mac: Mac) -> bool:
        """See VoucherStore."""
        find = """SELECT 1 FROM sessions AS s JOIN clients AS c ON c.id = s.client_id
                  WHERE s.voucher_id = :id AND s.state = 'open' AND c.mac = :mac"""
        values = {"id": voucher, "mac": mac}
        return await self._database.read(lambda sql: sql.execute(find, values).fetchone()) is not None

    async def in_use(self, now: Now) -> Sequence[InUse]:
        """See VoucherStore."""
        return await self._database.read(lambda sql: _in_use(sql, now))

    async def revoke(self, vouchers: Sequence[VoucherId], by: str, at: datetime) -> int:
        """See VoucherStore."""
        change = "UPDATE vouchers SET revoked_at = :at, revoked_by = :by WHERE id = :id AND revoked_at IS NULL"
        rows = [{"id": each, "by": by, "at": epoch_s(at)} for each in vouchers]
        return await self._database.run(lambda sql: sql.executemany(change, rows).rowcount)


def take(sql: sqlite3.Connection, redemption: Redemption, now: Now) -> Left | Refused:
    """What a session that is opened in this transaction gets of a voucher, noted as used; or why it gets nothing."""
    voucher = redemption.voucher
    row = sql.execute(_BY_ID, {**_clock(now), "id": voucher}).fetchone()
    if row is None:
        return Refused("again")
    found = _voucher(row)
    left = left_of(found, now.at)
    if not isinstance(left, Left):
        return Refused(left)
    most = min(found.batch.allowance.devices, redemption.devices or found.batch.allowance.devices)
    on = sql.execute("SELECT count(*) FROM sessions WHERE voucher_id = :id AND state = 'open'", {"id": voucher})
    if on.fetchone()[0] >= most:
        return Refused("devices")
    if now.at >= found.batch.made_at:  # else the clock has not been set yet: the next use is noted as the first
        note = "UPDATE vouchers SET first_used_at = :at WHERE id = :id AND first_used_at IS NULL"
        sql.execute(note, {"at": epoch_s(now.at), "id": voucher})
    return left


def left_to_go_on(sql: sqlite3.Connection, session: SessionId, now: Now) -> tuple[VoucherId | None, Left | None]:
    """The voucher a session was opened by, and what is left of it for one that goes on; no voucher: no limit."""
    row = sql.execute("SELECT voucher_id FROM sessions WHERE id = :id", {"id": session}).fetchone()
    if row is None or row["voucher_id"] is None:
        return None, None
    found = _voucher(sql.execute(_BY_ID, {**_clock(now), "id": row["voucher_id"]}).fetchone())
    left = left_of(found, now.at, goes_on=True)
    return found.id, left if isinstance(left, Left) else None


def keep_sums_of_deleted(sql: sqlite3.Connection, doomed: str, values: dict[str, int]) -> None:
    """Before sessions are deleted (`doomed` selects their ids): what they used stays used."""
    sql.execute(
        f"""UPDATE vouchers SET past_s = past_s + gone.s, past_bytes = past_bytes + gone.bytes,
                                past_sessions = past_sessions + gone.sessions
            FROM (SELECT voucher_id, sum(max(0, stopped_at - opened_at)) AS s,
                         sum(total_up_bytes + total_down_bytes) AS bytes, sum(cause <> 'nas-reboot') AS sessions
                  FROM sessions WHERE voucher_id IS NOT NULL AND id IN ({doomed}) GROUP BY voucher_id) AS gone
            WHERE vouchers.id = gone.voucher_id""",
        values,
    )


def forget_batches(sql: sqlite3.Connection, before_s: int) -> None:
    """Delete batches that ended before, with their vouchers, once no session by one of them is kept."""
    sql.execute(
        """DELETE FROM voucher_batches WHERE valid_until < :before AND NOT EXISTS
             (SELECT 1 FROM sessions AS s JOIN vouchers AS v ON v.id = s.voucher_id
              WHERE v.batch_id = voucher_batches.id)""",
        {"before": before_s},
    )


def _add(sql: sqlite3.Connection, new: NewBatch, seed: str, tags: Sequence[str], at_s: int) -> BatchId | None:
    known = "SELECT 1 FROM vouchers WHERE tag = :tag"
    if any(sql.execute(known, {"tag": tag}).fetchone() for tag in tags):
        return None
    allowance = new.allowance
    number = sql.execute(
        """INSERT INTO voucher_batches (made_at, author, label, profile, count, seed, valid_from, valid_until, lasts_s,
                                        time_s, total_bytes, up_kbit_s, down_kbit_s, devices, once)
           VALUES (:at, :author, :label, :profile, :count, :seed, :valid_from, :valid_until, :lasts_s,
                   :time_s, :total_bytes, :up_kbit_s, :down_kbit_s, :devices, :once)""",
        {
            "at": at_s,
            "author": new.author,
            "label": new.label,
            "profile": new.profile,
            "count": new.count,
            "seed": seed,
            "valid_from": None if allowance.valid_from is None else epoch_s(allowance.valid_from),
            "valid_until": epoch_s(allowance.valid_until),
            "lasts_s": allowance.lasts_s,
            "time_s": allowance.time_s,
            "total_bytes": allowance.total_bytes,
            "up_kbit_s": allowance.up_kbit_s,
            "down_kbit_s": allowance.down_kbit_s,
            "devices": allowance.devices,
            "once": int(allowance.once),
        },
    ).lastrowid
    add = "INSERT INTO vouchers (batch_id, number, tag) VALUES (:batch, :number, :tag)"
    sql.executemany(add, [{"batch": number, "number": n, "tag": tag} for n, tag in enumerate(tags, 1)])
    return BatchId(number or 0)


def _in_use(sql: sqlite3.Connection, now: Now) -> list[InUse]:
    booked: dict[int, dict[SessionId, int]] = {}
    for row in sql.execute(
        """SELECT voucher_id, id, total_up_bytes + total_down_bytes AS bytes FROM sessions
           WHERE voucher_id IS NOT NULL AND state = 'open' ORDER BY id"""
    ):
        booked.setdefault(row["voucher_id"], {})[SessionId(row["id"])] = row["bytes"]
    found = ((voucher, sql.execute(_BY_ID, {**_clock(now), "id": voucher}).fetchone()) for voucher in booked)
    return [InUse(_voucher(row), booked[voucher]) for voucher, row in found]


def _clock(now: Now) -> dict[str, str | float]:
    return {"boot_s": now.boot_s, "boot_id": now.boot_id}


def _voucher(row: sqlite3.Row) -> Voucher:
    return Voucher(
        VoucherId(row["id"]),
        row["number"],
        _batch(row),
        Use(row["used_s"], row["used_bytes"], row["sessions"]),
        _instant(row["first_used_at"]),
        _instant(row["revoked_at"]),
    )


def _batch(row: sqlite3.Row) -> Batch:
    allowance = Allowance(
        valid_until=from_epoch_s(row["valid_until"]),
        valid_from=_instant(row["valid_from"]),
        lasts_s=row["lasts_s"],
        time_s=row["time_s"],
        total_bytes=row["total_bytes"],
        up_kbit_s=row["up_kbit_s"],
        down_kbit_s=row["down_kbit_s"],
        devices=row["devices"],
        once=bool(row["once"]),
    )
    return Batch(
        BatchId(row["batch_id"]),
        from_epoch_s(row["made_at"]),
        row["count"],
        row["label"],
        row["profile"],
        row["author"],
        allowance,
        row["seed"],
    )


def _instant(seconds: int | None) -> datetime | None:
    return None if seconds is None else from_epoch_s(seconds)
