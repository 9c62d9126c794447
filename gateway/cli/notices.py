"""cong notice: what the library tells its patrons on the portal's pages."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import click

from gateway.cli.options import config_option, json_option
from gateway.cli.rules import by_option, signer
from gateway.cli.until import end_of, end_options, time_of
from gateway.clock import SystemClock
from gateway.config.fields import Path
from gateway.config.load import load_config
from gateway.config.model import Config
from gateway.errors import FaultError, UsageError
from gateway.flows.notices import NoticeOffice
from gateway.ports_board import Notice, NoticeKind, Wording
from gateway.store.board import SqliteNotices
from gateway.store.db import Database

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")
_LANGUAGES = ("vi", "en")


@dataclass(frozen=True, slots=True)
class _Desk:
    config: Config
    office: NoticeOffice


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

    async def work(desk: _Desk) -> tuple[_Desk, Notice]:
        blank = desk.office.blank(signer(by))
        written = _written(desk.config, blank, blank.written_at, said)
        ends = None if written.shown_until == blank.shown_until else written.shown_until
        return desk, await desk.office.add(written, ends)

    desk, written = _at_desk(config_path, work)
    click.echo(f"notice {written.number}: {_span(desk.config, written)}")


@notice.command()
@click.argument("number", type=click.IntRange(1))
@_words
def edit(number: int, config_path: Path, by: str, **said: Any) -> None:
    """Change what is given; the rest of it stays. The wording before stays in the audit trail."""

    async def work(desk: _Desk) -> tuple[_Desk, Notice]:
        config = desk.config
        return desk, await desk.office.edit(
            number, lambda before: _written(config, before, before.written_at, said), signer(by)
        )

    desk, written = _at_desk(config_path, work)
    click.echo(f"notice {number}: {_span(desk.config, written)}")


@notice.command()
@click.argument("number", type=click.IntRange(1))
@by_option
@config_option
def end(number: int, by: str, config_path: Path) -> None:
    """Show it no more."""
    _at_desk(config_path, lambda desk: desk.office.end(number, signer(by)))
    click.echo(f"notice {number} is ended")


@notice.command("list")
@click.option("--all", "everything", is_flag=True, help="The audit trail: each wording, also of what is over.")
@json_option
@config_option
def list_notices(everything: bool, as_json: bool, config_path: Path) -> None:
    """What patrons read now, and what they will."""

    async def work(desk: _Desk) -> tuple[_Desk, Sequence[Notice]]:
        return desk, await (desk.office.history() if everything else desk.office.current())

    desk, found = _at_desk(config_path, work)
    config, now = desk.config, desk.office.clock.now()
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


def _at_desk(config_path: Path, work: Callable[[_Desk], Coroutine[Any, Any, T]]) -> T:
    async def run() -> T:
        config = load_config(config_path)
        async with Database.opened(config.state.database) as database:
            try:
                return await work(_Desk(config, NoticeOffice(SqliteNotices(database), SystemClock(), config.site.zone)))
            except FaultError as error:
                raise UsageError(str(error), hint="cong notice add --help") from error

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
