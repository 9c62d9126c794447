"""cong notice: what the library tells its patrons on the portal's pages."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

import click

from gateway.cli.options import config_option, json_option
from gateway.cli.rules import by_option, signer
from gateway.cli.until import end_of, end_options, time_of
from gateway.clock import SystemClock
from gateway.config.fields import Path
from gateway.config.load import load_config
from gateway.config.model import Config
from gateway.errors import UsageError
from gateway.flows.board import notice_fault
from gateway.ports_board import Notice, NoticeKind, Wording
from gateway.store.board import SqliteNotices
from gateway.store.db import Database

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")
_STANDS = timedelta(days=30)
_LANGUAGES = ("vi", "en")


def _words(command: F) -> F:
    for option in (
        config_option,
        by_option,
        end_options,
        click.option("--from", "begins", metavar="TIME", help="Shown from then on; now if left out."),
        click.option("--place", metavar="PLACE", help="Where an event takes place."),
        click.option("--event", "happens", metavar="TIME", help='It is an event, at "2026-12-05 07:30".'),
        click.option("--text-en", metavar="TEXT", help="The same in English."),
        click.option("--text", "text_vi", metavar="TEXT", help="More of it, in Vietnamese."),
        click.option("--title-en", metavar="TEXT", help="The same in English."),
        click.option("--title", "title_vi", metavar="TEXT", help="What stands on the first page, in Vietnamese."),
    ):
        command = option(command)
    return command


@click.group()
def notice() -> None:
    """News and events on the portal's pages."""


@notice.command()
@_words
def add(config_path: Path, by: str, **said: Any) -> None:
    """Tell patrons something; shown for 30 days, or until an event is over, unless said otherwise."""
    config, now = load_config(config_path), SystemClock().now()
    blank = Notice(0, NoticeKind.NOTICE, now, now, None, "", {}, signer(by), now)
    written = _written(config, blank, now, said)
    if written.shown_until == now:
        written = written.rewritten(shown_until=_default_end(config, written))
    number = _store(config, written)
    click.echo(f"notice {number}: {_span(config, written)}")


@notice.command()
@click.argument("number", type=click.IntRange(1))
@_words
def edit(number: int, config_path: Path, by: str, **said: Any) -> None:
    """Change what is given; the rest of it stays. The wording before stays in the audit trail."""
    config, now = load_config(config_path), SystemClock().now()
    before = _with_store(config, lambda store: store.latest(number))
    if before is None or before.ended_at or before.shown_until <= now:
        raise UsageError(f"there is no notice {number} to be shown", hint="cong notice list")
    written = _written(config, before.rewritten(author=signer(by), written_at=now), now, said)
    _store(config, written)
    click.echo(f"notice {number}: {_span(config, written)}")


@notice.command()
@click.argument("number", type=click.IntRange(1))
@by_option
@config_option
def end(number: int, by: str, config_path: Path) -> None:
    """Show it no more."""
    who, now = signer(by), SystemClock().now()
    if not _with_store(load_config(config_path), lambda store: store.end(number, who, now)):
        raise UsageError(f"there is no notice {number} to be shown", hint="cong notice list")
    click.echo(f"notice {number} is ended")


@notice.command("list")
@click.option("--all", "everything", is_flag=True, help="The audit trail: each wording, also of what is over.")
@json_option
@config_option
def list_notices(everything: bool, as_json: bool, config_path: Path) -> None:
    """What patrons read now, and what they will."""
    config, now = load_config(config_path), SystemClock().now()
    found = _with_store(config, lambda store: store.history() if everything else store.current(now))
    if as_json:
        click.echo(json.dumps([_as_json(config, each, now) for each in found], indent=2, ensure_ascii=False))
        return
    for each in found:
        _, said = each.wording("vi", "vi")
        mark = "ended" if each.ended_at else "shown" if each.is_shown(now) else ""
        click.echo(f"{each.number:4}  {each.kind:6}  {mark:5}  {_span(config, each)}  {said.title}  ({each.author})")
    click.echo(f"{len(found)} notice{'s' if len(found) != 1 else ''}")


def _written(config: Config, before: Notice, now: datetime, said: Mapping[str, Any]) -> Notice:
    """A notice with what the options say in place of what it said."""
    local = now.astimezone(config.site.zone)
    changed: dict[str, object] = {"wordings": _wordings(before.wordings, said)}
    if said["begins"]:
        changed["shown_from"] = time_of(said["begins"], local, "--from")
    if ends := end_of(now, config.site.zone, said["lasts"], said["until"], said["today"]):
        changed["shown_until"] = ends
    if said["happens"]:
        changed |= {"kind": NoticeKind.EVENT, "happens_at": time_of(said["happens"], local, "--event")}
    if said["place"] is not None:
        changed["place"] = said["place"].strip()
    written = before.rewritten(**changed)
    if written.place and written.happens_at is None:
        raise UsageError("--place is of an event", hint="give --event TIME too")
    return written


def _wordings(before: Mapping[str, Wording], said: Mapping[str, Any]) -> dict[str, Wording]:
    found = dict(before)
    for tag in _LANGUAGES:
        title, text = (said[f"{part}_{tag}"] for part in ("title", "text"))
        old = found.get(tag, Wording("", ""))
        new = Wording(old.title if title is None else title.strip(), old.text if text is None else text.strip())
        if new != Wording("", ""):
            found[tag] = new
        else:
            found.pop(tag, None)
    return found


def _default_end(config: Config, written: Notice) -> datetime:
    """Of an event the end of its day; else a month after it begins to be shown."""
    if written.happens_at is None:
        return written.shown_from + _STANDS
    local = written.happens_at.astimezone(config.site.zone) + timedelta(days=1)
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def _store(config: Config, written: Notice) -> int:
    if fault := notice_fault(written):
        raise UsageError(fault, hint="cong notice add --help")
    return _with_store(config, lambda store: store.write(written))


def _with_store(config: Config, work: Callable[[SqliteNotices], Coroutine[Any, Any, T]]) -> T:
    async def run() -> T:
        database = await Database.open(config.state.database)
        try:
            return await work(SqliteNotices(database))
        finally:
            await database.close()

    return asyncio.run(run())


def _span(config: Config, each: Notice) -> str:
    begin, end = (at.astimezone(config.site.zone) for at in (each.shown_from, each.shown_until))
    event = f", on {each.happens_at.astimezone(config.site.zone):%Y-%m-%d %H:%M}" if each.happens_at else ""
    return f"{begin:%Y-%m-%d %H:%M} .. {end:%Y-%m-%d %H:%M}{event}"


def _as_json(config: Config, each: Notice, now: datetime) -> dict[str, Any]:
    def iso(moment: datetime | None) -> str | None:
        return moment.astimezone(config.site.zone).isoformat(timespec="seconds") if moment else None

    return {
        "number": each.number,
        "kind": each.kind,
        "shown": each.is_shown(now),
        "from": iso(each.shown_from),
        "until": iso(each.shown_until),
        "event_at": iso(each.happens_at),
        "place": each.place,
        "texts": {tag: {"title": said.title, "text": said.text} for tag, said in each.wordings.items()},
        "author": each.author,
        "written_at": iso(each.written_at),
        "ended_at": iso(each.ended_at),
        "ended_by": each.ended_by,
    }
