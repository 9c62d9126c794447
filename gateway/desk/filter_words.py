"""What the filter's pages share: names as people paste them, ends of rules, what settings refuse."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from filters.categories import about
from filters.errors import FilterError
from filters.names import normal_form
from gateway.desk.table import RefusedError
from gateway.flows.rule_texts import is_too_wide, name_in
from gateway.flows.settings import Changed


def normal(text: str) -> str | None:
    """The normal form of a name; None where it is none."""
    try:
        return normal_form(text)
    except FilterError:
        return None


def site_name(text: str) -> str:
    """The name in what was pasted; RefusedError when there is none, or it would reach a whole country."""
    name = normal(name_in(text))
    if name is None or name.startswith("-"):
        raise RefusedError("filter_name")
    if is_too_wide(name):
        raise RefusedError("filter_too_wide", name=name)
    return name


def end_of(lasts: str, until: datetime | None, now: datetime, zone: timezone) -> datetime | None:
    """When a rule ends by itself; None: it stands."""
    local = now.astimezone(zone)
    if lasts == "hour":
        return local + timedelta(hours=1)
    if lasts == "today":
        return (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    if lasts == "always":
        return None
    if until is None:
        raise RefusedError("filter_until")
    end = until if until.tzinfo else until.replace(tzinfo=zone)
    if not local < end <= local + timedelta(days=366):
        raise RefusedError("filter_until")
    return end


def refuse_wrong(changed: Changed) -> Changed:
    """RefusedError with all that is wrong; else what was changed."""
    if changed.wrong:
        says = "; ".join(f"{each.key}: {each.says}" if each.key else each.says for each in changed.wrong)
        raise RefusedError("filter_setting", says=says[:600])
    return changed


def is_harm(category: str) -> bool:
    """Whether refusing it guards from harm."""
    return about(category).is_harm


def tones(states: Mapping[str, str]) -> Mapping[str, str]:
    """The colour of a tag beside its word."""
    return {state: {"always": "bad", "hours": "warn", "open": "ok"}[state] for state in states.values()}
