"""Config -> the text of the nftables ruleset (pure). One table, both families, default drop.

The text may be loaded over itself at any time: sets and maps are declared again (their elements and counters stay),
chains are flushed and filled in the same transaction, so no packet meets a half-made ruleset. Per packet the work is
a fixed number of set look-ups, whatever the number of clients. ARCHITECTURE.md, "The data plane", says what each set
holds.
"""

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from gateway.config.model import Config
from gateway.kernel import fences, floods, garden

TABLE = "cong"
_CLAIM_LIFE = "10m"
_CLAIMS_A_MINUTE = 60  # a device forms a handful of addresses; a flood would fill the sets


def ruleset(config: Config) -> str:
    """The whole ruleset for `nft -f`; a pure function of the configuration."""
    heads = "\n".join(f"  chain {name} {{ {head} }}" for name, head in _HEADS.items())
    flushed = "\n".join(
        (
            *(f"flush set inet {TABLE} {name}" for name in _CONSTANT_SETS),
            *(f"flush chain inet {TABLE} {name}" for name in _HEADS),
        )
    )
    rules = "\n".join(_chain(name, text) for name, text in _chains(config).items())
    filled = f"{_constant_sets(config)}\n{rules}"
    return f"table inet {TABLE} {{\n{_SETS}\n{heads}\n}}\n{flushed}\ntable inet {TABLE} {{\n{filled}\n}}\n"


_HEADS = {
    # the base chains' hooks and policies; the others are jumped to
    "mark_client": "type filter hook prerouting priority mangle; policy accept;",
    "guard": "",
    "to_box": "type nat hook prerouting priority dstnat; policy accept;",
    "forward": "type filter hook forward priority filter; policy drop;",
    "carried": "type filter hook forward priority filter + 10; policy accept;",
    "upward": "",
    **dict.fromkeys(fences.HEADS, ""),
    "pace": "",
    "captive": "",
    **dict.fromkeys(garden.HEADS, ""),
    "input": "type filter hook input priority filter; policy drop;",
    "input_lan": "",
    "hide": "type nat hook postrouting priority srcnat; policy accept;",
}


_PACE = "meta priority set ct mark map @class"
KEEP_PACE = f"flush chain inet {TABLE} pace\nadd rule inet {TABLE} pace {_PACE}\n"
"""To be loaded with a ruleset whose configuration knows no rates, while sessions that have one are not over."""
_CONSTANT_SETS = {"closed4": "ipv4_addr", "closed6": "ipv6_addr"}
_SETS = "\n".join(
    (
        "  map sess { type ether_addr : mark; flags timeout; size 65536; }",
        "  set up { type mark; flags timeout; counter; size 65536; }",
        "  set down { type mark; flags timeout; counter; size 65536; }",
        "  set cut { type mark; flags timeout; size 65536; }",
        "  map class { type mark : classid; flags timeout; size 65536; }",
        "  map dns_port { type mark : inet_service; flags timeout; size 65536; }",
        "  map unmask4 { type mark . ipv4_addr : ipv4_addr; flags timeout; size 65536; }",
        "  map unmask6 { type mark . ipv6_addr : ipv6_addr; flags timeout; size 65536; }",
        # where names of the walled garden lead, open before login (gateway.kernel.wall); its bytes are no session's
        "  set garden4 { type ipv4_addr; flags timeout; size 4096; }",
        "  set garden6 { type ipv6_addr; flags timeout; size 4096; }",
        "  counter garden_up { }",
        "  counter garden_down { }",
        # all that passes, of whatever session: the sessions' sum is held against it (gateway.kernel.carried)
        "  counter carried_up { }",
        "  counter carried_down { }",
        "  set leased { type ether_addr . ipv4_addr; flags timeout; size 65536; }",
        "  set leased_address { type ipv4_addr; flags timeout; size 65536; }",
        *(
            f"  set {name} {{ type {kind}; flags dynamic,timeout; timeout {life}; size {size}; }}"
            for name, kind, life, size in (
                ("bound4", "ether_addr . ipv4_addr", _CLAIM_LIFE, 65536),
                ("claimed4", "ipv4_addr", _CLAIM_LIFE, 65536),
                ("bound6", "ether_addr . ipv6_addr", _CLAIM_LIFE, 65536),
                ("claimed6", "ipv6_addr", _CLAIM_LIFE, 65536),
                ("contested4", "ether_addr . ipv4_addr", "1h", 4096),
                ("contested6", "ether_addr . ipv6_addr", "1h", 4096),
                ("claim_rate", "ether_addr", "5m", 65536),
            )
        ),
        *(f"  set {name} {{ type {kind}; flags interval; auto-merge; }}" for name, kind in _CONSTANT_SETS.items()),
        *fences.SETS,
        *floods.SETS,
    )
)


