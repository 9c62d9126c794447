"""What is open before login (pure): text of rules for addresses that names of the walled garden were answered with.

A new connection is looked up in the sets; it is marked, and goes on when its address has run out: a long download is
not cut. Only a packet that was let in here can have the mark, so nothing that was established while another program
had emptied the firewall passes.
"""

from gateway.config.garden import WalledGarden

HEADS = ("garden", "garden_back")
OPEN_MARK = 0xFFFFFFFF
"""Of connections that are of no session; sessions are numbered from 1, and never get there."""

TO_BOX = """# sites that are open before login are not led to the portal
    ct mark 0 tcp dport 80 ip daddr @garden4 accept
    ct mark 0 tcp dport 80 ip6 daddr @garden6 accept"""


def chains(walled: WalledGarden) -> dict[str, str]:
    """`garden`: from captive clients; `garden_back`: to them. Without names nothing jumps there."""
    if not walled.names:
        return dict.fromkeys(HEADS, "")
    wanted = ["tcp dport { 80, 443 } ip daddr @garden4", "tcp dport { 80, 443 } ip6 daddr @garden6"]
    wanted += ["udp dport 443 ip daddr @garden4", "udp dport 443 ip6 daddr @garden6"] if walled.quic else []
    return {
        "garden": "\n".join(
            (
                f"ct mark {OPEN_MARK:#x} counter name garden_up accept",
                *(f"ct state new {rule} ct mark set {OPEN_MARK:#x} counter name garden_up accept" for rule in wanted),
            )
        ),
        "garden_back": f"ct state established,related ct mark {OPEN_MARK:#x} counter name garden_down accept",
    }
