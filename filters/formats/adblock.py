"""Adblock rules -> what they mean for DNS.

In: one rule. Out: an Entry for the plain ones (`||d^`: d and all below), a Special for those with conditions, an answer
of their own, exceptions (@@) and patterns. Rules about paths, elements of pages and requests' kinds are counted by
reason and never used: `||d/ads/` is no word against d.
"""

from dataclasses import dataclass, replace

from filters.formats.entry import SHOWN_RULE, Entry, Format, Reading
from filters.formats.modifiers import Modifiers, NotForDnsError, modifiers
from filters.formats.regex import BadPatternError, translated
from filters.names import BadNameError, normal_form
from filters.settings import Action
from filters.special import Reach, Special

EVERY_NAME = "."
"""The pattern that fits every name."""
COSMETIC = ("##", "#@#", "#?#", "#$#", "#%#", "#@?#", "#@$#", "#@%#", "$$", "$@$")
_ENDS = ("^|", "^*", "/*", "^", "|", "/")


@dataclass(frozen=True, slots=True)
class _Aim:
    """What a rule's pattern means for names."""

    name: str = ""
    reach: Reach = Reach.TREE
    pattern: str = ""


def read_rule(line: str, number: int, reading: Reading) -> None:
    """Read one rule."""
    if any(mark in line for mark in COSMETIC):
        reading.reject("adblock-cosmetic", number, line)
        return
    allowing = line.startswith("@@")
    pattern, text = _split(line[2:] if allowing else line)
    try:
        said = modifiers(text)
        aim = _aim(pattern)
    except (NotForDnsError, BadPatternError, BadNameError) as unused:
        reading.reject(unused.reason if isinstance(unused, BadNameError) else str(unused), number, line)
        return
    if aim.pattern == EVERY_NAME and said == Modifiers():
        reading.reject("adblock-every-name", number, line)
        return
    name = reading.name(aim.name, number) if aim.name else ""
    if bool(name) is not bool(aim.name):
        return  # an address or a name of this machine: counted
    rule = _special(aim, name, said, Action.ALLOW if allowing else None, number, line)
    if said.cancels:
        reading.cancelled.append(rule)
    elif allowing and said.rewrites:
        reading.kept_answers.append(rule)
    elif said == Modifiers() and not allowing and not aim.pattern:
        reading.shapes[Format.ADBLOCK] += 1
        reading.entries.append(Entry(name, number, aim.reach))
    else:
        reading.add(rule, Format.ADBLOCK)


def settle(reading: Reading) -> None:
    """At a list's end: $badfilter takes its twins out, an exception with $dnsrewrite the answers it names."""
    if reading.cancelled:
        cancelled = {_without_place(rule) for rule in reading.cancelled}
        plain = {(rule.name, rule.reach) for rule in cancelled if rule == Special(0, "", rule.name, rule.reach)}
        reading.specials = [rule for rule in reading.specials if _without_place(rule) not in cancelled]
        reading.entries = [each for each in reading.entries if (each.name, each.reach) not in plain]
    for kept in reading.kept_answers:
        reading.specials = [
            rule
            for rule in reading.specials
            if not rule.rewrite
            or (rule.name, rule.pattern) != (kept.name, kept.pattern)
            or kept.rewrite not in (None, rule.rewrite)
        ]


def _split(body: str) -> tuple[str, str]:
    """Pattern and modifiers; a regular expression ends at its last slash."""
    if body.startswith("/"):
        end = body.rfind("/")
        rest = body[end + 1 :]
        if end > 0 and (not rest or rest.startswith("$")):
            return body[: end + 1], rest[1:]
    pattern, _, text = body.partition("$")
    return pattern, text


def _special(aim: _Aim, name: str, said: Modifiers, action: Action | None, number: int, line: str) -> Special:
    return Special(
        line=number,
        text=line[:SHOWN_RULE],
        name=name,
        reach=aim.reach,
        pattern=aim.pattern,
        action=action,
        outranks=action is Action.ALLOW,
        important=said.important,
        types=said.types,
        not_types=said.not_types,
        clients=said.clients,
        not_clients=said.not_clients,
        tags=said.tags,
        not_tags=said.not_tags,
        except_under=said.except_under,
        rewrite=said.rewrite,
    )


def _without_place(rule: Special) -> Special:
    return replace(rule, line=0, text="")


def _aim(pattern: str) -> _Aim:
    if len(pattern) > 2 and pattern[0] == "/" == pattern[-1]:
        return _Aim(pattern=translated(pattern[1:-1]))
    text = pattern.lower()
    start = next((each for each in ("||", "|", "://", "*://", "http://", "https://") if text.startswith(each)), "")
    text = text.removeprefix(start).removeprefix("http://").removeprefix("https://")
    end = next((each for each in _ENDS if text.endswith(each)), "")
    core = text.removesuffix(end)
    if not core.strip("*."):
        if core and not end.strip("^|*"):
            return _Aim(pattern=EVERY_NAME)  # every name: the conditions say which
        raise NotForDnsError("adblock-path")
    if any(letter in core for letter in "/?=&:^|$,;%[]()"):
        raise NotForDnsError("adblock-path")
    whole = start.endswith("//") or start == "|"
    if core.startswith("*.") and "*" not in core[2:] and not whole:
        return _Aim(core[2:], Reach.BELOW)
    if core.startswith(".") and not start and "*" not in core:
        return _Aim(core[1:], Reach.BELOW)
    if "*" in core or (core.endswith(".") and not end):
        return _wildcard(core, start, whole, closed=bool(end))
    return _Aim(core, Reach.EXACT if whole else Reach.TREE)


def _wildcard(core: str, start: str, whole: bool, *, closed: bool) -> _Aim:
    """A pattern; where it ends in a whole domain, that name leads to it, and no other name has to try it."""
    inner = "".join(".*" if letter == "*" else "\\." if letter == "." else letter for letter in core)
    inner += "$" if closed else ""
    pattern = translated(f"^{inner}" if whole else f"^{inner}|\\.{inner}" if start == "||" else inner)
    under = core.rpartition("*")[2].partition(".")[2]
    if closed and "." in under:
        return _Aim(normal_form(under), pattern=pattern)
    return _Aim(pattern=pattern)
