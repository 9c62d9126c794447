"""What the filter's judges share: where their data lies, and list texts as policy sees them, without any file."""

import os
import re
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from filters.blockset import CompiledSource, Match
from filters.formats.listing import read_listing
from filters.names import suffixes
from filters.settings import Action
from filters.special import Reach, Special

SHARED = Path(os.environ.get("CONG_SHARED", Path(__file__).parents[2] / "shared")) / "data"


HAS_SHARED = (SHARED / "vectors").exists()
_SAMPLES = Path(__file__).parent / "samples"


def vectors(name: str) -> Path:
    """A judge's file; without the shared data its sample, whole where its licence lets it lie here (tests/samples)."""
    return (SHARED if HAS_SHARED else _SAMPLES) / "vectors" / name


def names_of(text: str) -> list[str]:
    """The names of a plain list."""
    return [name for line in text.splitlines() if (name := line.partition("#")[0].strip())]


def shipped(name: str) -> list[str]:
    """The names of a list that comes with the program."""
    return names_of(resources.files("filters").joinpath("shipped", f"{name}.txt").read_text(encoding="utf-8"))


@dataclass
class TextLists:
    """policy.Lists made of texts: the plain meaning of a list, which the compiled table has to agree with."""

    names: dict[str, list[Match]] = field(default_factory=dict)
    expressions: list[Match] = field(default_factory=list)

    def add(self, name: str, category: str, text: str, action: Action = Action.BLOCK) -> "TextLists":
        """One more list."""
        listing = read_listing(text.encode(), where=name)
        source = CompiledSource(name, category, action, "", len(listing.entries), listing.format, ())
        for entry in listing.entries:
            self.names.setdefault(entry.name, []).append(Match(entry.name, source, entry.line, entry.reach))
        for special in listing.specials:
            self._take(Match(special.name or special.pattern, source, special.line, Reach.SPECIAL, special))
        return self

    def matches(self, name: str) -> list[Match]:
        """See policy.Lists."""
        return [
            match
            for suffix in suffixes(name)
            for match in self.names.get(suffix, ())
            if match.reach in (Reach.TREE, Reach.SPECIAL) or (match.reach is Reach.EXACT) is (suffix == name)
        ]

    def patterns(self, name: str) -> list[Match]:
        """See policy.Lists."""
        return [match for match in self.expressions if match.special and re.search(match.special.pattern, name)]

    def _take(self, match: Match) -> None:
        special = match.special
        assert isinstance(special, Special)
        (self.names.setdefault(special.name, []) if special.name else self.expressions).append(match)
