"""Why a name is answered as it is: the same decision as the workers', without a running daemon.

In: settings and a name typed in, perhaps a profile, a type and a moment. Out: Explanation.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from filters import clock
from filters.blockset import Blockset, Match
from filters.compile import compile_in_memory
from filters.errors import FilterError
from filters.generations import load_current
from filters.names import normal_form
from filters.policy import TYPE_A, Verdict, decide
from filters.rules import RulesFile
from filters.settings import FilterSettings, Profile, Source
from filters.sources import fetched_directory, read_source
from filters.views import view_of

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
    profile: str
    """Empty: one that refuses every category always."""
    at_s: float
    """The moment it holds for, UTC seconds."""


class _Several:
    """Compiled lists and, beside them, those only tried."""

    def __init__(self, sets: Sequence[Blockset]) -> None:
        self._sets = sets

    def matches(self, name: str) -> list[Match]:
        """See policy.Lists."""
        found = [match for blockset in self._sets for match in blockset.matches(name)]
        return sorted(found, key=lambda match: -len(match.listed))

    def patterns(self, name: str) -> list[Match]:
        """See policy.Lists."""
        return [match for blockset in self._sets for match in blockset.patterns(name)]


def explain(settings: FilterSettings, name: str, profile: str | None, tried: Sequence[Path] = ()) -> Verdict:
    """The verdict on a name now; without a profile, that of one that refuses every category."""
    return explain_fully(settings, name, profile, tried).verdict


def explain_fully(
    settings: FilterSettings,
    name: str,
    profile: str | None,
    tried: Sequence[Path] = (),
    *,
    qtype: int = TYPE_A,
    at_s: float | None = None,
) -> Explanation:
    """The verdict with the text of the deciding line and the word of every profile.

    `at_s`: UTC seconds, None is now. Conditions of list lines on who asks are taken as if nobody known did.
    """
    normal = normal_form(name)
    profiles = {each.name: each for each in settings.profiles}
    if profile is not None and profile not in profiles:
        raise FilterError(f'there is no profile "{profile}"', hint=f"profiles are: {', '.join(profiles)}")
    lists, generation = _lists(settings, tried)
    rules = RulesFile(settings.local_rules)
    rules.refresh()
    moment_s = clock.utc_s() if at_s is None else at_s

    def verdict_for(asking: Profile) -> Verdict:
        view, _ = view_of(asking, settings, lists, rules.rules, moment_s)
        return decide(normal, qtype, replace(view, refused={**view.refused, TRIED: ""}))

    every = Profile("", 0, frozenset(source.category for source in settings.sources))
    verdict = verdict_for(every if profile is None else profiles[profile])
    words = tuple((each, verdict_for(asking).word) for each, asking in profiles.items())
    text = verdict.text or _rule_text(settings, verdict, tried)
    return Explanation(normal, verdict, text, words, generation, profile or "", moment_s)


def _lists(settings: FilterSettings, tried: Sequence[Path]) -> tuple[_Several, int]:
    current = load_current(settings.blockset_directory)
    sets = [current or compile_in_memory(settings.sources, fetched_directory(settings)).blockset]
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
                lines = read_source(source, fetched_directory(settings)).replace(b"\r\n", b"\n").split(b"\n")
            except FilterError:
                break
            text = lines[verdict.line - 1].decode("utf-8", "replace").strip() if verdict.line <= len(lines) else ""
            if verdict.rule in text.lower():
                return text
    return verdict.rule
