"""cong doctor: are the things the gateway hangs on in order, and if not, what is to be done."""

import json
from collections.abc import Iterator

import click

from gateway.cli.checks_box import box
from gateway.cli.checks_service import service
from gateway.cli.checkup import Finding, Grade, fault
from gateway.cli.options import config_option, json_option
from gateway.cli.self_check import is_due, self_check, told
from gateway.clock import SystemClock
from gateway.config.fields import Path
from gateway.config.load import load_config, read_layers, read_texts
from gateway.config.model import Config
from gateway.pages import LANGUAGES, text
from gateway.phone.findings import Finding as Step
from gateway.phone.findings import Outcome


@click.command()
@click.option("--portal", is_flag=True, help="Send a fake phone through the portal, as a reader's; takes about 20 s.")
@click.option("--before-opening", is_flag=True, help="With --portal: only in the hour before opening, once.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", help="Of what is told.")
@json_option
@config_option
def doctor(portal: bool, before_opening: bool, language: str, as_json: bool, config_path: Path) -> None:
    """Look at the gateway and all it hangs on: box, disk, clock, line, filter, lists, certificate, mail, backups.

    A line each: ok, note (look this week), FAULT (now) with what to do. Exit code 1 when there is a fault.

    --portal looks at the portal alone, from outside: as root, on the gateway, while it runs. Readers notice nothing.
    """
    config = load_config(config_path)
    if portal:
        if not before_opening or is_due(config):
            _portal(config, language, as_json=as_json)
        return
    found = [*findings(config, language), *_desk_settings(config_path)]
    if as_json:
        click.echo(json.dumps([_tree(each, language) for each in found], indent=2, ensure_ascii=False))
    else:
        for each in found:
            click.echo(f"{_GRADES[each.grade]}  {each.name(language)}: {each.says(language)}")
            if hint := each.hint(language):
                click.echo(f"         {text(language, 'phone.do')}: {hint}")
    if any(each.grade is Grade.FAULT for each in found):
        raise click.exceptions.Exit(1)


def findings(config: Config, language: str) -> Iterator[Finding]:
    """All that was looked at."""
    now = SystemClock().now()
    yield from service(config, now, language)
    yield from box(config, now)


def _desk_settings(path: Path) -> Iterator[Finding]:
    for problem in read_layers(read_texts(path)).left_out:
        yield fault("settings", "left_out", what=problem)


def _tree(one: Finding, language: str) -> dict[str, object]:
    """Keys: key (of the thing), thing, outcome (ok, warning, fault), good (no fault), said, hint."""
    return {
        "key": one.thing,
        "thing": one.name(language),
        "outcome": one.grade.value,
        "good": one.grade is not Grade.FAULT,
        "said": one.says(language),
        "hint": one.hint(language),
    }


_GRADES = {Grade.OK: "ok   ", Grade.WARNING: "note ", Grade.FAULT: "FAULT"}
_WORDS = {Outcome.OK: "ok   ", Outcome.FAULT: "FAULT", Outcome.NOTE: "note "}


def _portal(config: Config, language: str, *, as_json: bool) -> None:
    def tell(step: Step) -> None:
        if not as_json:
            name, said, hint = told(step, language)
            click.echo(f"{_WORDS[step.outcome]}  {name}: {said} ({step.ms} ms)")
            if hint:
                click.echo(f"         {text(language, 'phone.do')}: {hint}")

    kept = self_check(config, tell)
    if as_json:
        steps = []
        for step in kept.findings:
            name, said, hint = told(step, language)
            steps.append({**step.as_json(), "name": name, "said": said, "hint": hint})
        tree = {"at": kept.at.isoformat(timespec="seconds"), "good": kept.is_good, "steps": steps}
        click.echo(json.dumps(tree, indent=2, ensure_ascii=False))
    if not kept.is_good:
        raise click.exceptions.Exit(1)
