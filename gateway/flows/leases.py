"""The spoof guard's news: leases go into the kernel, contested addresses into the log."""

from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.access.client import Mac
from gateway.clock import Clock
from gateway.log import client_tag, event
from gateway.ports import Firewall, Lease, Leases


@dataclass(slots=True)
class Known:
    """What was told before; all of it can be lost."""

    leases: set[tuple[str, str, int]] = field(default_factory=set)
    contested: set[tuple[str, str]] = field(default_factory=set)


async def tell_guard(
    firewall: Firewall,
    leases: Leases,
    clock: Clock,
    known: Known,
    told: Callable[[Mac], None] = lambda mac: None,
) -> None:
    """Give new and renewed leases to the guard, and tell of each; report who used an address of another."""
    present = {_key(lease): lease for lease in leases.read(clock.now())}
    if fresh := [lease for key, lease in present.items() if key not in known.leases]:
        await firewall.set_leases(fresh)
        for lease in fresh:
            told(lease.mac)
    known.leases = set(present)
    contested = {(str(mac), address) for mac, address in await firewall.contested()}
    for mac, _ in sorted(contested - known.contested):
        event("guard.address_contested", "warning", client=client_tag(mac))
    known.contested = contested


def _key(lease: Lease) -> tuple[str, str, int]:
    return lease.mac, str(lease.address), lease.expires_at
