"""The night over what the gateway recorded: settled where it is over, and deleted by its term where that is not one of
gateway.store.retention's."""

import sqlite3
from datetime import timedelta, timezone

from gateway.ports_figures import Terms
from gateway.store.device_counts import count_devices, destroy_keys
from gateway.store.line import settle
from gateway.store.retention import years_before
from gateway.units import epoch_s

_DAYS = timedelta(days=7)
"""Since when MACs and attempts are kept, which tell the night's moment and its day."""
_ROUNDS = timedelta(days=400)


def forget_recorded(sql: sqlite3.Connection, terms: Terms) -> None:
    """Settle, then delete. Broken off, the next night goes on."""
    now, midnight = terms.macs_before + _DAYS, terms.attempts_before + _DAYS
    zone = midnight.tzinfo
    assert isinstance(zone, timezone)
    settle(sql, now)
    while count_devices(sql, now, zone):
        continue
    destroy_keys(sql, midnight.date())
    sql.execute("DELETE FROM line_rounds WHERE at < :before", {"before": epoch_s(now - _ROUNDS)})
    last = {"last": f"{years_before(midnight, 10):%Y-%m}"}
    sql.execute("DELETE FROM device_periods WHERE period < :last AND key IS NULL", last)
