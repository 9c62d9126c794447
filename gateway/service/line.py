"""What probes of the line say: when it was down, and when only the world abroad was (counting 3.3).

In:  Round, one each 30 s: did the first hop, the ISP's resolvers, domestic and foreign targets answer.
Out: Spell, spans by kind, for gateway.service.outages, with the rounds it rests on. A gateway that is off asks nothing
     and claims nothing.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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
    """It began with neither, while the gateway has power: the ISP's too if the modem has (2.7, 15). A modem that is
    started anew in an outage makes no other one of it."""
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


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a spell rests on, for the credit claim."""

    failed_rounds: int
    asked: int
    """Questions to targets in those rounds."""
    unanswered: int
    log: str
    """A line a round, from the first failure to the first success."""

    @property
    def sha256(self) -> str:
        """Hash of the log."""
        return hashlib.sha256(self.log.encode("ascii")).hexdigest()


def evidence_of(spell: Spell, rounds: Iterable[Round]) -> Evidence:
    """The evidence of a spell among rounds."""
    part = sorted({one for one in rounds if spell.start <= one.at <= spell.stop}, key=lambda one: one.at)
    # what ended it may have been trouble of the other kind: a look in the midst of which the line came back
    failed = [one for one in part if _trouble(one) is _AS_ONE.get(spell.kind, spell.kind)]
    answers = [answer for one in failed for answer in (*one.at_home, *one.abroad)]
    return Evidence(len(failed), len(answers), answers.count(False), "".join(f"{written(one)}\n" for one in part))


def is_failure(one: Round) -> bool:
    """Is something wrong with the line, be it abroad alone?"""
    return _trouble(one) is not None


def is_kept(one: Round, after: Round | None) -> bool:
    """Spells are the same without the other rounds: `after` is the last one kept; a line that is up tells nothing."""
    return is_failure(one) or (after is not None and is_failure(after))


def written(one: Round) -> str:
    """A round as a line: time, carrier, first hop, answers at home, abroad; 1 is yes."""
    flags = ("".join(map(str, map(int, part))) for part in ((one.carrier,), (one.first_hop,), one.at_home, one.abroad))
    return f"{one.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ} {' '.join(flag or '-' for flag in flags)}"


_AS_ONE = {Kind.LINE_DOWN: Kind.ISP_DOWN}
"""The two ways of being down are not told apart look by look."""


def _trouble(one: Round) -> Kind | None:
    """What fails, without telling the two ways of being down apart: a spell may change between them."""
    if any(one.at_home):
        return None if any(one.abroad) or not one.abroad else Kind.ABROAD_DEGRADED
    return None if any(one.abroad) else Kind.ISP_DOWN


def _spell(run: Sequence[Round], stop: datetime) -> list[Spell]:
    if len(run) < IN_A_ROW:
        return []
    kind = _trouble(run[0]) or Kind.ISP_DOWN
    if kind is Kind.ISP_DOWN and not any(one.carrier or one.first_hop for one in run[:IN_A_ROW]):
        kind = Kind.LINE_DOWN
    return [Spell(kind, run[0].at, stop)]


def outage_number(begin: datetime) -> str:
    """The number of an outage that the gateway saw."""
    return f"L{begin:%Y%m%dT%H%M%S}"


def begin_of(number: str) -> datetime | None:
    """When the outage of this number began; None for another form of number."""
    try:
        return datetime.strptime(number, "L%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
