"""Another time-out for a session's elements, while its counters go on.

A time-out can't be set anew on kernels before 6.12: an element is deleted and added in one transaction, with the
counter it had. Its packets are stopped meanwhile, so that none is counted in between and lost.
"""

from collections.abc import Sequence

from gateway.kernel.elements import Change, Elements

_STOPPED_S = 10  # should the process die in between, the packets go on by themselves


def renew(netlink: Elements, number: bytes, mac: bytes, names: Sequence[str], lasts_s: int) -> None:
    """`names`: the sets and maps keyed by session number; a session that is being closed is left alone. OSError."""
    if netlink.get("cut", number):
        return
    netlink.change([Change("cut", number, True, timeout_s=_STOPPED_S)])
    changes = []
    for name, key in (*((name, number) for name in names), ("sess", mac)):
        held = netlink.get(name, key)
        if held and (name != "sess" or held.data == number):
            counted = None if held.bytes is None or held.packets is None else (held.bytes, held.packets)
            new = Change(name, key, True, data=held.data, timeout_s=lasts_s, counted=counted)
            changes += [Change(name, key, False), new]
    netlink.change([*changes, Change("cut", number, False)])
