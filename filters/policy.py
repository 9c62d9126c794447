"""What a name's verdict is, and why: pure values, no packet, no clock.

`decide` and `decide_answer` are lists of steps in order of precedence; the first step with an opinion ends the walk.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Protocol

from filters.blockset import Match
from filters.names import is_under
from filters.rules import LocalRules
from filters.settings import Action

TYPE_A, TYPE_AAAA, TYPE_SVCB = 1, 28, 64
Address = IPv4Address | IPv6Address
OWN = "own"
"""The site's own category: its lists and rules hold in every profile, and what they allow is free of all categories."""


class Outcome(StrEnum):
    """What is done with the question."""

    FORWARD = "forward"
    ADDRESSES = "addresses"
    REFUSE = "refuse"
    NXDOMAIN = "nxdomain"
    NODATA = "nodata"


class Step(StrEnum):
    """Which step decided."""

    CANARY = "canary"
    LOCAL_RECORD = "local record"
    SPECIAL_NAME = "special name"
    LOCAL_RULE = "local rule"
    ALLOWLIST = "allowlist"
    CATEGORY = "category"
    ALIAS = "alias"
    REBINDING = "rebinding guard"
    NOTHING = "nothing applies"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome with its why."""

    outcome: Outcome
    step: Step
    why: str
    category: str = ""
    list_name: str = ""
    line: int = 0
    rule: str = ""
    """The name as the rule or list has it."""
    addresses: tuple[str, ...] = ()
    freed: frozenset[str] = frozenset()
    """Categories an allowlist freed the name from; they do not count for its aliases either."""

    @property
    def word(self) -> str:
        """In one word, as commands tell it: allow, block or none."""
        if self.step in (Step.LOCAL_RECORD, Step.ALLOWLIST) or self.allowed_here:
            return "allow"
        return "none" if self.step is Step.NOTHING else "block"

    @property
    def allowed_here(self) -> bool:
        """Was it opened by a rule of the site itself?"""
        return self.step is Step.LOCAL_RULE and self.outcome is Outcome.FORWARD


class Lists(Protocol):
    """Compiled lists, as policy needs them."""

    def matches(self, name: str) -> list[Match]:
        """Every list line that covers the name, the most specific listed name first."""


@dataclass(frozen=True, slots=True)
class View:
    """All that decides, beside the question: one profile's view of lists and rules."""

    categories: frozenset[str]
    lists: Lists
    rules: LocalRules
    records: dict[str, tuple[str, ...]]


NOTHING = Verdict(Outcome.FORWARD, Step.NOTHING, "no rule and no list of this profile covers the name")

_CANARIES = {
    "use-application-dns.net": "Firefox asks it whether it may go round this resolver",
    "mask.icloud.com": "Apple devices ask it whether Private Relay may be used",
    "mask-h2.icloud.com": "Apple devices ask it whether Private Relay may be used",
    "mask-canary.icloud.com": "Apple devices ask it whether Private Relay may be used",
}
_SPECIAL = {
    "local": "names of multicast DNS never leave the link (RFC 6762)",
    "invalid": "never exists (RFC 6761)",
    "test": "never exists in public (RFC 6761)",
    "onion": "Tor's names are not DNS (RFC 7686)",
    "alt": "names outside DNS (RFC 9476)",
    "home.arpa": "names of home networks stay inside (RFC 8375)",
    "internal": "private names stay inside (ICANN 2024)",
}
# RFC 6303 section 4, RFC 6598: reverse names of private and local addresses
_PRIVATE_REVERSE = frozenset(
    ["10.in-addr.arpa", "168.192.in-addr.arpa", "254.169.in-addr.arpa", "127.in-addr.arpa", "0.in-addr.arpa"]
    + ["255.255.255.255.in-addr.arpa", "d.f.ip6.arpa", "c.f.ip6.arpa", "8.e.f.ip6.arpa", "9.e.f.ip6.arpa"]
    + ["a.e.f.ip6.arpa", "b.e.f.ip6.arpa", "0." * 31 + "0.ip6.arpa", "1." + "0." * 31 + "ip6.arpa"]
    + [f"{n}.172.in-addr.arpa" for n in range(16, 32)]
    + [f"{n}.100.in-addr.arpa" for n in range(64, 128)]
)
# Documentation ranges are left out: they lead nowhere, and laboratories use them as the outside.
_PRIVATE_NETWORKS = """
    0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16 ::/127 fc00::/7 fe80::/10
"""
_PRIVATE = tuple(ip_network(text) for text in _PRIVATE_NETWORKS.split())


def decide(name: str, qtype: int, view: View) -> Verdict:
    """The verdict on a question, before anybody is asked."""
    steps: tuple[Callable[[str, int, View], Verdict | None], ...] = (
        _canary,  # 1. before all else: a canary on some list as 0.0.0.0 would be an answer and turn DoH on
        _local_record,  # 2. the portal is reachable whatever lists say, also under home.arpa or internal
        _special_name,  # 3. leaks and harms nobody's rule can wish for: such names never go upstream
        _local_rule,  # 4. the site's own word, allow or block, stands over every list; the longest name wins
        _listed,  # 5. allowlist over category: an exception to the same category, at least as specific
    )
    return next((verdict for step in steps if (verdict := step(name, qtype, view))), NOTHING)


