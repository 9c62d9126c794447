"""What is open before login (pure): text of rules for addresses that names of the walled garden were answered with.

Both ways are looked up packet by packet, so that an address is closed the moment its element runs out; a connection
that still stands then is reset, and a browser that begins a new one asks for the name again.
"""

from gateway.config.garden import WalledGarden

HEADS = ("garden", "garden_back")

TO_BOX = """# sites that are open before login are not led to the portal
    ct mark 0 tcp dport 80 ip daddr @garden4 accept
    ct mark 0 tcp dport 80 ip6 daddr @garden6 accept"""


def chains(walled: WalledGarden) -> dict[str, str]:
    """`garden`: from captive clients; `garden_back`: to them. Without names nothing jumps there."""
    if not walled.names:
        return dict.fromkeys(HEADS, "")
    ports = "{ 80, 443 }"
    up = [f"tcp dport {ports} ip daddr @garden4", f"tcp dport {ports} ip6 daddr @garden6"]
    down = [f"tcp sport {ports} ip saddr @garden4", f"tcp sport {ports} ip6 saddr @garden6"]
    if walled.quic:
        up += ["udp dport 443 ip daddr @garden4", "udp dport 443 ip6 daddr @garden6"]
        down += ["udp sport 443 ip saddr @garden4", "udp sport 443 ip6 saddr @garden6"]
    return {
        "garden": "\n".join(
            (
                *(f"{rule} counter name garden_up accept" for rule in up),
                # nothing else of a captive client is ever established: its site has closed meanwhile
                "ct state established meta l4proto tcp reject with tcp reset",
            )
        ),
        "garden_back": "\n".join(
            (
                *(f"ct state established {rule} counter name garden_down accept" for rule in down),
                # "packet too big" and the like, from routers on the way
                "ct state related meta l4proto { icmp, ipv6-icmp } accept",
            )
        ),
    }
