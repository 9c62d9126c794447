"""What the gateway itself has counted, as facts of its site: reports and exports see them as imported ones."""

import sqlite3
from datetime import UTC, date, datetime, timezone

from gateway.clock import Clock, SystemClock, local_day
from gateway.facts.fact import Fact
from gateway.facts.lines import fact_of
from gateway.facts.ongoing import goes_on
from gateway.facts.session import ToldSession
from gateway.facts.site import Readings
from gateway.ports_facts import Span
from gateway.store.carried import carried_days
from gateway.store.db import Database
from gateway.store.device_counts import month_devices
from gateway.store.live_record import iso, line_outages
from gateway.store.presence import pcs_seen
from gateway.store.wan import wan_days
from gateway.units import epoch_s, from_epoch_s, utc_offset_s

_ALL: Span = (datetime(2000, 1, 1, tzinfo=UTC), datetime(9998, 1, 1, tzinfo=UTC))


class LiveFacts:
    """The LiveSource port over the database."""

    def __init__(
        self, database: Database, site: str, zone: timezone, clock: Clock | None = None, no_carrier: str = "unknown"
    ) -> None:
        """`no_carrier`: whose an outage is in which the line's interface had no carrier."""
        self._database = database
        self.site = site
        self._zone = zone
        self._clock = clock or SystemClock()
        self._no_carrier = no_carrier

    @property
    def setting(self) -> str:
        """See LiveSource."""
        return self._no_carrier

    def is_over(self, day: date) -> bool:
        """See LiveSource."""
        return local_day(self._clock.now(), self._zone) > day

    async def has_any(self) -> bool:
        """See LiveSource."""
        find = "SELECT EXISTS (SELECT 1 FROM starts) OR EXISTS (SELECT 1 FROM sessions) AS known"
        row = await self._database.read(lambda sql: sql.execute(find).fetchone())
        return row["known"] == 1 or bool(await self.facts(None))

    async def facts(self, span: Span | None) -> list[Fact]:
        """See LiveSource."""
        now = self._clock.now()

        def work(sql: sqlite3.Connection) -> list[Fact]:
            times = _times(span or _ALL, self._zone)
            told = [*_facts(sql, times), *line_outages(sql, times, now, self._no_carrier)]
            told += carried_days(sql, span or _ALL, self._zone)
            told += [*pcs_seen(sql, times), *wan_days(sql, times), *month_devices(sql, times)]
            return [fact_of({**one, "site": self.site}) for one in told]

        return await self._database.read(work)

    def goes_on(self, fact: Fact) -> bool:
        """See LiveSource."""
        return goes_on(fact, self._clock.now(), self._zone)

    async def sessions(self, span: Span | None, *, closed_only: bool) -> list[ToldSession]:
        """See LiveSource."""
        return await self._database.read(lambda sql: _sessions(sql, span or _ALL, closed_only=closed_only))

    async def readings(self, span: Span) -> Readings:
        """See LiveSource."""
        return await self._database.read(lambda sql: _readings(sql, span))


def _times(span: Span, zone: timezone) -> dict[str, int]:
    return {"begin": epoch_s(span[0]), "end": epoch_s(span[1]), "offset": utc_offset_s(zone)}


def _facts(sql: sqlite3.Connection, times: dict[str, int]) -> list[dict[str, object]]:
    told: list[dict[str, object]] = []
    for row in sql.execute(
        """SELECT started_at, alive_at FROM starts
           WHERE started_at < :end AND alive_at > :begin AND alive_at > started_at ORDER BY started_at""",
        times,
    ):
        told.append({"kind": "heartbeat", "begin": iso(row["started_at"]), "end": iso(row["alive_at"])})
    told += _stops(sql, times)
    for row in sql.execute(
        """SELECT date((hour_at + :offset) / 86400 * 86400, 'unixepoch') AS day, category, SUM(count) AS count
           FROM refusals WHERE hour_at >= :begin AND hour_at < :end GROUP BY 1, 2 ORDER BY 1, 2""",
        times,
    ):
        told.append({"kind": "blocked", "day": row["day"], "category": row["category"], "count": row["count"]})
    for row in sql.execute("SELECT * FROM calendar_changes WHERE taken_back_at IS NULL ORDER BY id"):
        change = {"begin": iso(row["begin_at"]), "end": iso(row["end_at"]), "decided_at": iso(row["decided_at"])}
        number = f"desk-{row['id']}"
        told.append(
            {"kind": "opening_change", "id": number, "what": row["kind"], **change, "reason": row["reason"] or None}
        )
    views = sql.execute(
        """SELECT a.opened_at, a.client_id, a.admitted, a.refused,
                  c.staff_since IS NOT NULL AND a.opened_at >= c.staff_since AS staff
           FROM attempts a JOIN clients c ON c.id = a.client_id
           WHERE a.opened_at >= :begin AND a.opened_at < :end ORDER BY a.opened_at, a.client_id""",
        times,
    )
    for row in views:
        # the number must differ between the attempts of a device, and between those of one second
        view = {"id": row["opened_at"] << 20 | row["client_id"] & 0xFFFFF, "device": str(row["client_id"])}
        outcome = "refused" if row["refused"] else "admitted" if row["admitted"] else "seen"
        told.append(
            {"kind": "view", **view, "at": iso(row["opened_at"]), "outcome": outcome, "staff": bool(row["staff"])}
        )
    return told


