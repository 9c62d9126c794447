"""What is said when a fact contradicts a known one."""

from gateway.errors import GatewayError
from gateway.facts.fact import Fact
from gateway.facts.lines import body_of


def conflict(fact: Fact, known: str) -> GatewayError:
    """The error; nothing of its telling is stored."""
    of = f"{fact.kind.name} {fact.key}".strip() + (f" of {fact.site}" if fact.site else "")
    hint = "the same fact is the same in every file; what was put right has a higher rev"
    if fact.kind.name == "session":
        hint = "sessions are never revised: give another one another number"
    head = f"{of}, rev {fact.rev}, is known with other values; nothing was imported"
    return GatewayError(
        f"{head}\n  known: {known}\n  told:  {body_of(fact)}",
        where=fact.where,
        hint=hint,
    )
