"""What probes of the line say: when it was down, and when only the world abroad was (counting 3.3).

In:  Round, one each 30 s: did the first hop, the ISP's resolvers, domestic and foreign targets answer.
Out: Spell, spans by kind, for gateway.service.outages. A gateway that is off asks nothing and claims nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

EVERY = timedelta(seconds=30)
IN_A_ROW = 3
"""So many rounds must fail before it is a spell; it then began with the first of them."""


@dataclass(frozen=True, slots=True)
class Round:
    """One look at the line."""

    at: datetime
    carrier: bool
    """Carrier or PPP is up."""
    first_hop: bool
    at_home: tuple[bool, ...]
    """The ISP's resolvers and domestic targets."""
    abroad: tuple[bool, ...]


class Kind(StrEnum):
    """What is wrong with the line."""

    ISP_DOWN = "isp_down"
    """First hop or carrier up, and nothing outside answers."""
    LINE_DOWN = "line_down"
    """Neither, while the gateway has power: the ISP's too (2.7, 15)."""
    ABROAD_DEGRADED = "abroad_degraded"
    """Suy giảm quốc tế: told, no outage."""


@dataclass(frozen=True, slots=True)
class Spell:
    """A span with one kind, from its first failure to the first success."""

    kind: Kind
    start: datetime
    stop: datetime


def spells(rounds: Iterable[Round], every: timedelta = EVERY) -> tuple[Spell, ...]:
    """The spells that rounds make up, in order; one that has not ended reaches to the last round.

    Rounds more than twice `every` apart: the gateway was off in between, so a spell ends with the last it saw.
    """
    told: list[Spell] = []
    run: list[Round] = []
    for one in sorted(set(rounds), key=lambda one: one.at):
        if run and (_trouble(one) is not _trouble(run[0]) or one.at - run[-1].at > 2 * every):
            was_off = one.at - run[-1].at > 2 * every
            told += _spell(run, run[-1].at if was_off else one.at)
            run = []
        if _trouble(one) is not None:
            run.append(one)
    return (*told, *(_spell(run, run[-1].at) if run else ()))


def is_outage(spell: Spell) -> bool:
    """Is it one for the list of outages? The world abroad alone is not."""
    return spell.kind is not Kind.ABROAD_DEGRADED


def _trouble(one: Round) -> Kind | None:
    """What fails, without telling the two ways of being down apart: a spell may change between them."""
    if any(one.at_home):
        return None if any(one.abroad) or not one.abroad else Kind.ABROAD_DEGRADED
    return None if any(one.abroad) else Kind.ISP_DOWN


def _spell(run: Sequence[Round], stop: datetime) -> list[Spell]:
    if len(run) < IN_A_ROW:
        return []
    kind = _trouble(run[0]) or Kind.ISP_DOWN
    if kind is Kind.ISP_DOWN and not any(one.carrier or one.first_hop for one in run):
        kind = Kind.LINE_DOWN
    return [Spell(kind, run[0].at, stop)]
