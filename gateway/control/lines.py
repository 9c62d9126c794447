"""A live session as the commands show it; the keys are a contract."""

from gateway.flows.listing import LiveSession
from gateway.units import epoch_s

SessionLine = dict[str, str | int]


def session_line(live: LiveSession) -> SessionLine:
    """Keys: id, mac, kind, method, profile, state, opened_at (UTC seconds), left_s, up_bytes, down_bytes,
    long_udp_flows (each longer than ten minutes and 10 MB, to one peer: a VPN or a long call).
    """
    session = live.session
    return {
        "id": session.id,
        "mac": session.mac,
        "kind": session.kind,
        "method": session.method,
        "profile": session.profile,
        "state": session.state,
        "opened_at": epoch_s(session.opened_at),
        "left_s": live.left_s,
        "up_bytes": live.up_bytes,
        "down_bytes": live.down_bytes,
        "long_udp_flows": live.long_udp_flows,
    }
