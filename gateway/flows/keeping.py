"""How long what belongs to a person is kept; flows/nightly deletes it, and the terms text says so."""

from datetime import timedelta

MAC_TERM = timedelta(days=7)
"""After a device was last here."""
ATTEMPT_TERM = timedelta(days=7)
SESSION_TERM = timedelta(days=90)
"""After a session's end; the same for what goes with it: requests to the staff, ended slips and accounts."""
