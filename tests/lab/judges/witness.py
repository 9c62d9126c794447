"""Counts the DNS packets that come out of the library, at the ISP's end of the line."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from gateway.lab.driver import Lab

_TABLE = "judge_dns"
_RULES = f"""\
table inet {_TABLE} {{
  counter seen {{ }}
  chain arrivals {{
    type filter hook prerouting priority raw; policy accept;
    # the gateway's own looks at the line: for the root's name servers, shorter than any name there is
    iifname "line0" udp dport 53 udp length 25 accept
    iifname "line0" meta l4proto {{ tcp, udp }} th dport {{ 53, 853 }} counter name seen
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Witness:
    """A counter in the ISP's namespace."""

    lab: Lab

    def packets(self) -> int:
        """How many there were since it was set up, whatever address they were for."""
        text = self.lab.run("isp", ["nft", "-j", "list", "counter", "inet", _TABLE, "seen"]).stdout
        (found,) = [entry["counter"]["packets"] for entry in json.loads(text)["nftables"] if "counter" in entry]
        return int(found)


@contextmanager
def dns_witness(lab: Lab) -> Iterator[Witness]:
    """Count from here on."""
    done = lab.run("isp", ["nft", "-f", "-"], stdin=_RULES)
    assert done.returncode == 0, done.stderr
    try:
        yield Witness(lab)
    finally:
        lab.run("isp", ["nft", "delete", "table", "inet", _TABLE])
