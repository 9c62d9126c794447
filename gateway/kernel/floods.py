"""How much one device may begin at a time (pure): text of rules that first packets alone walk through.

By sender's MAC, before anything is looked up: a device that floods loses its own new connections, never others' and
never those it has. A forged MAC begins anew, but each costs a lookup in a bounded set and nothing more.
"""

NEW_A_SECOND, BURST = 400, 1200
"""A browser with many tabs begins some hundred at once; a scan or a SYN flood thousands a second."""
OPEN_OF_ONE = 4000
"""Of the kernel's table (262,144 entries with 24 GB of memory, 65,536 with 2 GB)."""
PAGES_OF_ONE = 64
"""Connections of one device to the portal's pages at a time: half-open requests cost a descriptor each."""

SETS = (
    "  set new_rate { type ether_addr; flags dynamic,timeout; timeout 1m; size 65536; }",
    "  set open_flows { type ether_addr; flags dynamic; size 65536; }",
    "  set open_pages { type ether_addr; flags dynamic; size 65536; }",
)

NEW = f"""
    # a flood is its sender's alone
    ct state new update @new_rate {{ ether saddr limit rate over {NEW_A_SECOND}/second burst {BURST} packets }} drop
    ct state new add @open_flows {{ ether saddr ct count over {OPEN_OF_ONE} }} drop"""


def pages(ports: str) -> str:
    """Rules for first packets to the portal's pages."""
    return f"""
    ct status dnat tcp dport {{ {ports} }} add @open_pages {{ ether saddr ct count over {PAGES_OF_ONE} }} \
reject with tcp reset"""