def _chains(config: Config) -> dict[str, str]:
    return {**_identity(config), **_redirects(config), **_forwarding(config), **_box(config)}


def _identity(config: Config) -> dict[str, str]:
    """Whose packet it is."""
    lan = f'"{config.lan.interface}"'
    return {
        "mark_client": f"""
    iifname != {lan} return
    # nobody out there speaks with one of the box's own addresses
    fib saddr type local drop{floods.NEW}
    # identity: a new connection belongs to the session of the device that sent it
    ct state new ct mark set ether saddr map @sess
    # captive clients are not forwarded at all: only senders of marked packets need the guard
    ct mark != 0 jump guard""",
        "guard": f"""
    ether saddr . ip saddr @leased return
    ip saddr @leased_address add @contested4 {{ ether saddr . ip saddr }} drop
    ct state new ether saddr . ip saddr @bound4 update @bound4 {{ ether saddr . ip saddr }} \
update @claimed4 {{ ip saddr }} return
    ether saddr . ip saddr @bound4 return
    ip saddr @claimed4 add @contested4 {{ ether saddr . ip saddr }} drop
    ip6 saddr fe80::/10 return
    ct state new ether saddr . ip6 saddr @bound6 update @bound6 {{ ether saddr . ip6 saddr }} \
update @claimed6 {{ ip6 saddr }} return
    ether saddr . ip6 saddr @bound6 return
    ip6 saddr @claimed6 add @contested6 {{ ether saddr . ip6 saddr }} drop
    # a new address: the device that uses it first has it, but not thousands of them
    update @claim_rate {{ ether saddr limit rate over {_CLAIMS_A_MINUTE}/minute burst {_CLAIMS_A_MINUTE} packets }} drop
    meta nfproto ipv4 add @bound4 {{ ether saddr . ip saddr }} add @claimed4 {{ ip saddr }} return
    meta nfproto ipv6 add @bound6 {{ ether saddr . ip6 saddr }} add @claimed6 {{ ip6 saddr }} return
    drop""",
    }


def _redirects(config: Config) -> dict[str, str]:
    """What is led to the box whatever address it was sent to."""
    lan, portal = f'"{config.lan.interface}"', config.portal
    walled = portal.garden.names
    return {
        "to_box": f"""
    iifname != {lan} return
    # every question goes to the profile's workers, or to the garden; whatever resolver was typed in
    meta l4proto {{ tcp, udp }} th dport 53 redirect to :ct mark map @dns_port
    meta l4proto {{ tcp, udp }} th dport 53 redirect to :{portal.garden_port}
    tcp dport 80 fib daddr type local redirect to :{portal.port}
    {f"tcp dport 443 fib daddr type local redirect to :{portal.tls_port}" if portal.certificate else ""}
    # a refused name leads here where its profile says "page"; 443 there is reset with the synthetic addresses, below
    {_to_page(config)}
    # what a just admitted client still has in its cache from the garden leads where it wanted (flows/unmask)
    ct mark != 0 dnat ip to ct mark . ip daddr map @unmask4
    ct mark != 0 dnat ip6 to ct mark . ip6 daddr map @unmask6
    {garden.TO_BOX if walled else ""}
    # redirected, never rejected: a refused port 80 hides the portal from NetworkManager
    ct mark 0 tcp dport 80 redirect to :{portal.redirect_port}
    # and back to the portal where that is not known
    ip daddr {portal.synthetic_ipv4} tcp dport 80 redirect to :{portal.redirect_port}
    ip6 daddr {portal.synthetic_ipv6} tcp dport 80 redirect to :{portal.redirect_port}""",
    }


def _to_page(config: Config) -> str:
    family, port = {4: "ip", 6: "ip6"}, config.portal.page_port
    return "\n".join(
        f"ct mark != 0 {family[ip_address(page).version]} daddr {page} tcp dport 80 redirect to :{port}"
        for page in config.page_addresses
    )


