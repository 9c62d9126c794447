"""What the staff are told of the box itself: disk, clock, lists, certificate, self-check. No files, no TLS."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Overdue:
    """Block lists that are not renewed."""

    lists: int = 0
    days: int = 0
    """Of the oldest."""
    failing: tuple[str, ...] = ()
    """Names of lists whose last try failed, be they overdue or not."""


@dataclass(frozen=True, slots=True)
class CertificateState:
    """What a phone would say of the portal's certificate."""

    is_valid: bool
    fault: str = "other"
    """`doctor.certificate.<fault>` says it."""
    why: str = ""
    """In the library's own words."""
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SelfCheckState:
    """The last walk of the made phone through the portal."""

    at: datetime
    faults: tuple[str, ...]
    """Steps that were not in order: `phone.<step>` is the text of each."""


@dataclass(frozen=True, slots=True)
class BoxState:
    """One look."""

    free_bytes: int
    """Where the database stands."""
    clock_is_unset: bool
    """The box has not had the right time since it was started."""
    lists: Overdue = Overdue()
    certificate: CertificateState | None = None
    """None: there is none."""
    self_check: SelfCheckState | None = None
    """None: none was made yet."""
    backup_at: datetime | None = None
    """When the last backup was taken; None: never, or nobody knows."""


class Box(Protocol):
    """Looks at the box."""

    async def look(self, now: datetime) -> BoxState:
        """As it is now; OSError when the disk can't be asked."""
