"""cong dns: run the filter, tell its counts, empty its cache."""

import asyncio
import json
import pickle
import sys

import click

from gateway.cli.options import config_option, json_option
from gateway.config.fields import Path
from gateway.config.load import load_config, read_config
from gateway.errors import UsageError


@click.group(invoke_without_command=True)
@config_option
@click.option("--workers", type=click.IntRange(1, 16), help="Worker processes, instead of dns.workers.")
@click.option("--tell-settings", is_flag=True, hidden=True, help="For the running filter: print its settings, pickled.")
@click.pass_context
def dns(context: click.Context, config_path: Path, workers: int | None, tell_settings: bool) -> None:
    """Run the DNS filter; with a command, ask a running one."""
    if context.invoked_subcommand is not None:
        return
    from dataclasses import replace

    from filters.program import hand_over
    from filters.renewal import Origin
    from gateway.config.filtering import filter_settings

    layers, texts = read_config(config_path)
    settings = filter_settings(layers.config)
    settings = replace(settings, workers=workers) if workers else settings
    if tell_settings:
        sys.stdout.buffer.write(pickle.dumps(settings))
        return
    stamp = texts.stamp
    command = (sys.executable, *sys.orig_argv[1:], "--tell-settings")
    hand_over(settings, Origin(command, texts.desk_path, (stamp.inode, stamp.modified_ns, stamp.size)))


@dns.command("stats")
@json_option
@config_option
def stats(as_json: bool, config_path: Path) -> None:
    """What the filter did today and this hour, and how its workers stand.

    From the store, and from what each worker last told the running gateway. Never a client; names only where
    dns.count_names is on.
    """
    from gateway.cli.dns_stats import gathered, told

    figures = asyncio.run(gathered(load_config(config_path)))
    click.echo(json.dumps(figures, ensure_ascii=False, indent=2) if as_json else told(figures))


@dns.command("flush")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@config_option
def flush(names: tuple[str, ...], config_path: Path) -> None:
    """Forget what is kept of names and all below them; of everything when none is given.

    The workers look several times a second; answers are asked for anew from then on.
    """
    from filters.names import BadNameError, normal_form
    from gateway.store.flush import ask_to_forget

    config = load_config(config_path)
    try:
        normal = [normal_form(name) for name in names]
    except BadNameError as bad:
        raise UsageError(bad.message, where="NAME", hint="give a name such as example.vn") from bad
    ask_to_forget(config.state.local_rules.with_name("flush.json"), normal)
    click.echo(f"asked the workers to forget {', '.join(normal) if normal else 'all answers'}")