def decide_answer(
    verdict: Verdict, targets: Iterable[str], addresses: Iterable[Address], view: View, qtype: int
) -> Verdict:
    """The verdict once the upstream has answered: aliases first, then where the addresses lead.

    `verdict` is that of the question; what the site itself has opened is not looked at again.
    """
    if verdict.allowed_here:
        return verdict
    for target in targets:  # 6. an alias must not carry a blocked name in (CNAME cloaking)
        found = _local_rule(target, qtype, view)
        if found is None:
            found = _listed(target, qtype, view, verdict.freed)
        if found and found.outcome is Outcome.REFUSE:
            why = f"the name is an alias of {target}: {found.why}"
            return Verdict(Outcome.REFUSE, Step.ALIAS, why, found.category, found.list_name, found.line, found.rule)
    for address in addresses:  # 7. a public name that leads inside attacks the library's own devices
        if is_private(address):
            return Verdict(Outcome.REFUSE, Step.REBINDING, f"a public name led to the private address {address}")
    return verdict


def is_private(address: Address) -> bool:
    """Does the address lead into a private network or to this machine?"""
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address.version == network.version and address in network for network in _PRIVATE)


def _canary(name: str, qtype: int, view: View) -> Verdict | None:
    for canary, why in _CANARIES.items():
        if is_under(name, canary):
            return Verdict(Outcome.NXDOMAIN, Step.CANARY, why, rule=canary)
    if is_under(name, "resolver.arpa"):
        # RFC 9462 section 4: no data is "no encrypted resolver here"; the name is never forwarded (section 6.4)
        return Verdict(Outcome.NODATA, Step.CANARY, "no other resolver is designated (RFC 9462)", rule="resolver.arpa")
    return None


def _local_record(name: str, qtype: int, view: View) -> Verdict | None:
    addresses = view.records.get(name)
    if addresses is None:
        return None
    family = {TYPE_A: ".", TYPE_AAAA: ":"}.get(qtype)
    fitting = tuple(address for address in addresses if family and family in address)
    outcome = Outcome.ADDRESSES if fitting else Outcome.NODATA
    return Verdict(outcome, Step.LOCAL_RECORD, "this box answers the name by itself", rule=name, addresses=fitting)


def _special_name(name: str, qtype: int, view: View) -> Verdict | None:
    if is_under(name, "localhost"):  # RFC 6761 section 6.3
        own = {TYPE_A: ("127.0.0.1",), TYPE_AAAA: ("::1",)}.get(qtype, ())
        outcome = Outcome.ADDRESSES if own else Outcome.NODATA
        return Verdict(outcome, Step.SPECIAL_NAME, "always the asking machine", rule="localhost", addresses=own)
    for special, why in _SPECIAL.items():
        if is_under(name, special):
            return Verdict(Outcome.NXDOMAIN, Step.SPECIAL_NAME, why, rule=special)
    if name.endswith(".arpa"):
        zone = next((zone for zone in _PRIVATE_REVERSE if is_under(name, zone)), None)
        if zone:
            why = "the name of a private address: nobody outside knows it (RFC 6303)"
            return Verdict(Outcome.NXDOMAIN, Step.SPECIAL_NAME, why, rule=zone)
    return None


def _local_rule(name: str, qtype: int, view: View) -> Verdict | None:
    rule = view.rules.match(name)
    if rule is None:
        return None
    outcome = Outcome.REFUSE if rule.action is Action.BLOCK else Outcome.FORWARD
    why = f"this library has set {rule.action} for {rule.name}" + (f": {rule.reason}" if rule.reason else "")
    return Verdict(outcome, Step.LOCAL_RULE, why, category=OWN, rule=rule.name)


def _listed(name: str, qtype: int, view: View, freed: frozenset[str] = frozenset()) -> Verdict | None:
    matches = [
        match
        for match in view.lists.matches(name)
        if match.source.category in view.categories or match.source.category == OWN
    ]
    if not matches:
        return None
    freeing: Match | None = None
    allowed = set(freed)
    for depth in _by_depth(matches):  # the most specific name first, so that soap.soha.vn falls though soha.vn is open
        for match in depth:
            if match.source.action is Action.ALLOW:
                allowed |= view.categories if match.source.category == OWN else {match.source.category}
                freeing = freeing or match
        for match in depth:
            if match.source.action is Action.BLOCK and match.source.category not in allowed:
                return _from_list(Outcome.REFUSE, Step.CATEGORY, match)
    if freeing is None:
        return None
    return _from_list(Outcome.FORWARD, Step.ALLOWLIST, freeing, frozenset(allowed))


def _by_depth(matches: Sequence[Match]) -> Iterable[list[Match]]:
    names = dict.fromkeys(match.listed for match in matches)
    return ([match for match in matches if match.listed == name] for name in names)


def _from_list(outcome: Outcome, step: Step, match: Match, freed: frozenset[str] = frozenset()) -> Verdict:
    source = match.source
    reach = "exactly" if match.exact else "with all below"
    verb = "keeps open" if source.action is Action.ALLOW else "has"
    why = f"list {source.name}, line {match.line}, {verb} {match.listed} ({reach}); category {source.category}"
    return Verdict(outcome, step, why, source.category, source.name, match.line, match.listed, freed=freed)
