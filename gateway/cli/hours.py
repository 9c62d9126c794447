"""cong hours: when the library is open, and decided changes of it."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta, timezone
from typing import Any, TypeVar

import click

from gateway.cli.options import config_option, json_option
from gateway.cli.rules import by_option, signer
from gateway.cli.until import day_of
from gateway.clock import SystemClock, local_day
from gateway.config.fields import Path
from gateway.config.hours import parse_hours
from gateway.config.load import load_config
from gateway.config.model import Config
from gateway.errors import UsageError
from gateway.ports_hours import StoredChange
from gateway.service.calendar import Calendar, Change, ChangeKind, closes_at, open_on, opens_next, promised
from gateway.service.intervals import Interval
from gateway.store.calendar import SqliteCalendar
from gateway.store.db import Database

T = TypeVar("T")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_reason = click.option("--reason", default="", help="Why; it stands in the audit trail.")


@click.group(invoke_without_command=True)
@click.option("--from", "first", metavar="DAY", help='First day shown, such as "2026-12-01"; today if left out.')
@click.option("--days", default=14, show_default=True, type=click.IntRange(1, 366), help="How many days.")
@json_option
@config_option
@click.pass_context
def hours(context: click.Context, first: str | None, days: int, as_json: bool, config_path: Path) -> None:
    """Hours of the coming days: when patrons are let in, what was promised, and the decided changes."""
    if context.invoked_subcommand is not None:
        return
    config, now = load_config(config_path), SystemClock().now()
    today = local_day(now, config.site.zone)
    day = day_of(first) if first else today
    since = _midnight(min(day, today), config.site.zone) - timedelta(days=1)
    calendar, stored = decided_calendar(config, since)
    told = _told(calendar, [day + timedelta(days=n) for n in range(days)], stored, now)
    if as_json:
        click.echo(json.dumps({"enforced": config.hours.enforce, **told}, indent=2, ensure_ascii=False))
        return
    for line in told["days"]:
        spans, said = "  ".join(line["open"]) or "closed", " ".join(line["promised"]) or "none"
        differs = "" if line["open"] == line["promised"] else f"   (promised: {said})"
        click.echo(f"{line['day']} {line['weekday']}  {spans}{differs}")
    for change in told["changes"]:
        click.echo(f"change {change['id']}: {change['kind']} {change['begin']} .. {change['end']}  {change['reason']}")
    _remark(config)


@hours.command("extra")
@click.argument("day")
@click.argument("span")
@_reason
@by_option
@config_option
def extra(day: str, span: str, reason: str, by: str, config_path: Path) -> None:
    """Open beside the plan: cong hours extra 2026-12-05 07:30-11:30."""
    _decide(ChangeKind.EXTRA, day, span, reason, by, config_path)


@hours.command("close")
@click.argument("day")
@click.argument("span", default="00:00-24:00")
@_reason
@by_option
@config_option
def close(day: str, span: str, reason: str, by: str, config_path: Path) -> None:
    """Close on a day, or for a span of it; sessions end then. Decided before it begins, it lowers what is promised."""
    _decide(ChangeKind.CLOSURE, day, span, reason, by, config_path)


@hours.command("take-back")
@click.argument("number", type=click.IntRange(1))
@by_option
@config_option
def take_back(number: int, by: str, config_path: Path) -> None:
    """Let a decided change stand no more."""
    now, who = SystemClock().now(), signer(by)
    if not _with_store(load_config(config_path), lambda store: store.take_back(number, who, now)):
        raise UsageError(f"there is no change {number} that stands", hint="cong hours lists them")
    click.echo(f"change {number} is taken back")


def decided_calendar(config: Config, since: datetime) -> tuple[Calendar, Sequence[StoredChange]]:
    """The plan with what was decided beside it and is not over before `since`; and those decisions."""
    stored = _with_store(config, lambda store: store.changes(since))
    plan = config.hours.calendar(config.site.zone, config.site.holiday_dates)
    return replace(plan, changes=[each.change for each in stored]), stored


def _decide(kind: ChangeKind, day: str, span: str, reason: str, by: str, config_path: Path) -> None:
    config, now = load_config(config_path), SystemClock().now()
    try:
        parsed = parse_hours(span)
    except ValueError as error:
        raise UsageError(str(error)) from error
    midnight = _midnight(day_of(day), config.site.zone)
    begin, end = (midnight + timedelta(minutes=minutes) for minutes in (parsed.begin_min, parsed.end_min))
    if end <= now:
        raise UsageError(f"{day} {span} is past", hint="a change is decided before it ends")
    change, who = Change(kind, begin, end, now, reason.strip()), signer(by)
    number = _with_store(config, lambda store: store.decide(change, who))
    click.echo(f"change {number}: {'open' if kind is ChangeKind.EXTRA else 'closed'} on {day}, {span}")
    _remark(config)


def _remark(config: Config) -> None:
    if not config.hours.enforce:
        click.echo("note: hours.enforce is false: patrons get in at all times", err=True)


def _midnight(day: date, zone: timezone) -> datetime:
    return datetime.combine(day, time.min, zone)


def _with_store(config: Config, work: Callable[[SqliteCalendar], Coroutine[Any, Any, T]]) -> T:
    async def run() -> T:
        async with Database.opened(config.state.database) as database:
            return await work(SqliteCalendar(database))

    return asyncio.run(run())


def _told(calendar: Calendar, days: list[date], stored: Sequence[StoredChange], now: datetime) -> dict[str, Any]:
    """Keys: open_now, closes_at, opens_next; days: day, weekday, open, promised ("07:30-11:30"); changes."""
    return {
        "open_now": closes_at(calendar, now) is not None,
        "closes_at": _iso(closes_at(calendar, now), calendar),
        "opens_next": _iso(opens_next(calendar, now), calendar),
        "days": [
            {
                "day": day.isoformat(),
                "weekday": _WEEKDAYS[day.weekday()],
                "open": _spans(open_on(calendar, day), _midnight(day, calendar.zone)),
                "promised": _spans(promised(calendar, day), _midnight(day, calendar.zone)),
            }
            for day in days
        ],
        "changes": [
            {
                "id": each.id,
                "kind": each.change.kind,
                "begin": _iso(each.change.begin, calendar),
                "end": _iso(each.change.end, calendar),
                "decided_at": _iso(each.change.decided_at, calendar),
                "author": each.author,
                "reason": each.change.reason,
            }
            for each in stored
        ],
    }


def _spans(intervals: Sequence[Interval], midnight: datetime) -> list[str]:
    def clock(moment: datetime) -> str:
        minutes = int((moment - midnight).total_seconds()) // 60
        return f"{minutes // 60:02}:{minutes % 60:02}"

    return [f"{clock(begin)}-{clock(end)}" for begin, end in intervals]


def _iso(moment: datetime | None, calendar: Calendar) -> str | None:
    return moment.astimezone(calendar.zone).isoformat(timespec="minutes") if moment else None
