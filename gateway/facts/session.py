"""A session as a fact has it, without the text: there are hundreds of thousands of them."""

from datetime import datetime
from typing import NamedTuple

from gateway.facts.fact import Fact
from gateway.facts.fields import Value
from gateway.facts.kinds_use import SESSION

COPIED = "@"
"""Between the number of a session that the night copied and its start, where a database before had the number too."""


class ToldSession(NamedTuple):
    """One session of a site; see the kind `session`. Instants are aware, UTC."""

    id: str
    access: str
    device: str
    person: str | None
    pc: str | None
    start: datetime
    stop: datetime
    accepted: bool
    staff: bool
    up_bytes: int | None
    down_bytes: int | None

    @property
    def counts(self) -> bool:
        """Whether it enters any figure."""
        return self.accepted and not self.staff


def session_fact(one: ToldSession, site: str) -> Fact:
    """A session as the fact it was told as."""
    values: dict[str, Value] = {"id": one.id, "access": one.access, "device": one.device}
    if one.person is not None:
        values["person"] = one.person
    if one.pc is not None:
        values["pc"] = one.pc
    values["start"], values["stop"] = _text(one.start), _text(one.stop)
    if not one.accepted:
        values["accepted"] = False
    if one.staff:
        values["staff"] = True
    if one.up_bytes is not None:
        values["up_bytes"] = one.up_bytes
    if one.down_bytes is not None:
        values["down_bytes"] = one.down_bytes
    return Fact(SESSION, site, values)


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
