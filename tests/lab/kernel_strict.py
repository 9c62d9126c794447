"""Run inside a network namespace of its own: known resolvers, strict mode and VPN ports in the kernel's sets, as nft
lists them.

unshare --net python -m tests.lab.kernel_strict       prints "kept: N", or fails with a traceback
"""

import asyncio
import json
import subprocess
import sys
from dataclasses import replace
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from gateway.access.session import Session, SessionId
from gateway.clock import SystemClock
from gateway.config.load import parse_config
from gateway.kernel.fences import LEARNED_S
from gateway.kernel.ruleset import ruleset
from gateway.kernel.sets import NftFirewall
from gateway.kernel.shaper import Shaper, wires
from gateway.kernel.treatment import treatments
from gateway.ports import IpAddress, IpNetwork
from tests.contracts import PHONE, TABLET, session

_STRICT = '[dns.profiles.adult]\nport = 5301\nblock = []\nstrict = "on"\nvpn = "reject"\n'
_LOOKING = _STRICT.replace('"on"', '"log-only"').replace('"reject"', '"open"')
_OPEN = "[dns.profiles.adult]\nport = 5301\nblock = []\n"
_MANY4, _MANY6 = 1975, 1340
WEB4, WEB6 = IpAddress("198.51.100.10"), IpAddress("2001:db8:100::10")


def _elements(kind: str, name: str) -> list[Any]:
    done = subprocess.run(["nft", "-j", "list", kind, "inet", "cong", name], capture_output=True, text=True, check=True)
    found: list[Any] = next(item[kind] for item in json.loads(done.stdout)["nftables"] if kind in item).get("elem", [])
    return found


def _nft(command: str) -> None:
    subprocess.run(["nft", command], check=True)


def _numbers(name: str) -> set[int]:
    return {each["elem"]["val"] for each in _elements("set", name)}


def _port_of(number: int) -> int:
    ports = {key["elem"]["val"] if isinstance(key, dict) else key: port for key, port in _elements("map", "dns_port")}
    return int(ports[number])


def _learned(family: int) -> dict[tuple[str, str], int]:
    """(device, address) -> seconds left."""
    listed = _elements("set", f"learned{family}")
    return {tuple(each["elem"]["val"]["concat"]): each["elem"]["expires"] for each in listed}


def _firewall(text: str) -> NftFirewall:
    config = parse_config(text, where="x")
    return NftFirewall(ruleset(config), treatments(config), Shaper(wires(config)), SystemClock())


async def _resolvers_are_exchanged_whole() -> None:
    """As many as the public lists hold: what we read is what nft lists; a flush by another is repaired."""
    firewall = _firewall(_OPEN)
    await firewall.ensure()
    many: list[IpNetwork] = [IPv4Network((0xC6330000 + 2 * n, 32)) for n in range(_MANY4)]
    many += [IPv6Network(((0x20010DB8 << 96) + 2 * n, 128)) for n in range(_MANY6)]
    await firewall.set_resolvers(many)
    assert len(_elements("set", "resolvers4")) == _MANY4 and len(_elements("set", "resolvers6")) == _MANY6
    for foreign in ("flush set inet cong resolvers4", "flush ruleset"):
        _nft(foreign)
        await firewall.ensure()
        assert len(_elements("set", "resolvers4")) == _MANY4 and len(_elements("set", "resolvers6")) == _MANY6
    await firewall.set_resolvers([ip_network("192.0.2.0/24")])
    assert _elements("set", "resolvers4") == [{"prefix": {"addr": "192.0.2.0", "len": 24}}]
    assert _elements("set", "resolvers6") == []
    await firewall.set_resolvers([])
    assert _elements("set", "resolvers4") == []
    firewall.close()


async def _a_session_is_treated_as_its_profile() -> None:
    firewall = _firewall(_STRICT)
    await firewall.ensure()
    await firewall.grant(session(7), 600)
    assert (_numbers("strict"), _numbers("strict_log"), _numbers("no_vpn"), _port_of(7)) == ({7}, set(), {7}, 6301)
    firewall.close()
    looking = _firewall(_LOOKING)
    await looking.treat_anew({session(7): 600})
    assert (_numbers("strict"), _numbers("strict_log"), _numbers("no_vpn"), _port_of(7)) == ({7}, {7}, set(), 6301)
    looking.close()
    opened = _firewall(_OPEN)
    await opened.treat_anew({session(7): 600})
    assert (_numbers("strict"), _numbers("strict_log"), _port_of(7)) == (set(), set(), 5301)
    await _end(opened, session(7))
    opened.close()


