"""Why a name is answered as it is: the same decision as the workers', without a running daemon.

In: settings and a name typed in. Out: Explanation.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from filters.blockset import Blockset, Match
from filters.compile import compile_in_memory, read_source
from filters.errors import FilterError
from filters.generations import load_current
from filters.names import normal_form
from filters.policy import TYPE_A, Verdict, View, decide
from filters.rules import RulesFile
from filters.settings import FilterSettings, Source

TRIED = "tried"
"""The category of list files that are only tried; every profile refuses it."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A verdict and what it was made from."""

    name: str
    verdict: Verdict
    rule_text: str
    """The rule or the list's line as it is written."""
    by_profile: tuple[tuple[str, str], ...]
    """Each profile's verdict in one word."""
    generation: int
    """Of the lists; 0 when nothing was compiled yet and the lists were read for this answer."""


class _Several:
    """Compiled lists and, beside them, those only tried."""

    def __init__(self, sets: Sequence[Blockset]) -> None:
        self._sets = sets

    def matches(self, name: str) -> list[Match]:
        """See policy.Lists."""
        found = [match for blockset in self._sets for match in blockset.matches(name)]
        return sorted(found, key=lambda match: -len(match.listed))


def explain(settings: FilterSettings, name: str, profile: str | None, tried: Sequence[Path] = ()) -> Verdict:
    """The verdict on a name; without a profile, that of one that refuses every category."""
    return explain_fully(settings, name, profile, tried).verdict


def explain_fully(settings: FilterSettings, name: str, profile: str | None, tried: Sequence[Path] = ()) -> Explanation:
    """The verdict with the text of the deciding line and the word of every profile."""
    normal = normal_form(name)
    categories = {each.name: each.categories for each in settings.profiles}
    if profile is not None and profile not in categories:
        raise FilterError(f'there is no profile "{profile}"', hint=f"profiles are: {', '.join(categories)}")
    lists, generation = _lists(settings, tried)
    rules = RulesFile(settings.local_rules)
    rules.refresh()
    view = View(frozenset(), lists, rules.rules, dict(settings.local_records))
    every = frozenset(source.category for source in settings.sources)

    def verdict_for(refused: frozenset[str]) -> Verdict:
        return decide(normal, TYPE_A, replace(view, categories=refused | {TRIED}))

    verdict = verdict_for(every if profile is None else categories[profile])
    words = tuple((each, verdict_for(refused).word) for each, refused in categories.items())
    return Explanation(normal, verdict, _rule_text(settings, verdict, tried), words, generation)


def _lists(settings: FilterSettings, tried: Sequence[Path]) -> tuple[_Several, int]:
    current = load_current(settings.blockset_directory)
    sets = [current or compile_in_memory(settings.sources).blockset]
    if tried:
        extra = compile_in_memory(_tried_sources(tried))
        if extra.skipped:
            raise extra.skipped[0]
        sets.append(extra.blockset)
    return _Several(sets), current.generation if current else 0


def _tried_sources(tried: Sequence[Path]) -> list[Source]:
    return [Source(path.name, TRIED, str(path)) for path in tried]


def _rule_text(settings: FilterSettings, verdict: Verdict, tried: Sequence[Path]) -> str:
    """The deciding line as it stands in its list; the bare name when the list has changed meanwhile."""
    for source in (*_tried_sources(tried), *settings.sources):
        if verdict.line and source.name == verdict.list_name:
            try:
                lines = read_source(source).replace(b"\r\n", b"\n").split(b"\n")
            except FilterError:
                break
            text = lines[verdict.line - 1].decode("utf-8", "replace").strip() if verdict.line <= len(lines) else ""
            if verdict.rule in text.lower():
                return text
    return verdict.rule
