"""Facts told by hand, at the desk or by a command: made of what was typed, each the next revision of its key."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone

from gateway.errors import UsageError
from gateway.facts.fact import Fact
from gateway.facts.fields import Type
from gateway.facts.kinds import KINDS
from gateway.facts.lines import fact_of, field_type
from gateway.flows.all_facts import AllFacts
from gateway.ports_facts import FactRegister, Telling


class FieldError(UsageError):
    """What was typed is no fact of its kind; `field` names where."""

    def __init__(self, kind: str, error: ValueError) -> None:
        super().__init__(str(error), hint=f"cong facts describe {kind} tells its fields")
        self.field = str(error).partition(":")[0]


class NoFactError(UsageError):
    """There is no fact of this key."""


@dataclass(frozen=True, slots=True)
class HandEntries:
    """Where entries by hand go, and what stands: told, or the gateway's own."""

    register: FactRegister
    source: AllFacts
    site: str
    """The gateway's own site, meant where none is named."""
    zone: timezone

    async def amend(self, facts: Sequence[Fact], telling: Telling) -> int:
        """Tell facts, each as the next revision of its key; how many said anything new."""
        return (await self.register.amend(facts, telling)).fresh

    async def one(self, kind: str, site: str, key: str, *, listed_by: str = "") -> Fact:
        """The standing fact of a key, told or the gateway's own; NoFactError when there is none."""
        for each in await self.source.standing([kind], site=site):
            if each.key == key and each.site == site:
                return each
        hint = f"{listed_by} lists them" if listed_by else ""
        raise NoFactError(f"there is no {kind.replace('_', ' ')} {key} at {site}", hint=hint)


def made(kind: str, site: str, values: Mapping[str, object], *, void: bool = False) -> Fact:
    """A fact out of what was typed in; None and "" are not told. FieldError names the field."""
    told = {name: value for name, value in values.items() if value is not None and value != ""}
    envelope: dict[str, object] = {"kind": kind, "void": void}
    if not KINDS[kind].of_office:
        envelope["site"] = site
    try:
        return fact_of({**envelope, **told})
    except ValueError as error:
        raise FieldError(kind, error) from error


def typed(kind: str, name: str, text: str) -> object:
    """The JSON value of a field that was typed as text: 350000, true, ["a"]; text where the field is text."""
    try:
        match field_type(KINDS[kind], name):
            case Type.COUNT | Type.VND | Type.BYTES | Type.KBIT_S | Type.SECONDS:
                return int(text.replace("_", ""))
            case Type.FLAG:
                return {"true": True, "yes": True, "false": False, "no": False}[text.lower()]
            case Type.HOURS | Type.TOKENS:
                return [part.strip() for part in text.split(",") if part.strip()]
            case Type.TIERS | Type.LINES:
                return json.loads(text)
            case _:
                return text
    except KeyError:
        raise UsageError(f'{name}: "{text}" is neither true nor false') from None
    except ValueError as error:
        raise UsageError(f'{name}: "{text}" can\'t be read: {error}') from None


def moment(text: str, zone: timezone) -> str:
    """An instant as it is typed: "2027-03-12 08:00" or "2027-03-12T08:00" of the site, or ISO 8601 with its offset."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f'"{text}" is no moment', hint='write it as "2027-03-12 08:00"') from None
    return (at if at.tzinfo else at.replace(tzinfo=zone)).isoformat()


def day_of(text: str) -> str:
    """A day as it is typed."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise UsageError(f'"{text}" is no day', hint='write it as "2027-03-12"') from None


def tree(fact: Fact) -> dict[str, object]:
    """A fact as JSON values."""
    return {"kind": fact.kind.name, "site": fact.site, "rev": fact.rev, "void": fact.void, **fact.values}
