"""When the portal is to be looked at before readers come (portal.md, point 12)."""

from datetime import datetime, timedelta

from gateway.service.calendar import Calendar, closes_at, opens_next

LEAD = timedelta(minutes=60)
_USUAL_HOUR = 6
"""Of libraries that have told no hours."""


def look_is_due(calendar: Calendar, now: datetime, last: datetime | None) -> bool:
    """Does the library open within LEAD, and was nothing looked at yet for that opening?

    Who opens again after lunch is looked at once more; while it is open nobody is disturbed.
    """
    if closes_at(calendar, now):
        return False
    if not any(calendar.week.values()) and not calendar.changes:
        usual = now.astimezone(calendar.zone).replace(hour=_USUAL_HOUR, minute=0, second=0, microsecond=0)
        opening: datetime | None = usual + LEAD
    else:
        opening = opens_next(calendar, now)
    if opening is None or not opening - LEAD <= now < opening:
        return False
    return last is None or last < opening - LEAD
