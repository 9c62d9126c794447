"""What cong doctor finds, in words of both languages: `doctor.<thing>` names it, `.<text>` says what was seen, and
`.<text>.do` what to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.errors import GatewayError
from gateway.pages import text


class Grade(StrEnum):
    """How it stands."""

    OK = "ok"
    WARNING = "warning"
    """Look this week."""
    FAULT = "fault"
    """Now."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    thing: str
    grade: Grade
    said: str
    """Which of the thing's texts."""
    values: Mapping[str, str | int] = field(default_factory=dict)
    """Also for its name."""
    own_hint: str = ""
    """What to do, in the reader's language, where the step looked at has a text of its own."""

    def name(self, language: str) -> str:
        """Of the thing."""
        return text(language, f"doctor.{self.thing}", **self.values)

    def says(self, language: str) -> str:
        """What was seen."""
        return text(language, f"doctor.{self.thing}.{self.said}", **self.values)

    def hint(self, language: str) -> str:
        """What to do; empty where all is good."""
        if self.grade is Grade.OK:
            return ""
        return self.own_hint or text(language, f"doctor.{self.thing}.{self.said}.do", **self.values)


def good(thing: str, said: str = "ok", **values: str | int) -> Finding:
    """In order."""
    return Finding(thing, Grade.OK, said, values)


def warning(thing: str, said: str, **values: str | int) -> Finding:
    """To be looked at this week."""
    return Finding(thing, Grade.WARNING, said, values)


def fault(thing: str, said: str, **values: str | int) -> Finding:
    """To be put right now."""
    return Finding(thing, Grade.FAULT, said, values)


def failed(thing: str, error: GatewayError, **values: str | int) -> Finding:
    """It can't be looked at: the edge's own words are quoted by a text of ours."""
    return fault(thing, "failed", why=error.message, hint=error.hint or error.where, **values)
