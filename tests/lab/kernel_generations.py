"""Run inside a network namespace of its own: of a change of the ruleset only its author is heard, however large it is.

unshare --net python -m tests.lab.kernel_generations       prints "kept: N", or fails with a traceback
"""

import asyncio
import sys
from ipaddress import IPv4Network

from gateway.clock import SystemClock
from gateway.config.model import Config
from gateway.kernel.generations import Generations
from gateway.kernel.ruleset import ruleset
from gateway.kernel.sets import NftFirewall
from gateway.kernel.shaper import Shaper, wires
from gateway.kernel.treatment import treatments
from tests.contracts import session

_MANY = 4_000


async def _our_own_large_change_is_known_as_ours(firewall: NftFirewall, heard: Generations) -> None:
    await firewall.set_resolvers([IPv4Network((0xC6120000 + 2 * n, 32)) for n in range(_MANY)])
    await firewall.grant(session(7), 600)
    authors = heard.read()
    assert len(authors) == 2 and set(authors) <= firewall.own_processes(), authors


async def _a_flush_by_another_is_heard_once(firewall: NftFirewall, heard: Generations) -> None:
    flush = await asyncio.create_subprocess_exec("nft", "flush", "ruleset")
    assert await flush.wait() == 0
    assert heard.read() == [flush.pid]
    await firewall.ensure()
    assert set(heard.read()) <= firewall.own_processes()


async def _main() -> None:
    firewall = NftFirewall(ruleset(Config()), treatments(Config()), Shaper(wires(Config())), SystemClock())
    await firewall.ensure()
    heard = Generations()
    checks = (_our_own_large_change_is_known_as_ours, _a_flush_by_another_is_heard_once)
    for check in checks:
        await check(firewall, heard)
    heard.close()
    firewall.close()
    print(f"kept: {len(checks)}")


if __name__ == "__main__":
    sys.exit(asyncio.run(_main()))
