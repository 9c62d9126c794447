"""Lines of dnsmasq's configuration that say something of names: address=, local=, server= (its manual, "-A" and "-S").

In: one line. Out: an Entry (the name and all below) where it says "no address" or one that leads nowhere; a Special
where it gives an address of its own, or keeps a name on its usual way (`server=/d/#`). Everything else of a
configuration is counted.
"""

import re
from ipaddress import ip_address

from filters.formats.entry import SHOWN_RULE, Format, Reading
from filters.settings import Action
from filters.special import Reach, Rewrite, Special

LINE = re.compile(r"(address|local|server|[a-z][a-z0-9-]+)=(.*)")
_RULE = re.compile(r"/(.+)/([^/]*)")
_USUAL_WAY = "#"
"""As a server: the one all other names are asked of. As an address: none."""
_NOWHERE = frozenset({"", "#", "0.0.0.0", "::", "127.0.0.1", "::1"})


def read_option(line: str, number: int, reading: Reading) -> None:
    """Read one line that fits LINE."""
    option, _, value = line.partition("=")
    rule = _RULE.fullmatch(value.strip())
    if option not in ("address", "local", "server") or rule is None:
        reading.reject("dnsmasq-option", number, line)
        return
    names, target = rule[1].split("/"), rule[2]
    if option != "address" and target == _USUAL_WAY:
        _keep_open(names, line, number, reading)
        return
    if option != "address" and target not in _NOWHERE:
        reading.reject("dnsmasq-forwarding", number, line)
        return
    try:
        address = None if target in _NOWHERE else ip_address(target)
    except ValueError:
        reading.reject("dnsmasq-bad-address", number, line)
        return
    if address and len(names) > 1:
        reading.reject("dnsmasq-several-names", number, line)  # one rule a line: so that the line tells the rule
        return
    for word in names:
        reach = Reach.BELOW if word.startswith("*.") else Reach.TREE
        if address is None:
            reading.take(word.removeprefix("*.").removeprefix("."), number, reach, Format.DNSMASQ)
        elif name := reading.name(word.removeprefix("*.").removeprefix("."), number):
            rewrite = Rewrite(records=((1 if address.version == 4 else 28, address.packed),))
            reading.add(Special(number, line[:SHOWN_RULE], name, reach, rewrite=rewrite), Format.DNSMASQ)


def _keep_open(names: list[str], line: str, number: int, reading: Reading) -> None:
    """An exception from what another line says of a name above: the longest name decides, here as there."""
    if len(names) > 1:
        reading.reject("dnsmasq-several-names", number, line)
    elif name := reading.name(names[0].removeprefix("*.").removeprefix("."), number):
        reach = Reach.BELOW if names[0].startswith("*.") else Reach.TREE
        reading.add(Special(number, line[:SHOWN_RULE], name, reach, action=Action.ALLOW), Format.DNSMASQ)
