"""What stands behind the $ of an adblock rule -> the conditions and the answer it means for DNS.

In: "important,dnstype=A|~AAAA". Out: Modifiers; NotForDnsError for what only a browser can know ($third-party, $script,
$domain): a rule without its condition would block more than its author meant.
Source: AdGuard's "DNS filtering rules syntax".
"""

import re
from dataclasses import dataclass
from ipaddress import ip_address

from filters.formats.records import record, type_number
from filters.names import BadNameError, normal_form
from filters.special import Rewrite

_RCODES = {"NOERROR": 0, "FORMERR": 1, "SERVFAIL": 2, "NXDOMAIN": 3, "NOTIMP": 4, "NOTIMPL": 4, "REFUSED": 5}
_COMMA = re.compile(r"(?<!\\),")
_BAR = re.compile(r"(?<!\\)\|")
_ESCAPED = re.compile(r"\\(.)")


class NotForDnsError(ValueError):
    """A rule that is not used; its text is one of a few reasons that counts are kept by."""


@dataclass(slots=True)
class Modifiers:
    """Conditions of a rule, as filters.special.Special has them."""

    important: bool = False
    cancels: bool = False
    """$badfilter."""
    types: frozenset[int] = frozenset()
    not_types: frozenset[int] = frozenset()
    clients: tuple[str, ...] = ()
    not_clients: tuple[str, ...] = ()
    tags: frozenset[str] = frozenset()
    not_tags: frozenset[str] = frozenset()
    except_under: tuple[str, ...] = ()
    rewrite: Rewrite | None = None
    rewrites: bool = False
    """$dnsrewrite was said, with or without a value."""


def modifiers(text: str) -> Modifiers:
    """All modifiers of a rule; "" has none."""
    said = Modifiers()
    for word in _COMMA.split(text) if text else ():
        key, _, value = word.strip().partition("=")
        try:
            _take(said, key.lower(), value)
        except NotForDnsError:
            raise
        except (ValueError, BadNameError):  # a bad name, address, number or type
            raise NotForDnsError(f"adblock-bad-{key.lower()}") from None
    return said


def _take(said: Modifiers, key: str, value: str) -> None:
    if key == "important":
        said.important = True
    elif key == "badfilter":
        said.cancels = True
    elif key == "dnstype":
        yes, no = _parted(value)
        said.types, said.not_types = frozenset(map(type_number, yes)), frozenset(map(type_number, no))
    elif key == "client":
        said.clients, said.not_clients = _parted(value)
    elif key == "ctag":
        yes, no = _parted(value)
        said.tags, said.not_tags = frozenset(yes), frozenset(no)
    elif key == "denyallow":
        said.except_under = tuple(map(normal_form, value.split("|")))
    elif key == "dnsrewrite":
        said.rewrites, said.rewrite = True, _rewrite(value) if value else None
    elif key != "all":  # "all": every kind of request, which is what a name is
        raise NotForDnsError("adblock-modifier")


def _parted(value: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is asked for, and what is excluded by a tilde."""
    yes: list[str] = []
    no: list[str] = []
    for word in _BAR.split(value):
        bare = word.strip().removeprefix("~")
        if len(bare) > 1 and bare[0] == bare[-1] and bare[0] in "'\"":
            bare = bare[1:-1]
        if not bare:
            raise ValueError("an empty condition holds for nobody")
        (no if word.strip().startswith("~") else yes).append(_ESCAPED.sub(r"\1", bare))
    return tuple(yes), tuple(no)


def _rewrite(value: str) -> Rewrite:
    """The forms of $dnsrewrite: a code, an address, a name, or CODE;TYPE;VALUE."""
    if ";" in value:
        code, rtype, rest = (*value.split(";", 2), "")[:3]
        rcode = _RCODES.get(code.upper())
        if rcode is None:
            raise ValueError("no response code")
        if rcode or not rtype:
            return Rewrite(rcode=rcode)
        if rtype.upper() == "CNAME":
            return Rewrite(target=normal_form(rest))
        words = [rest] if rtype.upper() == "TXT" else rest.split()
        return Rewrite(records=(record(rtype, words),))
    if value.upper() in _RCODES:
        return Rewrite(rcode=_RCODES[value.upper()])
    try:
        address = ip_address(value)
    except ValueError:
        return Rewrite(target=normal_form(value))
    return Rewrite(records=((1 if address.version == 4 else 28, address.packed),))
