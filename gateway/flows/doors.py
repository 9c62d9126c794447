"""Opening and closing as staff tell it: `cong door` and the desk's two buttons."""

from collections.abc import Sequence
from datetime import date, timedelta

from gateway.facts.fact import Fact
from gateway.flows.hand_entries import HandEntries, made
from gateway.flows.opening import midnight
from gateway.ports_facts import Telling


async def tell_door(entries: HandEntries, site: str, at: str, telling: Telling, *, opens: bool) -> Fact:
    """The site is open, or closed, from `at` (ISO 8601) on. FieldError."""
    fact = made("door", site, {"at": at, "opens": opens})
    await entries.amend([fact], telling)
    return fact


async def doors_on(entries: HandEntries, site: str, day: date) -> Sequence[Fact]:
    """What was told on a day, in order."""
    span = midnight(day, entries.zone), midnight(day + timedelta(days=1), entries.zone)
    return sorted(await entries.source.standing(["door"], span, site), key=lambda one: one.text("at"))
