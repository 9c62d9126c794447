"""What the gateway itself says of a sign-in: live sessions, and the rows behind them."""

from gateway.lab.driver import Lab


def mac_of(lab: Lab, client: str) -> str:
    """The client's MAC, as `cong lab status` tells it."""
    (mac,) = [str(entry["mac"]) for entry in lab.status()["clients"] if entry["name"] == client]
    return mac


def the_one_session(lab: Lab, client: str) -> int:
    """The session of the only client that is signed in: by the terms, with its consent booked. Gives its number."""
    (live,) = lab.sessions()
    assert (live["mac"], live["method"], live["state"]) == (mac_of(lab, client), "terms", "open")
    rows = lab.sql(
        "SELECT sessions.id, mac, method, kind, state FROM sessions JOIN clients ON clients.id = client_id "
        "WHERE state <> 'closed'"
    )
    assert rows == [(live["id"], mac_of(lab, client), "terms", "wifi", "open")]
    assert lab.sql("SELECT count(*) FROM consents WHERE session_id = ?", (live["id"],)) == [(1,)]
    return int(live["id"])


def end_and_read(lab: Lab, session: int) -> tuple[int, int]:
    """End the session as the operator does; gives the bytes up and down that the ledger holds of it."""
    lab.cong("session", "end", str(session))
    closed = "SELECT total_up_bytes, total_down_bytes FROM sessions WHERE id = ? AND state = 'closed'"
    ((up_bytes, down_bytes),) = lab.wait_until(lambda: lab.sql(closed, (session,)), what="the session closed")
    ledger = "SELECT sum(up_bytes), sum(down_bytes), sum(closing) FROM usage WHERE session_id = ?"
    assert lab.sql(ledger, (session,)) == [(up_bytes, down_bytes, 1)]
    return int(up_bytes), int(down_bytes)
