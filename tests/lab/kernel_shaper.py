"""Run inside a network namespace of its own: classes and queues against tc's own listing, and repaired.

unshare --net python -m tests.lab.kernel_shaper       prints "kept: N", or fails with a traceback
"""

import asyncio
import json
import re
import subprocess
import sys
from dataclasses import replace

from gateway.access.session import Rates, Session, SessionId
from gateway.clock import SystemClock
from gateway.config.load import parse_config
from gateway.kernel.ruleset import ruleset
from gateway.kernel.sets import NftFirewall
from gateway.kernel.shaper import Shaper, wires
from gateway.kernel.treatment import treatments
from tests.contracts import PHONE, TABLET, session

_LINE = '[wan]\nup = "10Mbit"\ndown = "20Mbit"\n'
_RATES = '[login.limits.adult]\nup = "1Mbit"\ndown = "2Mbit"\n'
_MANY = 2000


def _run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _firewall(text: str) -> NftFirewall:
    config = parse_config(text, where="x")
    return NftFirewall(ruleset(config), treatments(config), Shaper(wires(config)), SystemClock())


def _rated(number: int, up: int | None, down: int | None) -> Session:
    plain = session(number, PHONE if number % 2 else TABLET)
    return replace(plain, limits=replace(plain.limits, rates=Rates(up, down)))


def _ceilings(interface: str) -> dict[int, str]:
    """Class -> ceiling, as tc says it."""
    found = re.findall(r"class htb c0:([0-9a-f]+) .*?ceil (\S+)", _run("tc", "class", "show", "dev", interface))
    return {int(minor, 16): ceil for minor, ceil in found}


def _leaves(interface: str) -> int:
    return len(re.findall(r"^qdisc (?:bfifo|fq_codel) ", _run("tc", "qdisc", "show", "dev", interface), re.MULTILINE))


def _map() -> dict[int, str]:
    listed = json.loads(_run("nft", "-j", "list", "map", "inet", "cong", "class"))
    elements = next(item["map"] for item in listed["nftables"] if "map" in item).get("elem", [])
    return {key["elem"]["val"]: value for key, value in elements}


def _is_plain(interface: str) -> bool:
    return "htb" not in _run("tc", "qdisc", "show", "dev", interface)


def _is_looked_up() -> bool:
    return "priority set" in _run("nft", "list", "chain", "inet", "cong", "pace")


async def _end(firewall: NftFirewall, number: int) -> None:
    await firewall.cut(SessionId(number), session(number).mac)
    await firewall.remove(SessionId(number))


async def _without_rates_nothing_is_shaped() -> None:
    firewall = _firewall("")
    await firewall.ensure()
    await firewall.grant(session(7), 600)
    assert _is_plain("lan0") and _is_plain("wan0") and _map() == {}
    assert not _is_looked_up()
    await _end(firewall, 7)
    firewall.close()


async def _a_rate_is_a_class_and_goes_with_its_session() -> None:
    firewall = _firewall(_RATES)
    await firewall.ensure()
    assert _is_plain("lan0") and _is_plain("wan0")
    await firewall.grant(_rated(7, 1000, 2000), 600)
    await firewall.grant(_rated(7, 1000, 2000), 600)
    (minor,) = _ceilings("lan0")
    assert _ceilings("lan0") == {minor: "2Mbit"} and _ceilings("wan0") == {minor: "1Mbit"}
    assert (_leaves("lan0"), _leaves("wan0"), len(_map())) == (1, 1, 1)
    await firewall.grant(_rated(8, None, 3000), 600)  # one way only
    assert sorted(_ceilings("lan0").values()) == ["2Mbit", "3Mbit"] and len(_ceilings("wan0")) == 1
    await _end(firewall, 7)
    await _end(firewall, 8)
    assert _ceilings("lan0") == _ceilings("wan0") == {} and _map() == {}
    await firewall.ensure()
    assert _is_plain("lan0") and _is_plain("wan0")
    firewall.close()


async def _rates_change_in_a_running_session() -> None:
    firewall = _firewall(_RATES)
    await firewall.ensure()
    await firewall.grant(_rated(7, 1000, 2000), 600)
    (before,) = _map().values()
    await firewall.treat_anew({_rated(7, 500, 4000): 600})
    assert list(_ceilings("lan0").values()) == ["4Mbit"] and list(_ceilings("wan0").values()) == ["500Kbit"]
    assert list(_map().values()) == [before]
    await firewall.treat_anew({_rated(7, None, 4000): 600})
    assert list(_ceilings("lan0").values()) == ["4Mbit"] and _ceilings("wan0") == {}
    await firewall.treat_anew({_rated(7, None, None): 600})
    assert _ceilings("lan0") == {} and _map() == {}
    await firewall.treat_anew({_rated(7, 1000, None): 600})
    assert _ceilings("lan0") == {} and list(_ceilings("wan0").values()) == ["1Mbit"] and len(_map()) == 1
    await _end(firewall, 7)
    firewall.close()


