"""Facts of a live site that are not over: told again later they would say more, under the same key and revision.

In:  a fact, this moment, the site's zone.
Out: whether an export must wait with it; twice told is once told only for what does not change any more.
"""

from datetime import datetime, timedelta, timezone

from gateway.facts.fact import Fact
from gateway.visits.attempts import WINDOW
from gateway.visits.devices import KEY_TERM

_BEAT = timedelta(minutes=2)
_LONGEST_MONTH = timedelta(days=31)


def goes_on(fact: Fact, now: datetime, zone: timezone) -> bool:
    """May it still change by itself?"""
    today = now.astimezone(zone).date()
    match fact.kind.name:
        case "heartbeat":
            return abs(now - fact.instant_of("end")) < _BEAT
        case "blocked" | "wan_day":
            return fact.day_of("day") == today
        case "month_devices":
            first = fact.month_of("month")
            return first <= today <= (first + _LONGEST_MONTH).replace(day=1) + KEY_TERM
        case "pc_seen":
            return fact.instant_of("at").astimezone(zone).date() == today
        case "view":
            return timedelta(0) <= now - fact.instant_of("at") < WINDOW
        case "outage":
            return not fact.has("end")
        case _:
            return False
