"""cong shelf: the library's own documents and films, which need no line."""

import json
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from gateway.cli.options import config_option, json_option
from gateway.config.fields import Path
from gateway.config.load import load_config
from gateway.config.model import Config
from gateway.errors import GatewayError, UsageError
from gateway.ports_shelf import Catalogue
from gateway.shelf.adding import add_item
from gateway.shelf.folder import read_folder, undescribed
from gateway.shelf.sheet import SHEET
from gateway.units import show_bytes

F = TypeVar("F", bound=Callable[..., Any])


def _subtitles(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, Path]:
    found = {}
    for value in values:
        language, equals, path = value.partition("=")
        if not equals or not Path(path).is_file():
            raise click.BadParameter(f'"{value}": write a language and a file, such as vi=phim.srt')
        found[language] = Path(path)
    return found


def _told(command: F) -> F:
    for option in (
        click.option("--order", default=0, type=int, help="Its place; smaller stands first."),
        click.option("--section", default="", help="The heading it stands under."),
        click.option("--licence", default="", help='Such as "CC BY 4.0".'),
        click.option("--author", default="", help="Who made it."),
        click.option("--language", default="", metavar="TAG", help='Such as "vi", "en", "jra".'),
        click.option("--title-en", default="", help="The same for readers of English."),
        click.option("--title", required=True, help="What patrons read."),
    ):
        command = option(command)
    return command


@click.group()
def shelf() -> None:
    """Documents, films and links to catalogues that patrons open without the Internet."""


@shelf.command("list")
@json_option
@config_option
def list_items(as_json: bool, config_path: Path) -> None:
    """What is on the shelf, with its address."""
    config = load_config(config_path)
    catalogue = _read(config)
    if as_json:
        click.echo(json.dumps(_as_json(config, catalogue), indent=2, ensure_ascii=False))
        return
    for item in catalogue.items:
        size = show_bytes(item.size_bytes) if item.path else "-"
        subtitles = "".join(f" +{each.language}" for each in item.subtitles)
        click.echo(f"{item.key}  {item.kind:8} {size:>9}  {item.language or '-':4} {item.title}{subtitles}")
    count = len(catalogue.items)
    click.echo(f"{count} item{'s' if count != 1 else ''} at http://{config.portal.hostname}/shelf/")
    if catalogue.problems:
        click.echo(f"{len(catalogue.problems)} left out: cong shelf check", err=True)


@shelf.command()
@config_option
def check(config_path: Path) -> None:
    """Hold the sheet against the files; exit code 1 when an entry can't be shown."""
    config = load_config(config_path)
    catalogue = _read(config)
    for problem in catalogue.problems:
        click.echo(f"{config.shelf_path / SHEET}: {problem}")
    for path in undescribed(config.shelf_path, catalogue):
        click.echo(f"note: {path} is in no entry: nobody sees it")
    click.echo(f"{len(catalogue.items)} shown, {len(catalogue.problems)} problem(s)")
    sys.exit(1 if catalogue.problems else 0)


@shelf.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--link", default="", metavar="URL", help="In place of a file: a catalogue or site.")
@click.option("--subtitle", "subtitles", multiple=True, callback=_subtitles, metavar="TAG=FILE", help="SRT or WebVTT.")
@_told
@config_option
def add(file: Path | None, link: str, subtitles: dict[str, Path], config_path: Path, **told: Any) -> None:
    """Copy a file onto the shelf and write its entry."""
    config = load_config(config_path)
    if (file is None) == (not link):
        raise UsageError("give either a FILE or --link", hint="cong shelf add phim.mp4 --title 'Rừng'")
    entry = add_item(config.shelf_path, file, {"link": link, **told} if link else told, subtitles)
    click.echo(f"{config.shelf_path / SHEET}:\n{entry}".rstrip())


def _read(config: Config) -> Catalogue:
    try:
        return read_folder(config.shelf_path)
    except ValueError as error:
        raise GatewayError(
            f"can't be used: {error}", where=str(config.shelf_path / SHEET), hint="the shelf shows its last good state"
        ) from error


def _as_json(config: Config, catalogue: Catalogue) -> dict[str, Any]:
    return {
        "folder": str(config.shelf_path),
        "problems": list(map(str, catalogue.problems)),
        "items": [
            {
                "key": item.key,
                "kind": item.kind,
                "title": item.title,
                "title_en": item.title_en,
                "language": item.language,
                "author": item.author,
                "licence": item.licence,
                "section": item.section,
                "order": item.order,
                "file": item.path,
                "link": item.link,
                "size_bytes": item.size_bytes,
                "subtitles": [each.language for each in item.subtitles],
            }
            for item in catalogue.items
        ],
    }