def _forwarding(config: Config) -> dict[str, str]:
    """Who may pass, and what nobody may."""
    lan, wan, portal = f'"{config.lan.interface}"', f'"{config.wan.interface}"', config.portal
    return {
        **fences.chains(portal),
        "forward": f"""
    ct mark @cut drop
    iifname {lan} oifname {wan} jump upward
    iifname {wan} oifname {lan} jump pace
    iifname {wan} oifname {lan} ct state established,related ct mark @down accept
    {f"iifname {wan} oifname {lan} jump garden_back" if portal.garden.names else ""}
    {"" if config.lan.isolate else f"iifname {lan} oifname {lan} ct mark != 0 accept"}
    iifname {lan} reject with icmpx admin-prohibited""",
        # only what all chains before let pass gets here, and nothing here knows of sessions
        "carried": f"""
    iifname {lan} oifname {wan} counter name carried_up
    iifname {wan} oifname {lan} counter name carried_down""",
        "upward": f"""
    ip saddr != {config.lan.ipv4.network} drop
    {f"ip6 saddr != {config.lan.ipv6.network} drop" if config.lan.ipv6 else "meta nfproto ipv6 drop"}
    ct state new jump fresh
    jump pace
    ct mark @up accept
    jump captive""",
        # of forwarded packets alone: what the box itself says to a client does not come over the line
        "pace": _PACE if config.may_shape else "",
        **garden.chains(portal.garden),
        "captive": f"""
    {"jump garden" if portal.garden.names else ""}
    # flows of a session that has ended
    ct mark != 0 meta l4proto tcp reject with tcp reset
    tcp dport 443 {"drop" if portal.https_before_login == "drop" else "reject with tcp reset"}
    udp dport 443 reject with icmpx port-unreachable
    reject with icmpx admin-prohibited""",
    }


def _box(config: Config) -> dict[str, str]:
    """What the box itself answers."""
    lan, wan, portal = f'"{config.lan.interface}"', f'"{config.wan.interface}"', config.portal
    pages = f"{portal.port}, {portal.page_port}, {portal.redirect_port}" + (
        f", {portal.tls_port}" if portal.certificate else ""
    )
    ports = {portal.garden_port, *(port for x in config.dns.profiles.values() for port in (x.port, x.question_port))}
    resolvers = ", ".join(str(port) for port in sorted(ports))
    return {
        "input": f"""
    iifname "lo" accept
    ct state established,related accept
    {_desk(config)}
    iifname {lan} jump input_lan
    iifname {wan} icmpv6 type {{ nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert }} ip6 hoplimit 255 accept
    iifname {wan} udp sport 67 udp dport 68 accept
    iifname {wan} ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept
    {_orders(config)}
    iifname {wan} meta l4proto {{ icmp, ipv6-icmp }} limit rate 20/second accept""",
        "input_lan": f"""
    udp sport 68 udp dport 67 accept
    ip6 saddr fe80::/10 udp sport 546 udp dport 547 accept
    icmpv6 type {{ nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit }} ip6 hoplimit 255 accept
    icmpv6 type {{ mld-listener-report, mld2-listener-report, mld-listener-done }} accept
    icmp type echo-request limit rate 100/second accept
    icmpv6 type echo-request limit rate 100/second accept
    # only what the redirects above led here; the ports themselves are not open
    ct status dnat meta l4proto {{ tcp, udp }} th dport {{ {resolvers} }} accept
    {floods.pages(pages)}
    ct status dnat tcp dport {{ {pages} }} accept
    meta l4proto tcp reject with tcp reset
    reject with icmpx port-unreachable""",
        "hide": f"oifname {wan} meta nfproto ipv4 masquerade" if config.wan.masquerade else "",
    }


def _desk(config: Config) -> str:
    """Staff alone reach their pages: by an interface of theirs, or as a device that is named."""
    desk, lan = config.desk, config.lan.interface
    ways = [f'iifname "{name}" tcp dport {desk.port} accept' for name in desk.interfaces]
    ways += [f'iifname "{name}" meta l4proto {{ icmp, ipv6-icmp }} accept' for name in desk.interfaces]
    if desk.devices:
        ways.append(f'iifname "{lan}" ether saddr {{ {", ".join(desk.devices)} }} tcp dport {desk.port} accept')
    return "\n".join(ways)


def _orders(config: Config) -> str:
    """Account servers may end sessions (RFC 5176); nobody else reaches that port."""
    radius, wan = config.login.radius, config.wan.interface
    if "radius" not in config.login.methods or not radius.orders_port:
        return ""
    family = {4: "ip", 6: "ip6"}
    return "\n".join(
        f'iifname "{wan}" {family[ip_address(server.address).version]} saddr {server.address} '
        f"udp dport {radius.orders_port} accept"
        for server in radius.servers
    )


def _constant_sets(config: Config) -> str:
    networks = [ip_network(text) for text in config.wan.closed]
    of_set = {
        "closed4": [str(n) for n in networks if isinstance(n, IPv4Network)],
        "closed6": [str(n) for n in networks if isinstance(n, IPv6Network)],
    }
    return "\n".join(
        f"  set {name} {{ type {kind}; flags interval; auto-merge; elements = {{ {', '.join(held)} }}; }}"
        for name, kind in _CONSTANT_SETS.items()
        if (held := of_set[name])
    )


def _chain(name: str, rules: str) -> str:
    lines = [line for line in rules.splitlines() if line.strip()]
    return "\n".join((f"  chain {name} {{", *(f"    {line.strip()}" for line in lines), "  }"))
