"""What the phone found, and what it has to know before it starts. Values only; texts are the pages' (`phone.*`)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

Why = dict[str, str]
"""A reason as plain values: `key` (`phone.why.<key>` says it), `said` (its detail), `of` (which kind of device)."""
Value = str | int | Sequence[Why]
"""What stands in a step's texts."""


def why(key: str, said: object = "", of: str = "") -> Why:
    """A reason. "quoted" is a program's own words."""
    return {"key": key, "said": str(said), "of": of}


def listed(faults: Mapping[str, Sequence[Why]]) -> list[Why]:
    """Reasons by kind of device, in one row."""
    return [{**each, "of": kind} for kind, found in faults.items() for each in found]


class Outcome(StrEnum):
    """How a step went."""

    OK = "ok"
    FAULT = "fault"
    NOTE = "note"
    """Not as usual, and no fault of the portal: the line is down, or there is nothing to look at."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One step. Its texts: `phone.<step>` names it, `phone.<step>.<text>` says what was seen, `.hint` what to do."""

    step: str
    outcome: Outcome
    text: str
    """Which of the step's texts; mostly the outcome's own name."""
    values: dict[str, Value] = field(default_factory=dict)
    ms: int = 0

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def finding_of(tree: dict[str, Any]) -> Finding:
    """Back from plain values; KeyError, TypeError or ValueError when they are none."""
    return Finding(tree["step"], Outcome(tree["outcome"]), tree["text"], dict(tree["values"]), int(tree["ms"]))


@dataclass(frozen=True, slots=True)
class Errand:
    """What the phone is told to do. It learns everything else as a reader's would."""

    mac: str
    gateway4: str
    network6: str
    """Empty: the library has no IPv6."""
    portal_host: str
    announced: str
    """The URL that option 114 must hold; empty: none."""
    https_is_dropped: bool
    signs_in: bool
    """Is accepting the terms a way in here?"""
    open_names: tuple[str, ...]
    """Of which one that has an address is enough."""
    blocked_name: str
    """A name this library's profile refuses; empty: it refuses none that is known."""
    page4: str
    """Where refused names lead in profiles that have a page for them."""
    line_is_up: bool
