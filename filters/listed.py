"""What lists say of a question: the lines that hold for it, weighed against each other. Pure.

In: the compiled lists, a question. Out: Found (what holds), Weighed (which line decides, and what it is freed from).

The most specific listed name speaks first, so that soap.soha.vn falls though soha.vn is open; at one name what allows
speaks before what blocks. A pattern names nothing exactly: one that allows stands before all names, as adblock's @@
do, one that blocks comes after them. What a list allows is free of that list's category only; the site's own lists
free of all.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from filters.blockset import Match
from filters.settings import Action
from filters.special import Asker, Reach, Rewrite, holds

OWN = "own"
"""The site's own category: its lists and rules hold in every profile, and what they allow is free of all categories."""


class Lists(Protocol):
    """Compiled lists, as policy needs them."""

    def matches(self, name: str) -> list[Match]:
        """Every list line that covers the name, the most specific listed name first."""

    def patterns(self, name: str) -> list[Match]:
        """Every pattern of a list that fits the name."""


@dataclass(frozen=True, slots=True)
class Found:
    """Lines that hold for a question, level by level; the first level that says something decides."""

    levels: tuple[list[Match], ...]
    by_asker: bool
    """A condition on who asks was looked at."""


_NOTHING_FOUND = Found((), by_asker=False)


class Weighed(NamedTuple):
    """What the lines come to."""

    blocking: Match | None
    """The line that blocks; None: nothing does."""
    beside: list[Match]
    """The blocking lines of its level, itself among them."""
    freeing: Match | None
    """The most specific line that allows."""
    freed: frozenset[str]


def find(lists: Lists, name: str, qtype: int, asker: Asker, categories: Container[str]) -> Found:
    """The lines of some categories, and of the site's own, that hold for a question."""
    found, patterns = lists.matches(name), lists.patterns(name)
    if not found and not patterns:
        return _NOTHING_FOUND
    found = [match for match in found if _is_of(match, categories)]
    patterns = [match for match in patterns if _is_of(match, categories)]
    by_asker = any(match.special is not None and match.special.asks_who for match in (*found, *patterns))
    found, patterns = (
        [match for match in each if match.special is None or holds(match.special, qtype, asker, name)]
        for each in (found, patterns)
    )
    patterns += [match for match in found if _has_no_depth(match)]
    found = _without_shadowed([match for match in found if not _has_no_depth(match)], name)
    depths = [[match for match in found if match.listed == listed] for listed in dict.fromkeys(m.listed for m in found)]
    opening = [match for match in patterns if _allows(match)]
    closing = [match for match in patterns if not _allows(match)]
    return Found((opening, *depths, closing), by_asker)


def weigh(
    found: Found, refused: Mapping[str, str], freed: frozenset[str] = frozenset(), *, important: bool = False
) -> Weighed:
    """Which line decides. `refused`: categories, each with the schedule that alone closes it; `freed`: some of them
    do not count for this name. `important`: only lines marked so are weighed.
    """
    allowed = set(freed)
    freeing: Match | None = None
    for level in found.levels:
        heard = [match for match in level if _is_of(match, refused) and (not important or _is_important(match))]
        for match in heard:
            if _allows(match):
                allowed |= set(refused) if match.source.category == OWN else {match.source.category}
                freeing = freeing or match
        closing = [match for match in heard if not _allows(match) and match.source.category not in allowed]
        if closing:
            return Weighed(min(closing, key=lambda m: _rank(m, refused)), closing, freeing, frozenset(allowed))
    return Weighed(None, [], freeing, frozenset(allowed))


def answer_of(weighed: Weighed) -> Rewrite | None:
    """The answer the deciding line gives, with what its list says of the same name on other lines; None: a refusal."""
    match = weighed.blocking
    if match is None or match.special is None or match.special.rewrite is None:
        return None
    said = [
        each.special.rewrite
        for each in weighed.beside
        if each.special and each.special.rewrite and each.source is match.source and each.listed == match.listed
    ]
    outright = next((each for each in said if not each.records), None)
    return outright or Rewrite(records=tuple(dict.fromkeys(record for each in said for record in each.records)))


def _is_of(match: Match, categories: Container[str]) -> bool:
    return match.source.category in categories or match.source.category == OWN


def _is_important(match: Match) -> bool:
    return match.special is not None and match.special.important


def _has_no_depth(match: Match) -> bool:
    return match.special is not None and (match.special.outranks or bool(match.special.pattern))


def _allows(match: Match) -> bool:
    action = match.special.action if match.special else None
    return (action or match.source.action) is Action.ALLOW


def _without_shadowed(found: list[Match], name: str) -> list[Match]:
    shadows = [match for match in found if match.special is not None and match.special.shadows and match.listed != name]
    if not shadows:
        return found
    hidden = {match.source.name: len(match.listed) for match in reversed(shadows)}  # the most specific one counts
    return [match for match in found if len(match.listed) > hidden.get(match.source.name, -1)]


def _rank(match: Match, refused: Mapping[str, str]) -> tuple[bool, bool, int]:
    """Of several that block: what always does, then what refuses outright, then the one with the most conditions."""
    special = match.special
    passing = bool(refused.get(match.source.category))
    return passing, special is not None and special.rewrite is not None, -special.conditions if special else 0


def reach_in_words(reach: Reach) -> str:
    """How far a line reaches, for people."""
    return {Reach.EXACT: "exactly", Reach.BELOW: "all below it"}.get(reach, "with all below")
