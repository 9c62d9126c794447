"""What the record of the line needs: looks at it, and a log of them. No sockets, no SQL."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.service.line import Evidence, Round, Spell


@dataclass(frozen=True, slots=True)
class Beat:
    """A moment by both clocks."""

    at: datetime
    boot_s: float
    boot_id: str
    is_right: bool
    """The wall clock has been set since the boot; what was noted before may have to be shifted (counting 2.5)."""


class Prober(Protocol):
    """Asks what there is to ask."""

    async def look(self, at: datetime) -> Round:
        """One look at the line; silence is an answer too."""


class LineLog(Protocol):
    """Where looks are kept."""

    async def note(self, one: Round, beat: Beat) -> None:
        """Keep a look that failed, and the first success after one: spells are made of these."""


@dataclass(frozen=True, slots=True)
class ToldSpell:
    """A spell with what it rests on; `log` is empty when its rounds are past their term."""

    spell: Spell
    evidence: Evidence
    sha256: str
    goes_on: bool = False


class LineStory(Protocol):
    """What the looks at the line came to."""

    async def spells(self, begin: datetime, end: datetime, now: datetime) -> list[ToldSpell]:
        """Spells of every kind that touch a span, by their begin."""

    async def log(self, begin: datetime) -> str | None:
        """The log of the spell that began then; None when there is none, or it is past its term."""
