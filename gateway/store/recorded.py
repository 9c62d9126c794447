"""The night over what the gateway recorded: spells of the line stored, and what is past its term deleted."""

import sqlite3
from datetime import datetime, timedelta

from gateway.store.line import settle
from gateway.units import epoch_s

_ROUNDS, _REST = timedelta(days=400 - 90), timedelta(days=10 * 366 - 90)
"""Terms of 400 days and 10 years, beyond the 90 days of sessions."""


def forget_recorded(sql: sqlite3.Connection, sessions_before: datetime, macs_before: datetime) -> None:
    """Settle, then delete by the terms in the schema."""
    settle(sql, macs_before + timedelta(days=7))
    terms = {"rounds": epoch_s(sessions_before - _ROUNDS), "rest": epoch_s(sessions_before - _REST)}
    sql.execute("DELETE FROM line_rounds WHERE at < :rounds", terms)
    sql.execute("DELETE FROM line_spells WHERE end_at < :rest", terms)
