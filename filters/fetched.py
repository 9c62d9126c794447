"""What is known of a fetched list: a small JSON file beside its copy.

In: the copy's path. Out: State. A file that is not there or damaged is a list that was never fetched.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from filters.aside import write_whole
from filters.settings import Source

_DUE_SHARE = 0.9
"""A list of every day is due on a timer of every day, though the timer is some minutes early today."""


@dataclass(frozen=True, slots=True)
class State:
    """One list's; moments are UTC seconds, 0 is never."""

    etag: str = ""
    last_modified: str = ""
    fetched_at: int = 0
    """When the copy came."""
    checked_at: int = 0
    """When its server last said that it is still the newest, or sent it."""
    error: str = ""
    """Why the last try failed."""
    failing_since: int = 0
    part_bytes: int = 0
    """So much of the next version is known to be on the disk; 0: nothing to go on with."""
    part_validator: str = ""
    """What tells that version from others (RFC 9110 section 13.1.5)."""
    part_encoding: str = ""


def state_path(copy: Path) -> Path:
    """Where the state of a copy stands."""
    return copy.with_suffix(".json")


def part_path(copy: Path) -> Path:
    """Where the next version of a copy is gathered."""
    return copy.with_suffix(".part")


def read_state(copy: Path) -> State:
    """What is known."""
    try:
        state = State(**json.loads(state_path(copy).read_bytes()))
    except (OSError, ValueError, TypeError):
        return State()
    kinds_hold = all(type(value) is type(getattr(State(), name)) for name, value in asdict(state).items())
    return state if kinds_hold else State()


def write_state(copy: Path, state: State) -> None:
    """Keep it; OSError when it can't be written."""
    write_whole(state_path(copy), json.dumps(asdict(state)).encode("ascii"))


def is_due(source: Source, copy: Path, state: State, now_s: int) -> bool:
    """Is the copy to be asked for again: missing, old, of a time to come (the clock stepped), or failed last time?"""
    age_s = now_s - state.checked_at
    return bool(state.error) or not copy.exists() or not 0 <= age_s < source.refresh_s * _DUE_SHARE
