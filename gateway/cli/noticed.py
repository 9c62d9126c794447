"""What the gateway knows of itself that somebody has to see to: lists that are not renewed, a clock that is not set."""

from datetime import datetime

from gateway.box import TIMESYNC, is_clock_unset, overdue_lists
from gateway.config.fields import Path
from gateway.config.filtering import filter_settings
from gateway.config.model import Config
from gateway.reports.day_state import ClockUnset, ListsOld, Need


def noticed(config: Config, now: datetime, timesync: Path = TIMESYNC) -> tuple[Need, ...]:
    """What needs action."""
    needs: list[Need] = [ClockUnset()] if is_clock_unset(timesync) else []
    lists = overdue_lists(filter_settings(config), now)
    if lists.lists:
        needs.append(ListsOld(lists.lists, lists.days))
    return tuple(needs)
