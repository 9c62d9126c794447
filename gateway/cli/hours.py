"""cong hours: when the library is open, and decided changes of it."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Sequence
from datetime import date, datetime, timedelta
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
from gateway.flows.opening import Decided, NotDecided, day_plan, day_spans, decide, decided, midnight
from gateway.service.calendar import Calendar, ChangeKind, closes_at, opens_next
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
    since = midnight(min(day, today), config.site.zone) - timedelta(days=1)
    told = _told(decided_calendar(config, since), [day + timedelta(days=n) for n in range(days)], now)
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


def decided_calendar(config: Config, since: datetime) -> Decided:
    """The plan with what was decided beside it and is not over before `since`; and those decisions."""
    plan = config.hours.calendar(config.site.zone, config.site.holiday_dates)
    return _with_store(config, lambda store: decided(plan, store, since))


def _decide(kind: ChangeKind, day: str, span: str, reason: str, by: str, config_path: Path) -> None:
    config, now, on, who = load_config(config_path), SystemClock().now(), day_of(day), signer(by)
    try:
        parsed = parse_hours(span)
    except ValueError as error:
        raise UsageError(str(error)) from error

    async def work(store: SqliteCalendar) -> Sequence[int] | NotDecided:
        zone = config.site.zone
        return await decide(store, kind, (on, on), parsed, zone=zone, now=now, reason=reason, author=who)

    came = _with_store(config, work)
    if isinstance(came, NotDecided):
        raise UsageError(f"{day} {span} is past", hint="a change is decided before it ends")
    click.echo(f"change {came[0]}: {'open' if kind is ChangeKind.EXTRA else 'closed'} on {day}, {span}")
    _remark(config)


def _remark(config: Config) -> None:
    if not config.hours.enforce:
        click.echo("note: hours.enforce is false: patrons get in at all times", err=True)


def _with_store(config: Config, work: Callable[[SqliteCalendar], Coroutine[Any, Any, T]]) -> T:
    async def run() -> T:
        async with Database.opened(config.state.database) as database:
            return await work(SqliteCalendar(database))

    return asyncio.run(run())


def _told(plan: Decided, days: list[date], now: datetime) -> dict[str, Any]:
    """Keys: open_now, closes_at, opens_next; days: day, weekday, open, promised ("07:30-11:30"); changes."""
    calendar = plan.calendar
    return {
        "open_now": closes_at(calendar, now) is not None,
        "closes_at": _iso(closes_at(calendar, now), calendar),
        "opens_next": _iso(opens_next(calendar, now), calendar),
        "days": [
            {
                "day": each.day.isoformat(),
                "weekday": _WEEKDAYS[each.day.weekday()],
                "open": day_spans(each.open, each.day, calendar.zone),
                "promised": day_spans(each.promised, each.day, calendar.zone),
            }
            for each in (day_plan(plan, day) for day in days)
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
            for each in plan.stored
        ],
    }


def _iso(moment: datetime | None, calendar: Calendar) -> str | None:
    return moment.astimezone(calendar.zone).isoformat(timespec="minutes") if moment else None
