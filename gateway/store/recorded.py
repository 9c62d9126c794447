"""The night over what the gateway recorded: settled where it is over, and deleted by the terms in the schema."""

import sqlite3
from datetime import timedelta, timezone

from gateway.ports_figures import Terms
from gateway.store.device_counts import count_devices, destroy_keys
from gateway.store.line import settle
from gateway.units import epoch_s

_DAYS = timedelta(days=7)
"""Since when MACs and attempts are kept, which tell the night's moment and its day."""
_ROUNDS, _REST = timedelta(days=400 - 90), timedelta(days=10 * 366 - 90)
"""Terms of 400 days and 10 years, beyond the 90 days of sessions."""


def forget_recorded(sql: sqlite3.Connection, terms: Terms) -> None:
    """Settle, then delete. Broken off, the next night goes on."""
    now, midnight = terms.macs_before + _DAYS, terms.attempts_before + _DAYS
    zone = midnight.tzinfo
    assert isinstance(zone, timezone)
    settle(sql, now)
    while count_devices(sql, now, zone):
        continue
    destroy_keys(sql, midnight.date())
    before = {"rounds": epoch_s(terms.sessions_before - _ROUNDS), "rest": epoch_s(terms.sessions_before - _REST)}
    last = (terms.sessions_before - _REST).date().isoformat()
    sql.execute("DELETE FROM line_rounds WHERE at < :rounds", before)
    sql.execute("DELETE FROM line_spells WHERE end_at < :rest", before)
    sql.execute("DELETE FROM pc_presence WHERE end_at < :rest", before)
    sql.execute("DELETE FROM wan_days WHERE day_on < :last", {"last": last})
    sql.execute("DELETE FROM device_periods WHERE period < :last AND key IS NULL", {"last": last[:7]})
