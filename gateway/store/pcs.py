"""Photos of fault tickets, and looks at PCs once a month (ports: gateway.ports_pcs)."""

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from gateway.ports_pcs import KeptPhoto, TicketPhoto, UpkeepCheck, UpkeepItem
from gateway.store.db import Database
from gateway.units import epoch_s, from_epoch_s

_ONE_CLICK_S = 60


class SqlitePhotos:
    """The PhotoLog port over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, site: str, pc: str, fault_at: datetime, photo: KeptPhoto, author: str, at: datetime) -> bool:
        """See PhotoLog."""
        add = """
        INSERT INTO pc_photos (site, pc, fault_at, file, media, bytes, width, height, sha256, author, added_at)
        VALUES (:site, :pc, :fault_at, :file, :media, :bytes, :width, :height, :sha256, :author, :at)
        ON CONFLICT (site, pc, fault_at, sha256) DO NOTHING
        """
        values = {
            "site": site,
            "pc": pc,
            "fault_at": epoch_s(fault_at),
            "file": photo.name,
            "media": photo.media_type,
            "bytes": photo.size_bytes,
            "width": photo.width,
            "height": photo.height,
            "sha256": photo.sha256,
            "author": author,
            "at": epoch_s(at),
        }
        return await self._database.run(lambda sql: sql.execute(add, values).rowcount) == 1

    async def of(self, site: str, pc: str) -> Sequence[TicketPhoto]:
        """See PhotoLog."""
        find = "SELECT * FROM pc_photos WHERE site = :site AND pc = :pc ORDER BY id"
        values = {"site": site, "pc": pc}
        return await self._database.read(lambda sql: [_photo(row) for row in sql.execute(find, values)])

    async def one(self, site: str, number: int) -> TicketPhoto | None:
        """See PhotoLog."""
        find = "SELECT * FROM pc_photos WHERE site = :site AND id = :id"
        values = {"site": site, "id": number}
        row = await self._database.read(lambda sql: sql.execute(find, values).fetchone())
        return _photo(row) if row else None

    async def remove(self, site: str, number: int) -> str | None:
        """See PhotoLog."""
        gone = "DELETE FROM pc_photos WHERE site = :site AND id = :id RETURNING file"
        values = {"site": site, "id": number}
        row = await self._database.run(lambda sql: sql.execute(gone, values).fetchone())
        return str(row["file"]) if row else None

    async def names(self) -> Collection[str]:
        """See PhotoLog."""
        find = "SELECT file FROM pc_photos"
        return await self._database.read(lambda sql: {str(row["file"]) for row in sql.execute(find)})


class SqliteUpkeep:
    """The UpkeepLog port over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def items(self) -> Sequence[UpkeepItem]:
        """See UpkeepLog."""
        find = "SELECT * FROM upkeep_items WHERE ended_at IS NULL ORDER BY place, id"
        return await self._database.read(lambda sql: [_item(row) for row in sql.execute(find)])

    async def all_items(self) -> Mapping[int, UpkeepItem]:
        """See UpkeepLog."""
        find = "SELECT * FROM upkeep_items"
        return await self._database.read(lambda sql: {row["id"]: _item(row) for row in sql.execute(find)})

    async def set_items(self, wanted: Sequence[int | str], at: datetime) -> None:
        """See UpkeepLog."""
        await self._database.run(lambda sql: _set_items(sql, wanted, epoch_s(at)))

    async def check(self, site: str, check: UpkeepCheck) -> int:
        """See UpkeepLog."""
        return await self._database.run(lambda sql: _check(sql, site, check))

    async def checks(self, site: str, since: date) -> Sequence[UpkeepCheck]:
        """See UpkeepLog."""
        return await self._database.read(lambda sql: _checks(sql, site, since))


def _photo(row: sqlite3.Row) -> TicketPhoto:
    photo = KeptPhoto(row["file"], row["media"], row["bytes"], row["width"], row["height"], row["sha256"])
    fault_at, added_at = from_epoch_s(row["fault_at"]), from_epoch_s(row["added_at"])
    return TicketPhoto(row["id"], row["pc"], fault_at, photo, row["author"], added_at)


def _item(row: sqlite3.Row) -> UpkeepItem:
    return UpkeepItem(row["id"], row["word"], row["text"])


def _set_items(sql: sqlite3.Connection, wanted: Sequence[int | str], at: int) -> None:
    asked = [row["id"] for row in sql.execute("SELECT id FROM upkeep_items WHERE ended_at IS NULL")]
    for gone in set(asked).difference(one for one in wanted if isinstance(one, int)):
        sql.execute("UPDATE upkeep_items SET ended_at = :at WHERE id = :id", {"at": at, "id": gone})
    for place, one in enumerate(wanted, 1):
        if isinstance(one, int):
            again = "UPDATE upkeep_items SET place = :place, ended_at = NULL WHERE id = :id"
            sql.execute(again, {"place": place, "id": one})
        else:
            add = "INSERT INTO upkeep_items (text, place) VALUES (:text, :place)"
            sql.execute(add, {"text": one, "place": place})


def _check(sql: sqlite3.Connection, site: str, check: UpkeepCheck) -> int:
    at, month = epoch_s(check.checked_at), check.month.isoformat()
    clicked = """
    SELECT id FROM upkeep_checks WHERE site = :site AND pc = :pc AND month_on = :month AND author = :author
      AND note = :note AND checked_at > :since ORDER BY id DESC LIMIT 1
    """
    values = {"site": site, "pc": check.pc, "month": month, "author": check.author, "note": check.note}
    before = sql.execute(clicked, {**values, "since": at - _ONE_CLICK_S}).fetchone()
    if before and _results(sql, before["id"]) == dict(check.results):
        return int(before["id"])
    add = """
    INSERT INTO upkeep_checks (site, pc, month_on, checked_at, author, note)
    VALUES (:site, :pc, :month, :at, :author, :note)
    """
    number = sql.execute(add, {**values, "at": at}).lastrowid or 0
    sql.executemany(
        "INSERT INTO upkeep_results VALUES (:check, :item, :ok)",
        [{"check": number, "item": item, "ok": int(is_ok)} for item, is_ok in check.results.items()],
    )
    return number


def _checks(sql: sqlite3.Connection, site: str, since: date) -> Sequence[UpkeepCheck]:
    find = "SELECT * FROM upkeep_checks WHERE site = :site AND month_on >= :since ORDER BY checked_at, id"
    return [
        UpkeepCheck(
            row["id"],
            row["pc"],
            date.fromisoformat(row["month_on"]),
            from_epoch_s(row["checked_at"]),
            row["author"],
            row["note"],
            _results(sql, row["id"]),
        )
        for row in sql.execute(find, {"site": site, "since": since.isoformat()}).fetchall()
    ]


def _results(sql: sqlite3.Connection, check: int) -> dict[int, bool]:
    find = "SELECT item_id, is_ok FROM upkeep_results WHERE check_id = :check"
    return {row["item_id"]: bool(row["is_ok"]) for row in sql.execute(find, {"check": check})}