def _stops(sql: sqlite3.Connection, times: dict[str, int]) -> list[dict[str, object]]:
    """From one life's last sign to the next start: the power was gone, unless it stopped in order or did not reboot."""
    find = """
    SELECT boot_id, alive_at, stopped, lost_until,
           LEAD(started_at) OVER later AS next_at, LEAD(boot_id) OVER later AS next_boot
    FROM starts
    -- a start whose clock was never set, of 1970, is no neighbour of the others
    WHERE provisional = 0 OR started_at >= coalesce((SELECT MIN(started_at) FROM starts WHERE provisional = 0), 0)
    WINDOW later AS (ORDER BY started_at, boot_id)
    """
    told: list[dict[str, object]] = []
    for row in sql.execute(find):
        begin, end = row["alive_at"], row["next_at"]
        if (
            row["lost_until"] is not None
            or end is None
            or end <= begin
            or begin >= times["end"]
            or end <= times["begin"]
        ):
            continue
        cause = "gateway" if row["stopped"] or row["boot_id"] == row["next_boot"] else "power"
        span = {"begin": iso(begin), "end": iso(end)}
        told.append({"kind": "outage", "id": f"start-{end}", **span, "cause": cause})
    return told


def _sessions(sql: sqlite3.Connection, span: Span, *, closed_only: bool) -> list[ToldSession]:
    find = """
    SELECT s.id, coalesce(s.counted_as, s.client_id) AS device, s.kind, s.person, s.counted, s.opened_at,
           coalesce(s.stopped_at, (SELECT MAX(u.at) FROM usage u WHERE u.session_id = s.id), s.opened_at) AS stop_at,
           s.total_up_bytes, s.total_down_bytes, coalesce(s.pc, d.name) AS pc
    FROM sessions s LEFT JOIN clients c ON c.id = s.client_id
         LEFT JOIN devices d ON d.mac = c.mac AND d.standing = 'kiosk' AND s.kind = 'kiosk'
    WHERE s.opened_at >= :begin AND s.opened_at < :end AND (s.state = 'closed' OR NOT :closed_only)
    ORDER BY s.opened_at, s.id
    """
    values = {"begin": epoch_s(span[0]), "end": epoch_s(span[1]), "closed_only": int(closed_only)}
    return [_session(row) for row in sql.execute(find, values)]


def _session(row: sqlite3.Row) -> ToldSession:
    return ToldSession(
        str(row["id"]),
        row["kind"],
        str(row["device"]),
        row["person"],
        row["pc"] or None,
        from_epoch_s(row["opened_at"]),
        from_epoch_s(max(row["opened_at"], row["stop_at"])),
        accepted=True,
        staff=not row["counted"],
        up_bytes=row["total_up_bytes"],
        down_bytes=row["total_down_bytes"],
    )


def _readings(sql: sqlite3.Connection, span: Span) -> Readings:
    find = """
    SELECT u.session_id, u.at, u.up_bytes, u.down_bytes FROM usage u JOIN sessions s ON s.id = u.session_id
    WHERE u.at >= :begin AND s.opened_at >= :begin AND s.opened_at < :end ORDER BY u.at, u.session_id, u.reading
    """
    told: dict[str, list[tuple[datetime, int, int]]] = {}
    for row in sql.execute(find, {"begin": epoch_s(span[0]), "end": epoch_s(span[1])}):
        reading = from_epoch_s(row["at"]), row["up_bytes"], row["down_bytes"]
        told.setdefault(str(row["session_id"]), []).append(reading)
    return told
