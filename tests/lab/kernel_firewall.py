"""Run inside a network namespace of its own: the kernel's firewall against the contract, and against nft's own listing.

unshare --net python -m tests.lab.kernel_firewall       prints "kept: N", or fails with a traceback
"""

import asyncio
import json
import subprocess
import sys
from dataclasses import replace
from ipaddress import IPv4Address

from gateway.access.client import Mac
from gateway.access.session import SessionId
from gateway.clock import SystemClock
from gateway.config.load import parse_config
from gateway.config.model import Config
from gateway.errors import KernelError
from gateway.kernel.loading import load_ruleset
from gateway.kernel.ruleset import ruleset
from gateway.kernel.sets import NftFirewall
from gateway.kernel.shaper import Shaper, wires
from gateway.kernel.treatment import treatments
from gateway.ports import Lease
from tests.contracts import FIREWALL_CONTRACT, PHONE, TABLET, session

_MANY = 5000


def _listed(kind: str, name: str) -> list[object]:
    done = subprocess.run(["nft", "-j", "list", kind, "inet", "cong", name], capture_output=True, text=True, check=True)
    held = next(item[kind] for item in json.loads(done.stdout)["nftables"] if kind in item)
    found: list[object] = held.get("elem", [])
    return found


def _rules() -> str:
    # -s: without counters and the time elements have left
    return subprocess.run(
        ["nft", "-s", "list", "table", "inet", "cong"], capture_output=True, text=True, check=True
    ).stdout


async def _listing_is_whole(firewall: NftFirewall) -> None:
    """What we read is what nft lists, element by element; pyroute2 0.9.7 lost most of 5,000."""
    for number in range(1, _MANY + 1):
        mac = Mac(f"02:00:5e:20:{number >> 8:02x}:{number & 255:02x}")
        await firewall.grant(replace(session(number), mac=mac), 600)
    held = await firewall.read_all()
    assert [granted.session for granted in held] == list(range(1, _MANY + 1))
    assert all(granted.mac and granted.reading for granted in held)
    assert len(_listed("set", "up")) == len(_listed("set", "down")) == len(_listed("map", "sess")) == _MANY
    assert len(_listed("map", "dns_port")) == _MANY
    for granted in held:
        assert granted.mac
        await firewall.cut(granted.session, granted.mac)
        await firewall.remove(granted.session)
    assert await firewall.read_all() == [] and _listed("set", "cut") == []


async def _leases_pass_on(firewall: NftFirewall) -> None:
    """An address that DHCP gives to another device is the other's alone, from one transaction to the next."""
    address = IPv4Address("10.77.0.50")
    for holder in (PHONE, PHONE, TABLET):
        await firewall.set_leases([Lease(holder, address, 0, 600)])
    (element,) = _listed("set", "leased")
    assert TABLET in json.dumps(element) and len(_listed("set", "leased_address")) == 1


async def _a_refused_ruleset_changes_nothing(firewall: NftFirewall) -> None:
    before = _rules()
    try:
        await load_ruleset("table inet cong { chain forward { nonsense } }")
    except KernelError as error:
        assert "nft refused the ruleset" in error.message and error.hint
    else:
        raise AssertionError("nonsense was loaded")
    assert _rules() == before


async def _a_changed_configuration_exchanges_the_closed_networks(firewall: NftFirewall) -> None:
    await firewall.grant(session(7), 600)
    await load_ruleset(ruleset(parse_config('[wan]\nclosed = ["203.0.113.0/24"]\n', where="x")))
    assert "203.0.113.0" in json.dumps(_listed("set", "closed4")) and "192.168" not in json.dumps(
        _listed("set", "closed4")
    )
    assert [granted.session for granted in await firewall.read_all()] == [7]
    await firewall.ensure()
    await firewall.cut(SessionId(7), PHONE)
    await firewall.remove(SessionId(7))


async def _another_time_out_keeps_counters_and_treatment(firewall: NftFirewall) -> None:
    await firewall.grant(session(7), 600)
    moved = "".join(
        f"delete element inet cong {way} {{ 7 }}\nadd element inet cong {way} "
        f"{{ 7 counter packets 9 bytes {count} timeout 600s }}\n"
        for way, count in (("up", 1234), ("down", 5 << 32))
    )
    await load_ruleset(moved)
    for lasts_s in (7200, 300):
        await firewall.last(session(7), lasts_s)
        reading = await firewall.read(SessionId(7))
        assert reading and (reading.up_bytes, reading.down_bytes) == (1234, 5 << 32)
        for kind, name in (("set", "up"), ("set", "down"), ("map", "dns_port"), ("map", "sess")):
            told = json.dumps(_listed(kind, name))
            assert f'"timeout": {lasts_s}' in told, told
        assert _listed("set", "cut") == []
    await firewall.cut(SessionId(7), PHONE)
    await firewall.remove(SessionId(7))


async def _main() -> None:
    firewall = NftFirewall(ruleset(Config()), treatments(Config()), Shaper(wires(Config())), SystemClock())
    await firewall.ensure()
    checks = (
        *FIREWALL_CONTRACT,
        _listing_is_whole,
        _leases_pass_on,
        _another_time_out_keeps_counters_and_treatment,
        _a_refused_ruleset_changes_nothing,
        _a_changed_configuration_exchanges_the_closed_networks,
    )
    for check in checks:
        await check(firewall)
    firewall.close()
    print(f"kept: {len(checks)}")


if __name__ == "__main__":
    sys.exit(asyncio.run(_main()))
