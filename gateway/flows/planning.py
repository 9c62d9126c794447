"""The plan of opening hours as staff set it: keys of the configuration for the door, facts with their day for reports.

The configuration knows one week. Reports must count days that are over by the week that held then, so a change of the
week is told as a fact from today on, too, and the first such change tells the week before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from gateway.facts.site import WEEKDAYS
from gateway.flows.hand_entries import HandEntries, made
from gateway.flows.settings import Changed, Settings
from gateway.ports_facts import Telling
from gateway.service.calendar import Calendar

_SINCE_EVER = "2000-01-01"


@dataclass(frozen=True, slots=True)
class Planning:
    """Sets the plan."""

    settings: Settings
    entries: HandEntries

    async def plan(self) -> Calendar:
        """As the files have it now."""
        config = await self.settings.config()
        return config.hours.calendar(config.site.zone, config.site.holiday_dates)

    async def set_week(self, week: Sequence[Sequence[str]], today: date, telling: Telling) -> Changed:
        """The hours of each weekday, Monday first: "07:30-11:30". From today on."""
        values = await self.settings.values()
        before = {name: list(values[f"hours.{name}"].value) for name in WEEKDAYS}
        wanted = {name: list(spans) for name, spans in zip(WEEKDAYS, week, strict=True)}
        if wanted == before:
            return Changed()
        site = self.entries.site
        facts = [made("week", site, {"first": today.isoformat(), **_told(wanted)})]
        if not await self.entries.register.standing(["week"], site=site):
            facts.insert(0, made("week", site, {"first": _SINCE_EVER, **_told(before)}))
        # first what reports go by: the change of the settings starts the gateway anew
        await self.entries.amend(facts, telling)
        return await self.settings.change({f"hours.{name}": spans for name, spans in wanted.items()})

    async def add_days_off(self, holidays: Sequence[str], swapped: Sequence[str]) -> Changed:
        """Days or ranges ("2027-02-04..2027-02-10") and swapped days ("2026-08-22 as mon"), beside those there are."""
        values = await self.settings.values()
        wanted: dict[str, object] = {}
        for key, more in (("site.holidays", holidays), ("hours.swapped", swapped)):
            known = list(values[key].value)
            if fresh := [each for each in more if each not in known]:
                wanted[key] = sorted([*known, *fresh])
        return await self.settings.change(wanted)


def _told(week: dict[str, list[str]]) -> dict[str, object]:
    return {name: spans for name, spans in week.items() if spans}
