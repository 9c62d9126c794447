"""What the record of the line needs: looks at it, and a log of them. No sockets, no SQL."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.service.line import Round


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
