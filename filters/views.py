"""What each profile sees at a moment: the hour's schedules, the rules that hold, the lists, made into one View.

In: settings, the block set, the overlay's rules, the wall clock. Out: View, and until when it is right.
"""

from datetime import UTC, datetime, timedelta

from filters.listed import Lists
from filters.policy import View
from filters.rules import LocalRules
from filters.safesearch import targets
from filters.schedule import state_at
from filters.settings import FilterSettings, Profile


def view_of(
    profile: Profile, settings: FilterSettings, lists: Lists, rules: LocalRules, wall_s: float
) -> tuple[View, float]:
    """A profile's view at `wall_s` (UTC seconds), and the UTC second at which it must be made anew."""
    local = datetime.fromtimestamp(wall_s, UTC) + timedelta(seconds=settings.utc_offset_s)
    state = state_at(profile, settings.holidays, local)
    until_s = wall_s + (state.until - local).total_seconds()
    ends_s = rules.next_expiry(wall_s)
    view = View(
        refused=state.refused,
        lists=lists,
        rules=rules.for_profile(profile.name, wall_s, settings.utc_offset_s),
        records=dict(settings.local_records),
        opened=state.opened,
        safe=targets(state.safe_search, state.youtube),
        refusal=profile.refusal,
        checks=settings.checks,
        inside=tuple(zone.name for zone in settings.forward_zones),
    )
    return view, until_s if ends_s is None else min(until_s, ends_s)
