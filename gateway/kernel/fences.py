"""What no new connection of a client may lead to (pure): text of rules, walked through by the first packets alone.

Packets of established connections never come here: what is refused is never established, so each look-up below costs
once a connection, whatever the number of clients, resolvers and learned addresses.
"""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network

from gateway.config.portal import Portal

LEARNED_S = 1200
"""How long an answered address may be reached; each new connection to it begins the time anew. Above what a client may
keep an answer for (gateway.strict.answers.MOST_TTL_S), so that a kept answer always works."""

# Names as IANA has them, Tailscale 41641, ZeroTier 9993, Warp 2408 (and 500, 1701, 4500 when that fails).
_VPN_UDP = "500, 1194, 1701, 2408, 3544, 4500, 9993, 41641, 51820"
_VPN_TCP = "1194, 1701, 1723"
_VPN_PROTOCOLS = "4, 41, 47, 50, 51, 97, 115"  # IP in IP, IPv6 in IP (6in4), GRE, ESP, AH, Ethernet in IP, L2TPv3

HEADS = ("fresh", "vpn", "strict", "refuse")
SETS = (
    # known resolvers, whatever port they are asked at; filled by gateway.resolvers
    "  set resolvers4 { type ipv4_addr; flags interval; }",
    "  set resolvers6 { type ipv6_addr; flags interval; }",
    # numbers of sessions whose profile refuses VPN ports, has strict mode, has it to look only
    *(f"  set {name} {{ type mark; flags timeout; size 65536; }}" for name in ("no_vpn", "strict", "strict_log")),
    # device and address it was answered; by device, for it asks over one family and connects over both
    *(
        f"  set learned{family} {{ type ether_addr . ipv{family}_addr; flags dynamic,timeout; size 131072; }}"
        for family in (4, 6)
    ),
    # session, with a counter of first packets to addresses it was not answered
    "  set by_address { type mark; flags dynamic,timeout; timeout 1h; size 65536; }",
)


def chains(portal: Portal) -> dict[str, str]:
    """Names of chains and their rules; `fresh` is jumped to with each new connection from the library outwards."""
    return {
        "fresh": f"""
    # the modem's page and other private nets
    ip daddr @closed4 reject with icmpx admin-prohibited
    ip6 daddr @closed6 reject with icmpx admin-prohibited
    # DoT and DoQ, before and after login: refused at once, so that devices fall back to us
    tcp dport 853 reject with tcp reset
    udp dport 853 reject with icmpx port-unreachable
    # DoH and all else of known resolvers, before and after login; a ping of 8.8.8.8 is no question
    meta l4proto {{ tcp, udp }} ip daddr @resolvers4 goto refuse
    meta l4proto {{ tcp, udp }} ip6 daddr @resolvers6 goto refuse
    # the garden's answers lead an admitted client nowhere else; a reset is felt at once, ICMP is rate-limited
    ct mark != 0 ip daddr {portal.synthetic_ipv4} goto refuse
    ct mark != 0 ip6 daddr {portal.synthetic_ipv6} goto refuse
    ct mark @no_vpn jump vpn
    ct mark @strict jump strict""",
        "vpn": f"""
    udp dport {{ {_VPN_UDP} }} goto refuse
    tcp dport {{ {_VPN_TCP} }} goto refuse
    meta l4proto {{ {_VPN_PROTOCOLS} }} goto refuse""",
        "strict": f"""
    ether saddr . ip daddr @learned4 update @learned4 {{ ether saddr . ip daddr timeout {LEARNED_S}s }} return
    ether saddr . ip6 daddr @learned6 update @learned6 {{ ether saddr . ip6 daddr timeout {LEARNED_S}s }} return
    update @by_address {{ ct mark counter }}
    ct mark @strict_log return
    goto refuse""",
        "refuse": """
    meta l4proto tcp reject with tcp reset
    reject with icmpx port-unreachable""",
    }


def resolver_elements(networks: Iterable[IPv4Network | IPv6Network]) -> str:
    """Text for `nft -f` that exchanges the known resolvers for these, in one transaction; none may overlap another."""
    held: dict[int, list[str]] = {4: [], 6: []}
    for network in networks:
        held[network.version].append(str(network))
    lines = [f"flush set inet cong resolvers{family}" for family in held]
    lines += [
        f"add element inet cong resolvers{family} {{ {', '.join(texts)} }}" for family, texts in held.items() if texts
    ]
    return "\n".join(lines) + "\n"
