"""cong lists try: what a list would do, before it is one of ours. Nothing is kept."""

import json
import tempfile
from dataclasses import replace
from typing import Any

import click

from filters.blockset import Blockset
from filters.compile import compile_in_memory
from filters.formats.listing import read_listing
from filters.generations import load_current
from filters.public import NOT_PUBLIC
from filters.settings import Action, FilterSettings, Match, Source
from filters.sources import fetched_copy, fetched_directory, is_fetched, read_source
from gateway.cli.options import config_option, json_option
from gateway.config.fields import Path
from gateway.config.filtering import filter_settings
from gateway.config.lists import ListSource
from gateway.config.load import load_config
from gateway.errors import GatewayError, UsageError

_SAMPLE, _SHOWN = 2000, 12
# what a day in the library stops without: a list that refuses one of these is not for this house
_NEEDED = (
    "google.com", "google.com.vn", "gstatic.com", "googleapis.com", "youtube.com", "facebook.com", "fbcdn.net",
    "zalo.me", "zdn.vn", "cloudflare.com", "akamaihd.net", "microsoft.com", "live.com", "apple.com", "icloud.com",
    "dichvucong.gov.vn", "chinhphu.vn", "moet.gov.vn", "vnexpress.net", "tuoitre.vn", "wikipedia.org", "gmail.com",
)  # fmt: skip


@click.command("try")
@click.argument("location")
@click.option("--match", type=click.Choice(["auto", "tree", "exact"]), default="auto", show_default=True)
@json_option
@config_option
def try_list(location: str, match: str, as_json: bool, config_path: Path) -> None:
    """Fetch a list, read it, and tell what it would do; nothing is kept."""
    try:
        asked = ListSource.model_validate({"name": "tried", "category": "tried", "location": location, "match": match})
    except ValueError as error:
        raise UsageError(f"{location}: {error}".splitlines()[0], hint="give a file or an https:// address") from error
    settings = filter_settings(load_config(config_path))
    with tempfile.TemporaryDirectory(prefix="cong-try-") as folder:
        source = Source("tried", "tried", asked.location, match=Match(asked.match), max_bytes=asked.max_bytes)
        told = _tried(replace(settings, sources=(source,), blockset_directory=Path(folder)), source, settings)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    click.echo(f"{told['names']} names, format {told['format']}, {told['bytes']} bytes")
    click.echo(f"of {told['sampled']} looked at, {told['known']} are refused already")
    click.echo("such as " + ", ".join(told["sample"]))
    if told["needed"]:
        click.echo("it would refuse what a library needs: " + ", ".join(told["needed"]))
    for each in told["rejected"]:
        click.echo(f"{each['lines']} lines not used: {each['why']}; the first is {each['line']}: {each['text']}")


def _tried(trial: FilterSettings, source: Source, settings: FilterSettings) -> dict[str, Any]:
    fetched = fetched_directory(trial)
    if is_fetched(source):
        _fetch(trial, fetched)
    compiled = compile_in_memory((source,), fetched)
    if compiled.skipped:
        raise compiled.skipped[0]
    found = compiled.blockset.sources[0]
    content = read_source(source, fetched)
    names = sorted({each.name for each in read_listing(content, where="tried").entries})
    step = max(1, len(names) // _SAMPLE)
    sampled = names[::step][:_SAMPLE]
    return {
        "location": source.location,
        "format": found.format,
        "names": found.names,
        "bytes": len(content),
        "sample": names[:: max(1, len(names) // _SHOWN)][:_SHOWN],
        "sampled": len(sampled),
        "known": _known(load_current(settings.blockset_directory), sampled),
        "needed": [name for name in _NEEDED if compiled.blockset.matches(name)],
        "rejected": [
            {"why": reason, "lines": count, "line": first[0][0] if first else 0, "text": first[0][1] if first else ""}
            for reason, count, first in found.rejects
        ],
    }


def _fetch(trial: FilterSettings, fetched: Path) -> None:
    from filters.fetch import Outcome, fetch_lists  # loads aiohttp, which the other commands need not

    fetched.mkdir(parents=True)
    for each in fetch_lists(trial):
        if each.outcome is Outcome.FAILED or not fetched_copy(trial.sources[0], fetched).exists():
            is_near = each.error.startswith(NOT_PUBLIC)
            hint = "name its network in dns.list_networks of the configuration file if it is meant" if is_near else ""
            raise GatewayError(
                f"can't be fetched: {each.error}",
                where=trial.sources[0].location,
                hint=hint,
                key="filter_list_near" if is_near else "",
            )


def _known(current: Blockset | None, names: list[str]) -> int:
    if current is None:
        return 0
    return sum(any(each.source.action is Action.BLOCK for each in current.matches(name)) for name in names)
