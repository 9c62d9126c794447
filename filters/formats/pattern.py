"""A regular expression taken apart: what it can begin with, what trying it may cost, and its text for `re`. Pure."""

import re
import string
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from filters.names import MAX_NAME

ALPHABET = frozenset(string.ascii_lowercase + string.digits + "-_.\\")
"""All characters of a normal name."""
NONE: frozenset[str] = frozenset()


class Chars(NamedTuple):
    """One character, of some."""

    allowed: frozenset[str]


class Edge(NamedTuple):
    """A place between characters: ^ or $ or \\b."""

    text: str


@dataclass(slots=True)
class Group:
    """Branches, one of which fits."""

    branches: "list[list[Item]]"
    look: str = ""
    """?= or ?! when it only looks."""


class Item(NamedTuple):
    """Something, and how often."""

    what: "Chars | Edge | Group"
    least: int
    most: int


def is_dead(branch: list[Item]) -> bool:
    """Does it ask for something no name has, such as a slash? Dead branches inside it go."""
    for item in tuple(branch):
        what = item.what
        if isinstance(what, Group):
            what.branches = [each for each in what.branches if not is_dead(each)]
            possible = bool(what.branches)
        else:
            possible = isinstance(what, Edge) or bool(what.allowed)
        if not possible and item.least and not (isinstance(what, Group) and what.look == "?!"):
            return True
        if not possible:
            branch.remove(item)
    return False


def shorten(branch: list[Item]) -> None:
    """Repeat what stands at an open end only as often as it must: the rest decides nothing and would cost most."""
    for end in (0, -1):
        while branch and not isinstance(branch[end].what, Edge):
            what, least, _ = branch[end]
            if least:
                branch[end] = Item(what, least, least)
                break
            del branch[end]


def _first(items: Iterable[Item], then: frozenset[str]) -> frozenset[str]:
    """Characters a run of items, and what follows it, can begin with."""
    found = NONE
    for item in items:
        what = item.what
        if isinstance(what, Chars):
            found |= what.allowed
        elif isinstance(what, Group) and not what.look:
            found |= frozenset().union(*(_first(branch, NONE) for branch in what.branches))
            if any(all(not each.least or isinstance(each.what, Edge) for each in branch) for branch in what.branches):
                continue
        else:
            continue
        if item.least:
            return found
    return found | then


def cost_of_search(branch: list[Item]) -> float:
    """Steps that a search may take on the worst name."""
    starts = 1 if branch and branch[0].what == Edge("^") else MAX_NAME
    letters = _literal(branch)
    if starts > 1 and letters:  # more than its first letter is tried only where that stands
        return starts + starts / _spacing(letters) * _weigh(branch, NONE)[0]
    return starts * _weigh(branch, NONE)[0]


def _literal(items: list[Item]) -> str:
    """The letters a run of items begins with."""
    letters = ""
    for what, least, most in items:
        if not isinstance(what, Chars) or len(what.allowed) != 1 or (least, most) != (1, 1):
            break
        letters += min(what.allowed)
    return letters


def _spacing(letters: str) -> int:
    """How far apart two places at least are where the letters stand: their first one comes again no sooner."""
    again = letters.find(letters[0], 1)
    return len(letters) if again < 0 else again


def _weigh(items: list[Item], then: frozenset[str]) -> tuple[float, float]:
    """Steps that trying a run of items may take from one place, and in how many ways it can fit there.

    A repetition that can't go on with what follows it ends in one way only; else at every place it could.
    """
    cost, ways, index = 1.0, 1.0, 0
    while index < len(items):
        letters = _literal(items[index:])
        if letters:  # at most places its first letter fails; where it stands, others can't for as long as it fits
            cost += ways * (1 + max(1.0, len(letters) / _spacing(letters)))
            index += len(letters)
            continue
        item, index = items[index], index + 1
        after = _first(items[index:], then)
        what, spread = item.what, item.most - item.least + 1
        if isinstance(what, Chars):
            cost += ways * item.most
            ways *= spread if spread > 1 and (what.allowed & after or not after) else 1
        elif isinstance(what, Group):
            steps, fits = _weigh_group(what, after if item.most == 1 else after | _first([item], NONE))
            again = min(item.most, MAX_NAME)
            cost += ways * steps * again
            if what.look:
                continue
            if item.most > 1 and fits > 1:
                return float("inf"), float("inf")
            ways *= fits * (spread if spread > 1 and (_first([item], NONE) & after or not after) else 1)
    return cost, ways


def _weigh_group(group: Group, after: frozenset[str]) -> tuple[float, float]:
    weighed = [_weigh(branch, after) for branch in group.branches]
    firsts = [_first(branch, after) for branch in group.branches]
    both: dict[str, tuple[float, float]] = {}  # by its first character: only branches that begin with it go on
    for (cost, ways), first in zip(weighed, firsts, strict=True):
        for letter in first or {""}:
            known = both.get(letter, (0.0, 0.0))
            both[letter] = known[0] + cost, known[1] + ways
    steps = len(weighed) + max((cost for cost, _ in both.values()), default=0.0)
    return steps, max((ways for _, ways in both.values()), default=1.0)


def text_of(group: Group, *, top: bool = False) -> str:
    """The text for `re`."""
    inner = "|".join("".join(map(_item_text, branch)) for branch in group.branches)
    return inner if top else f"({group.look or '?:'}{inner})"


def _item_text(item: Item) -> str:
    what = item.what
    if isinstance(what, Edge):
        return "\\Z" if what.text == "$" else what.text
    text = _chars_text(what.allowed) if isinstance(what, Chars) else text_of(what)
    times = {(1, 1): "", (0, 1): "?", (0, MAX_NAME): "*", (1, MAX_NAME): "+"}.get((item.least, item.most))
    return text + (f"{{{item.least},{item.most}}}" if times is None else times)


def _chars_text(allowed: frozenset[str]) -> str:
    if allowed == ALPHABET:
        return "."
    if len(allowed) == 1:
        return re.escape(min(allowed))
    inner = "".join(re.escape(each) for each in sorted(allowed))
    return f"[{inner}]" if allowed else "(?!)"
