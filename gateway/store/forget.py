"""The deletions of a night, each within a transaction of its caller."""

import sqlite3

from gateway.ports_figures import Terms
from gateway.store.accounted import forget_untold
from gateway.store.board import forget_notices
from gateway.store.devices import forget_devices
from gateway.store.mails import forget_mails
from gateway.store.staff import forget_staff
from gateway.store.vouchers import keep_sums_of_deleted
from gateway.units import epoch_s

SESSIONS_GONE = "sessions_deleted_before"
ATTEMPTS_GONE = "attempts_deleted_before"
"""Keys of `meta`: instants before which evidence may be missing. They never go back."""


def forget_marked(connection: sqlite3.Connection, terms: Terms) -> tuple[int, int]:
    """The small deletions, and the marks of all: set first, so that a crash leaves "may be missing", not "is whole"."""
    for key, before in ((SESSIONS_GONE, terms.sessions_before), (ATTEMPTS_GONE, terms.attempts_before)):
        connection.execute(
            """INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO UPDATE
               SET value = excluded.value WHERE CAST(excluded.value AS INTEGER) > CAST(value AS INTEGER)""",
            {"key": key, "value": str(epoch_s(before))},
        )
    macs = connection.execute(
        """UPDATE clients SET mac = NULL WHERE mac IS NOT NULL AND last_seen_at < :before
           AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.client_id = clients.id AND s.state <> 'closed')""",
        {"before": epoch_s(terms.macs_before)},
    ).rowcount
    forget_devices(connection, epoch_s(terms.macs_before), epoch_s(terms.sessions_before))
    attempts = connection.execute(
        "DELETE FROM attempts WHERE opened_at < :before", {"before": epoch_s(terms.attempts_before)}
    ).rowcount
    forget_untold(connection, epoch_s(terms.macs_before))
    forget_notices(connection, epoch_s(terms.sessions_before))
    forget_mails(connection, epoch_s(terms.sessions_before))
    forget_staff(connection, epoch_s(terms.sessions_before))
    sql_day = {"first": terms.sessions_before.date().isoformat()}
    connection.execute("DELETE FROM refused_names WHERE day_on < :first", sql_day)
    sql_requests = {"before": epoch_s(terms.requests_before)}
    connection.execute("DELETE FROM unblock_requests WHERE last_asked_at < :before", sql_requests)
    return macs, attempts


def forget_sessions(connection: sqlite3.Connection, terms: Terms, at_once: int) -> int:
    """Some of the sessions past their term, with all that hangs on them; how many went."""
    # The ledger has no index by session (it would cost flash writes all day), so ON DELETE CASCADE would walk it whole
    # for each session: 4 s for a night of 100 sessions and 600,000 rows. This walks it once.
    values = {"before": epoch_s(terms.sessions_before), "at_once": at_once}
    doomed = "SELECT id FROM sessions WHERE state = 'closed' AND stopped_at < :before ORDER BY id LIMIT :at_once"
    keep_sums_of_deleted(connection, doomed, values)
    connection.execute(f"DELETE FROM usage WHERE session_id IN ({doomed})", values)
    connection.execute(f"DELETE FROM consents WHERE session_id IN ({doomed})", values)
    connection.execute(f"DELETE FROM radius_sessions WHERE session_id IN ({doomed})", values)
    return connection.execute(f"DELETE FROM sessions WHERE id IN ({doomed})", values).rowcount
