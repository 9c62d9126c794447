"""The night over what the gateway recorded: settled where it is over, and deleted by its term where that is not one of
gateway.store.retention's."""

import sqlite3
from datetime import timedelta, timezone

from gateway.ports_figures import Terms
from gateway.store.device_counts import count_devices, destroy_keys
from gateway.store.line import settle
from gateway.store.retention import years_before
from gateway.units import epoch_s

_ROUNDS = timedelta(days=400)
_DEVICE_YEARS = 10


def forget_recorded(sql: sqlite3.Connection, terms: Terms) -> None:
    """Settle, then delete. Broken off, the next night goes on."""
    zone = terms.morning.tzinfo
    assert isinstance(zone, timezone)
    settle(sql, terms.now)
    while count_devices(sql, terms.now, zone):
        continue
    destroy_keys(sql, terms.morning.date())
    sql.execute("DELETE FROM line_rounds WHERE at < :before", {"before": epoch_s(terms.morning - _ROUNDS)})
    last = f"{years_before(terms.morning, _DEVICE_YEARS):%Y-%m}"
    sql.execute("DELETE FROM device_periods WHERE period < :last AND key IS NULL", {"last": last})