async def _none_becomes_strict_while_it_is_open() -> None:
    """Its device was answered by the workers alone; what it keeps would lead nowhere."""
    opened = _firewall(_OPEN)
    await opened.grant(session(7), 600)
    opened.close()
    firewall = _firewall(_STRICT)
    await firewall.treat_anew({session(7): 600, replace(session(9), profile="gone"): 600})
    assert (_numbers("strict"), _numbers("no_vpn"), _port_of(7)) == (set(), {7}, 5301)
    _nft("flush map inet cong dns_port")
    await firewall.treat_anew({session(7): 600})
    assert _port_of(7) == 5301, "what another program took away is put back"
    await _end(firewall, session(7))
    assert not _numbers("no_vpn")
    firewall.close()


async def _answers_are_learned_by_device_and_outlive_a_flush() -> None:
    firewall = _firewall(_STRICT)
    await firewall.grant(session(7, PHONE), 600)
    await firewall.grant(session(8, TABLET), 600)
    for _ in range(2):
        await firewall.learn(SessionId(7), [WEB4, WEB6, WEB4])
    assert list(_learned(4)) == [(PHONE, WEB4)] and list(_learned(6)) == [(PHONE, WEB6)]
    assert LEARNED_S - 5 <= _learned(4)[PHONE, WEB4] <= LEARNED_S
    await firewall.unmask(SessionId(8), {IpAddress("198.18.0.7"): WEB4})
    assert (TABLET, WEB4) in _learned(4), "what is led on after login may be reached too"
    _nft("flush ruleset")
    await firewall.ensure()
    assert set(_learned(4)) == {(PHONE, WEB4), (TABLET, WEB4)} and list(_learned(6)) == [(PHONE, WEB6)]
    _nft("flush ruleset")
    firewall.close()


async def _an_answer_renews_what_another_process_has_learned() -> None:
    """After a restart nothing is remembered here: the element is there, with little time left."""
    firewall = _firewall(_STRICT)
    await firewall.ensure()
    await firewall.grant(session(7), 600)
    _nft(f"add element inet cong learned4 {{ {PHONE} . {WEB4} timeout 30s }}")
    await firewall.learn(SessionId(7), [WEB4])
    assert _learned(4)[PHONE, WEB4] > 30
    await firewall.learn(SessionId(99), [WEB6])  # a session that is over
    assert not _learned(6)
    await _end(firewall, session(7))
    firewall.close()


async def _one_device_cannot_fill_the_sets() -> None:
    firewall = _firewall(_STRICT)
    await firewall.grant(session(7, PHONE), 600)
    await firewall.grant(session(8, TABLET), 600)
    for block in range(40):
        await firewall.learn(SessionId(7), [IpAddress(f"198.51.{block}.{n}") for n in range(100)])
    await firewall.learn(SessionId(8), [WEB4])
    devices = [device for device, _ in _learned(4)]
    assert devices.count(TABLET) == 1 and 1000 <= devices.count(PHONE) <= 1201
    await firewall.ensure()
    await firewall.learn(SessionId(7), [WEB4])
    assert (PHONE, WEB4) in _learned(4), "a minute later it is heard again"
    firewall.close()


async def _end(firewall: NftFirewall, ended: Session) -> None:
    await firewall.cut(ended.id, ended.mac)
    await firewall.remove(ended.id)


async def _main() -> None:
    checks = (
        _resolvers_are_exchanged_whole,
        _a_session_is_treated_as_its_profile,
        _none_becomes_strict_while_it_is_open,
        _answers_are_learned_by_device_and_outlive_a_flush,
        _an_answer_renews_what_another_process_has_learned,
        _one_device_cannot_fill_the_sets,
    )
    for check in checks:
        await check()
    print(f"kept: {len(checks)}")


if __name__ == "__main__":
    sys.exit(asyncio.run(_main()))
