"""An independent witness of what crosses the gateway: a table of its own, behind ours, counting whole IP packets."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.lab.driver import Lab

_TABLE = """
table inet witness {
  counter up {}
  counter down {}
  chain crossing {
    type filter hook forward priority 10; policy accept;
    iifname "lan0" oifname "wan0" counter name up
    iifname "wan0" oifname "lan0" counter name down
  }
}
"""


@contextmanager
def witness(lab: Lab) -> Iterator[None]:
    """Count from here on; only packets that our table let pass get to the witness."""
    added = lab.run("gw", ["nft", "-f", "-"], stdin=_TABLE)
    assert added.returncode == 0, added.stderr
    try:
        yield
    finally:
        lab.run("gw", ["nft", "delete", "table", "inet", "witness"])


def crossed(lab: Lab) -> tuple[int, int]:
    """Bytes up and down since the witness came."""
    listed = json.loads(lab.run("gw", ["nft", "-j", "list", "counters", "table", "inet", "witness"]).stdout)
    counts = {item["counter"]["name"]: item["counter"]["bytes"] for item in listed["nftables"] if "counter" in item}
    return counts["up"], counts["down"]


def ledger_sum(lab: Lab, since: int) -> tuple[int, int]:
    """The ledger's sum over all sessions after number `since`."""
    sums = "SELECT coalesce(sum(up_bytes), 0), coalesce(sum(down_bytes), 0) FROM usage WHERE session_id > ?"
    ((up, down),) = lab.sql(sums, (since,))
    return up, down


def last_session(lab: Lab) -> int:
    """The highest session number so far."""
    ((number,),) = lab.sql("SELECT coalesce(max(id), 0) FROM sessions")
    return int(number)
