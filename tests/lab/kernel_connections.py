"""Run inside a network namespace of its own: a device's connections are forgotten, its neighbours' stay.

unshare --net python -m tests.lab.kernel_connections       prints "kept: N", or fails with a traceback
"""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.access.client import Mac
from gateway.access.session import SessionId
from gateway.kernel.conntrack import Conntrack
from gateway.ports import IpAddress
from tests.fakes import FakeClock, FakeNeighbours

_TRACKED = """table inet t-tracked { chain output { type filter hook output priority 0;
    ct state new ct mark set ip saddr map { 127.0.7.7 : 7, 127.0.8.8 : 8 }; }; }"""
_DEVICES = [IpAddress(f"127.0.1.{number}") for number in range(1, 41)]
_PHONE, _TABLET, _LAPTOP = (Mac(f"02:00:5e:10:00:0{number}") for number in range(1, 4))


class _Neighbours(FakeNeighbours):
    """Tells when it was asked: the walk has begun then."""

    asked = asyncio.Event()

    async def addresses_of_each(self, macs: Collection[Mac]) -> Mapping[Mac, Sequence[IpAddress]]:
        self.asked.set()
        return await super().addresses_of_each(macs)


_NEIGHBOURS = _Neighbours(
    dict.fromkeys(_DEVICES[:2], _PHONE) | {_DEVICES[2]: _TABLET, _DEVICES[3]: _LAPTOP, IpAddress("127.0.7.7"): _LAPTOP}
)


def _speak(sources: list[IpAddress], to: str, port: int, flows: int) -> None:
    for source in sources:
        for _ in range(flows):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
                made.bind((source, 0))
                made.sendto(b"x", (to, port))


async def _everybody_at_once(connections: Conntrack) -> None:
    """Forty logins in one moment: each is told its own number, and the last device keeps its flows."""
    _speak(_DEVICES, "127.0.0.1", 9, flows=3)
    counts = await asyncio.gather(*(connections.forget([device]) for device in _DEVICES[:-1]))
    assert counts == [3] * 39
    assert await connections.forget(_DEVICES) == 3
    assert await connections.forget(_DEVICES) == 0


async def _one_device_with_two_addresses(connections: Conntrack) -> None:
    _speak(_DEVICES[:2], "127.0.0.1", 9, flows=2)
    assert await connections.forget(_DEVICES[:2]) == 4
    assert await connections.forget([]) == 0


async def _the_page_being_read_stays(connections: Conntrack) -> None:
    _speak(_DEVICES[:1], "127.0.0.53", 80, flows=1)
    assert await connections.forget(_DEVICES[:1]) == 0


async def _who_came_in_is_forgotten_soon(connections: Conntrack) -> None:
    """All addresses of the devices, and nobody else's; the second in the walk after."""
    walking = asyncio.create_task(connections.run())
    for mac, its, others in ((_PHONE, _DEVICES[:2], _DEVICES[2:4]), (_TABLET, _DEVICES[2:3], _DEVICES[3:4])):
        _speak([*its, *others], "127.0.0.1", 9, flows=1)
        connections.forget_soon(mac)
        async with asyncio.timeout(5):
            await _NEIGHBOURS.asked.wait()
        _NEIGHBOURS.asked.clear()
        assert await connections.forget(its) == 0
        assert await connections.forget(others) == len(others)
    walking.cancel()


async def _what_began_after_the_login_goes_on(connections: Conntrack) -> None:
    """The walk comes a moment after the session: a page that is loading by then must not stop."""
    walking = asyncio.create_task(connections.run())
    _speak([_DEVICES[3], IpAddress("127.0.7.7")], "127.0.0.1", 9, flows=2)
    connections.forget_soon(_LAPTOP)
    async with asyncio.timeout(5):
        await _NEIGHBOURS.asked.wait()
    _NEIGHBOURS.asked.clear()
    assert await connections.forget(_DEVICES[3:4]) == 0
    assert await connections.forget([IpAddress("127.0.7.7")]) == 2
    walking.cancel()


async def _a_caller_that_gives_up_spoils_nothing(connections: Conntrack) -> None:
    _speak(_DEVICES[:2], "127.0.0.1", 9, flows=1)
    async with asyncio.TaskGroup() as group:
        first = group.create_task(connections.forget(_DEVICES[:1]))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        first.cancel()
        second = group.create_task(connections.forget(_DEVICES[1:2]))
    assert second.result() == 1


async def _connections_go_to_the_session_that_follows(connections: Conntrack) -> None:
    _speak([IpAddress("127.0.7.7"), IpAddress("127.0.8.8")], "127.0.0.1", 9, flows=2)
    assert await connections.hand_over(SessionId(7), SessionId(9)) == 2
    assert await connections.hand_over(SessionId(7), SessionId(9)) == 0
    assert await connections.hand_over(SessionId(9), SessionId(7)) == 2
    assert await connections.hand_over(SessionId(8), SessionId(9)) == 2
    assert await connections.forget([IpAddress("127.0.7.7"), IpAddress("127.0.8.8")]) == 4


def _prepare() -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for name in ("nf_conntrack_acct", "nf_conntrack_timestamp"):
        Path("/proc/sys/net/netfilter", name).write_text("1", encoding="ascii")
    subprocess.run(["nft", "-f", "-"], input=_TRACKED, text=True, check=True)


async def _long_and_busy_flows_are_seen(connections: Conntrack, clock: FakeClock) -> None:
    """Session 7 talks 12 MB with one peer and 10 minutes pass; session 8 says one word to it."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own,
    ):
        peer.bind(("127.0.0.1", 0))
        own.bind(("127.0.7.7", 0))
        for _ in range(200):
            own.sendto(bytes(60_000), peer.getsockname())
        _speak([IpAddress("127.0.8.8")], "127.0.0.1", peer.getsockname()[1], flows=1)
    clock.wall = datetime.now(UTC)
    assert await connections.long_udp_flows() == {}
    clock.wall = datetime.now(UTC) + timedelta(minutes=11)
    assert await connections.long_udp_flows() == {7: 1}


async def _main() -> None:
    clock = FakeClock()
    connections = Conntrack(("127.0.0.53",), clock, _NEIGHBOURS)
    checks = (
        _everybody_at_once,
        _one_device_with_two_addresses,
        _the_page_being_read_stays,
        _a_caller_that_gives_up_spoils_nothing,
        _who_came_in_is_forgotten_soon,
        _what_began_after_the_login_goes_on,
        _connections_go_to_the_session_that_follows,
    )
    for check in checks:
        await check(connections)
    await _long_and_busy_flows_are_seen(connections, clock)
    connections.close()
    print(f"kept: {len(checks) + 1}")


if __name__ == "__main__":
    _prepare()
    sys.exit(asyncio.run(_main()))