async def _what_another_takes_away_is_repaired() -> None:
    firewall = _firewall(_LINE)
    await firewall.ensure()
    standing = {_rated(7, None, None): 600, _rated(8, 1000, 30_000): 600}
    for each in standing:
        await firewall.grant(each, 600)
    whole = {way: sorted(_ceilings(way).values()) for way in ("lan0", "wan0")}
    assert whole == {"lan0": ["19Mbit", "19Mbit", "19Mbit"], "wan0": ["1Mbit", "9500Kbit", "9500Kbit"]}
    minor = int(next(iter(_map().values())).split(":")[1], 16)
    for foreign in (
        ("tc", "qdisc", "del", "dev", "lan0", "root"),
        ("tc", "qdisc", "replace", "dev", "wan0", "root", "handle", "7:", "pfifo"),
        ("tc", "class", "del", "dev", "lan0", "classid", f"c0:{minor:x}"),
        ("tc", "qdisc", "del", "dev", "wan0", "parent", f"c0:{minor:x}"),
        ("nft", "flush", "map", "inet", "cong", "class"),
    ):
        _run(*foreign)
        await firewall.ensure()
        await firewall.treat_anew(standing)
        assert {way: sorted(_ceilings(way).values()) for way in ("lan0", "wan0")} == whole, foreign
        assert (_leaves("lan0"), _leaves("wan0"), len(_map())) == (2, 2, 2), foreign
    firewall.close()


async def _a_new_daemon_takes_up_what_stands() -> None:
    """After a kill: the same classes; what is nobody's goes; a changed line gives all of them other rates."""
    before = _map()
    again = _firewall(_LINE)
    await again.ensure()
    _run("tc", "class", "add", "dev", "lan0", "parent", "c0:1", "classid", "c0:ff", "htb", "rate", "1mbit")
    await again.ensure()
    standing = {_rated(7, None, None): 600, _rated(8, 1000, 30_000): 600}
    await again.treat_anew(standing)
    assert _map() == before and len(_ceilings("lan0")) == 3
    again.close()
    faster = _firewall(_LINE.replace('"20Mbit"', '"40Mbit"'))
    await faster.ensure()
    await faster.treat_anew(standing)
    assert sorted(_ceilings("lan0").values()) == ["30Mbit", "38Mbit", "38Mbit"] and _map() == before
    faster.close()
    unshared = _firewall(_RATES)
    await unshared.ensure()
    await unshared.treat_anew(standing)
    plain = _firewall("")  # a configuration without any rate: who has one keeps it until the session's end
    await plain.ensure()
    assert _is_looked_up() and list(_ceilings("lan0").values()) == ["30Mbit"]
    plain.close()
    assert list(_ceilings("lan0").values()) == ["30Mbit"] and list(_ceilings("wan0").values()) == ["1Mbit"]
    for number in (7, 8):
        await _end(unshared, number)
    await unshared.ensure()
    assert _is_plain("lan0") and _is_plain("wan0")
    plain = _firewall("")
    await plain.ensure()
    assert not _is_looked_up()
    plain.close()
    unshared.close()


async def _class_numbers_are_used_again() -> None:
    """Session numbers only grow, class numbers have 16 bits."""
    shaper = Shaper(wires(parse_config(_LINE, where="x")))
    shaper.take_up({})
    numbers = [shaper.shape(0xFFF0 * 3 + n, Rates()) for n in range(_MANY)]
    assert len(set(numbers)) == _MANY == len(_ceilings("lan0")) - 1 == _leaves("wan0")
    assert all(number is not None and 2 <= number & 0xFFFF <= 0xFFFE for number in numbers)
    one, other = 0xFFF0 * 3, 0xFFF0 * 3 + 0xFFFD  # would have the same
    assert shaper.shape(other, Rates()) not in numbers
    shaper.release(one)
    assert shaper.shape(0xFFFD * 9 + one, Rates()) == numbers[0]
    shaper.take_up({})
    assert len(_ceilings("lan0")) == len(_ceilings("wan0")) == 1
    shaper.close()


async def _main() -> None:
    for name in ("lan0", "wan0"):
        _run("ip", "link", "add", name, "type", "veth", "peer", "name", f"{name}p")
        _run("ip", "link", "set", name, "up")
        _run("ip", "link", "set", f"{name}p", "up")
    checks = (
        _without_rates_nothing_is_shaped,
        _a_rate_is_a_class_and_goes_with_its_session,
        _rates_change_in_a_running_session,
        _what_another_takes_away_is_repaired,
        _a_new_daemon_takes_up_what_stands,
        _class_numbers_are_used_again,
    )
    for check in checks:
        await check()
    print(f"kept: {len(checks)}")


if __name__ == "__main__":
    sys.exit(asyncio.run(_main()))
