"""Days and ends as staff type them: --for, --until, --today -> the instant something ends."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Any, TypeVar

import click

from gateway.errors import UsageError
from gateway.units import parse_duration_s

F = TypeVar("F", bound=Callable[..., Any])
_LONGEST = timedelta(days=366)


def end_options(command: F) -> F:
    """The three options, as `lasts`, `until` and `today`."""
    for option in (
        click.option("--today", is_flag=True, help="Until midnight."),
        click.option("--until", metavar="TIME", help='Until a time of the site\'s: "17:00", "2026-11-25 17:00".'),
        click.option("--for", "lasts", metavar="SPAN", help='For a span such as "1h" or "30m"; it ends by itself.'),
    ):
        command = option(command)
    return command


def end_of(now: datetime, zone: timezone, lasts: str | None, until: str | None, today: bool) -> datetime | None:
    """The instant a rule ends by itself; None when it is to stand. UsageError when that is not ahead of now."""
    if sum((lasts is not None, until is not None, today)) > 1:
        raise UsageError("--for, --until and --today exclude each other", hint="give one of them")
    local = now.astimezone(zone)
    if today:
        return (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    if lasts is not None:
        try:
            end = local + timedelta(seconds=parse_duration_s(lasts))
        except (ValueError, OverflowError) as error:
            raise UsageError(f"--for: {error}") from error
    elif until is not None:
        end = time_of(until, local, "--until")
    else:
        return None
    if end <= local:
        raise UsageError(f"--until: {until} is past", hint=f"now is {local:%Y-%m-%d %H:%M}; a day may stand before it")
    if end - local > _LONGEST:
        raise UsageError("a rule with an end lasts at most a year", hint="leave the end out: it then stands")
    return end


def time_of(text: str, local: datetime, option: str) -> datetime:
    """A time of the site's, today unless a day stands before it; UsageError names the option."""
    match = re.fullmatch(r"(?:(\d{4}-\d\d-\d\d)[ T])?(\d\d:\d\d)", text.strip())
    try:
        if not match:
            raise ValueError
        return datetime.fromisoformat(f"{match[1] or local.date()}T{match[2]}").replace(tzinfo=local.tzinfo)
    except ValueError:
        raise UsageError(f'{option}: "{text}" is no time', hint='write "17:00" or "2026-11-25 17:00"') from None


def day_of(text: str) -> date:
    """A day; UsageError otherwise."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f'"{text}" is no day', hint='write it as "2026-12-05"') from None
