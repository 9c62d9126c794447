"""How many attempts a day had, noted before the views they were counted from are past their term and go."""

from datetime import UTC, date, timedelta

from gateway.facts.fact import Fact
from gateway.facts.lines import fact_of
from gateway.flows.all_facts import AllFacts
from gateway.flows.counted_months import counted_months
from gateway.flows.keeping import ATTEMPT_TERM, SESSION_TERM
from gateway.ports_facts import FactRegister, Telling


async def note_attempts(source: AllFacts, register: FactRegister, today: date, telling: Telling) -> int:
    """Note days that lose views tonight, and the one after: an attempt may reach over midnight. How many were new."""
    views = await source.standing(["view"])
    noted = {(one.site, one.day_of("day")) for one in await source.standing(["attempt_day"])}
    fresh: list[Fact] = []
    for site in sorted({one.site for one in views}):
        last = today - (ATTEMPT_TERM if site == source.stamp.live_site else SESSION_TERM)
        dates = {one.instant_of("at").astimezone(UTC).date() for one in views if one.site == site}
        first = min(dates) - timedelta(days=1)
        if first > last:
            continue
        months = {day.replace(day=1) for on in dates for day in (on - timedelta(days=1), on + timedelta(days=1))}
        for _, month in sorted((await counted_months(source, site, months)).items()):
            for one in month.days:
                if first <= one.day <= last and one.counted.attempts and (site, one.day) not in noted:
                    counts = {"attempts": one.counted.attempts, "rejected": one.counted.rejected}
                    fresh.append(fact_of({"kind": "attempt_day", "site": site, "day": f"{one.day}", **counts}))
    return (await register.amend(fresh, telling)).fresh if fresh else 0
