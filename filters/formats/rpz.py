"""Response policy zones (draft-vixie-dnsop-dns-rpz) -> what they say of names asked for.

In: lines of a zone file (RFC 1035 section 5.1), one after another; where the reader stands is in Reading.zone.
Out: an Entry for `CNAME .` (it blocks; how, the profile says), a Special for every other action. Triggers on addresses
and name servers are counted: they need what is known only after resolving, and a filter by names does not go there.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from filters.formats.adblock import EVERY_NAME
from filters.formats.entry import SHOWN_RULE, Entry, Format, Reading, Zone
from filters.formats.records import TYPES, record
from filters.names import BadNameError, is_under, normal_form, suffixes
from filters.settings import Action
from filters.special import Reach, Rewrite, Special

_TYPES = "|".join(TYPES)
LINE = re.compile(
    rf"\$(?:ORIGIN|TTL|INCLUDE)\s|\S*\s+(?:\d+[smhdw]?\s+)?(?:IN\s+)?(?:\d+[smhdw]?\s+)?(?:{_TYPES})\s", re.IGNORECASE
)
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([();])|([^\s();"]+)')
_TTL_OR_CLASS = re.compile(r"\d+[smhdw]?|IN", re.IGNORECASE)
_OTHER_TRIGGERS = ("rpz-ip", "rpz-client-ip", "rpz-nsip", "rpz-nsdname")
_ACTIONS = {
    "rpz-drop.": Rewrite(drop=True),
    "rpz-tcp-only.": Rewrite(tcp_only=True),
    "*.": Rewrite(),
}


def read_zone_line(text: str, number: int, reading: Reading) -> None:
    """Read one line that fits LINE, or that stands in an open parenthesis."""
    zone = reading.zone = reading.zone or Zone()
    went_on = zone.open
    words = _words(text, zone)
    if went_on or not words:
        return  # the rest of SOA
    try:
        if words[0].startswith("$"):
            _directive(words, number, reading)
            return
        if not text[0].isspace():
            zone.owner = _absolute(words.pop(0), zone)
        while words and _TTL_OR_CLASS.fullmatch(words[0]):
            del words[0]
        rtype, *data = words
    except BadNameError as bad:
        reading.reject(bad.reason, number, text)
        return
    except (ValueError, IndexError):
        reading.reject("rpz-bad-line", number, text)
        return
    if rtype.upper() == "SOA":
        zone.apex = zone.owner
    elif zone.owner != zone.apex or not zone.apex:
        _read_trigger(rtype.upper(), data, (number, text.strip()), reading, zone)


def settle(reading: Reading) -> None:
    """At a list's end: a name of the zone hides the wildcard above it from what lies below (RFC 4592 section 3.3.1).

    Where both only block, the wildcard stays in force: whoever lists a name twice does not mean to open names.
    """
    if reading.zone is None or not reading.specials:
        return
    blocks = {(each.name, each.reach): True for each in reading.entries}
    blocks |= {(each.name, each.reach): False for each in reading.specials if each.name}
    hiding = {name for (name, reach), plain in blocks.items() if reach is Reach.EXACT and _hides(name, plain, blocks)}
    reading.specials = [
        replace(each, reach=Reach.TREE, shadows=True) if each.name in hiding and each.reach is Reach.EXACT else each
        for each in reading.specials
    ]
    reading.specials += [
        Special(each.line, f"{each.name} CNAME .", each.name, Reach.BELOW, shadows=True)
        for each in reading.entries
        if each.name in hiding and each.reach is Reach.EXACT
    ]


def _hides(name: str, plain: bool, blocks: Mapping[tuple[str, Reach], bool]) -> bool:
    if (name, Reach.BELOW) in blocks:
        return False
    above = next((up for up in suffixes(name)[1:] if (up, Reach.BELOW) in blocks), None)
    return above is not None and not (plain and blocks[above, Reach.BELOW])


def _words(text: str, zone: Zone) -> list[str]:
    """Words of a line up to its comment; parentheses are followed."""
    words: list[str] = []
    for token in _TOKEN.finditer(text):
        quoted, mark, word = token.groups()
        if mark == ";":
            break
        if mark:
            zone.open = mark == "("
        else:
            words.append(re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else word)
    return words


def _directive(words: list[str], number: int, reading: Reading) -> None:
    zone = reading.zone
    if words[0].upper() == "$ORIGIN" and zone is not None:
        zone.origin = "" if words[1] == "." else _absolute(words[1], zone)
    elif words[0].upper() == "$INCLUDE":
        reading.reject("rpz-include", number, " ".join(words))


def _absolute(word: str, zone: Zone) -> str:
    """The normal form of a name as the file has it; a wildcard's first label stays."""
    if word == "@":
        return zone.origin
    star = "*." if word.startswith("*.") else ""
    if word == "*":
        return f"*.{zone.origin}" if zone.origin else "*"
    name = normal_form(word.removeprefix("*."))
    return star + (name if word.endswith(".") or not zone.origin else f"{name}.{zone.origin}")


def _read_trigger(rtype: str, data: list[str], at: tuple[int, str], reading: Reading, zone: Zone) -> None:
    number, text = at
    owner = zone.owner
    if zone.apex:
        if not is_under(owner, zone.apex):
            reading.reject("rpz-out-of-zone", number, text)
            return
        owner = owner[: -len(zone.apex) - 1]
    if owner.rpartition(".")[2] in _OTHER_TRIGGERS:
        reading.reject("rpz-trigger-not-used", number, text)
        return
    below = owner.startswith("*.")
    name = "" if owner == "*" else reading.name(owner.removeprefix("*."), number)
    if not name and owner != "*":
        return
    reach = Reach.BELOW if below else Reach.EXACT
    if rtype == "CNAME" and data == ["."] and name:
        reading.shapes[Format.RPZ] += 1
        reading.entries.append(Entry(name, number, reach))
        return
    allows = rtype == "CNAME" and (data == ["rpz-passthru."] or bool(name and data == [f"{name}."]))
    try:
        rewrite = None if allows or data == ["."] else _rewrite(rtype, data, zone)
    except ValueError:
        reading.reject("rpz-record", number, text)
        return
    except BadNameError as bad:
        reading.reject(bad.reason, number, text)
        return
    action = Action.ALLOW if allows else None
    pattern = "" if name else EVERY_NAME
    rule = Special(number, text[:SHOWN_RULE], name, reach, pattern=pattern, action=action, rewrite=rewrite)
    reading.add(rule, Format.RPZ)


def _rewrite(rtype: str, data: list[str], zone: Zone) -> Rewrite:
    if rtype != "CNAME":
        return Rewrite(records=(record(rtype, data, lambda word: _absolute(word, zone)),))
    (target,) = data
    return _ACTIONS.get(target.lower()) or Rewrite(target=_absolute(target, zone))
