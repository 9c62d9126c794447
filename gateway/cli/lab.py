"""cong lab: a whole library network in network namespaces of this machine."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click

from gateway.cli.options import json_option
from gateway.config.load import load_config
from gateway.errors import UsageError
from gateway.lab import apart, build, demo, netns, processes, status
from gateway.lab.daemons import DAEMONS
from gateway.lab.plan import DEFAULT_DIRECTORY, netns_of
from gateway.lab.relay import is_free, relay
from gateway.lab.state import Files

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

directory_option = click.option(
    "--directory",
    "files",
    envvar=apart.DIRECTORY_VARIABLE,
    default=DEFAULT_DIRECTORY,
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False, resolve_path=True),
    callback=lambda _context, _parameter, value: Files(value),
    help="Where the lab keeps its files; the same for all commands of one lab.",
)


@click.group()
@click.pass_context
def lab(context: click.Context) -> None:
    """A library network in namespaces: ISP, gateway, clients. Needs root, or a host that allows user namespaces."""
    asks_for_help = {"-h", "--help"} & set(sys.argv)
    if context.invoked_subcommand and not asks_for_help and apart.is_wanted():
        sys.exit(apart.run_inside(context.invoked_subcommand, sys.argv[1:]))


@lab.command()
@click.option("--clients", default=2, show_default=True, help="Number of patrons' devices.")
@click.option(
    "--config-extra",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="TOML laid over the lab's configuration.",
)
@click.option("--no-daemons", is_flag=True, help="Only the wires and the ISP's side; clients get fixed addresses.")
@directory_option
def up(files: Files, clients: int, config_extra: Path | None, no_daemons: bool) -> None:
    """Bring the lab up."""
    _end_in_order()
    build.up(files, clients, daemons=not no_daemons, extra=config_extra, say=click.echo)
    _show(status.status(files))


@lab.command("exec", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("name")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@directory_option
def execute(files: Files, name: str, command: tuple[str, ...]) -> NoReturn:
    """Run a program on c1…cN, gw or isp: cong lab exec c1 -- curl http://www.example.com/"""
    where = netns_of(name)
    if where not in netns.ours():
        known = ", ".join(entry.removeprefix("cong-") for entry in netns.ours()) or "none: cong lab up makes it"
        raise UsageError(f"the lab has no {name}", hint=f"there are: {known}")
    line = [*netns.inside(where), *(command[1:] if command[0] == "--" else command)]
    sys.stdout.flush()
    os.execvpe(line[0], line, _environment(files))


def _environment(files: Files) -> dict[str, str]:
    """With `cong` at hand, and the lab's configuration for it."""
    path = f"{Path(sys.executable).parent}:{processes.ENVIRONMENT.get('PATH', os.defpath)}"
    return {**processes.ENVIRONMENT, "PATH": path, "CONG_CONFIG": str(files.config)}


@lab.command("status")
@json_option
@directory_option
def show_status(files: Files, as_json: bool) -> None:
    """Namespaces, addresses, processes."""
    tree = status.status(files)
    if as_json:
        click.echo(json.dumps(tree, ensure_ascii=False, indent=2))
    else:
        _show(tree)


@lab.command()
@click.argument("name", type=click.Choice(DAEMONS))
@directory_option
def restart(files: Files, name: str) -> None:
    """Start a daemon again, also one that was killed."""
    process = build.restart(files, name)
    click.echo(f"{name} answers, process {process.pid}")


@lab.command()
@directory_option
def down(files: Files) -> None:
    """Remove all of it, also after a crash."""
    count = build.down(files)
    click.echo(f"removed the lab: {count} namespaces" if count else "no lab is up")


@lab.command("demo")
@click.option("--once", is_flag=True, help="End after the walk instead of staying up.")
@directory_option
def show_demo(files: Files, once: bool) -> None:
    """Bring the lab up, walk a client through the portal, stay until Ctrl-C, remove everything."""
    _end_in_order()
    build.up(files, 2, daemons=True, extra=None, say=click.echo)
    try:
        demo.walk(files)
        if not once:
            with contextlib.suppress(KeyboardInterrupt):
                asyncio.run(_stay(files))
    finally:
        _ignore_signals()  # an impatient second Ctrl-C must not leave half a lab
        build.down(files)
        with contextlib.suppress(OSError):  # the terminal may be gone
            click.echo("\nremoved the lab")


async def _stay(files: Files) -> None:
    """Until Ctrl-C, with the desk at hand for this machine's browser."""
    desk_port = load_config(files.config).desk.port
    server = None if apart.is_inside() else await relay(desk_port, desk_port if is_free(desk_port) else 0)
    demo.tell_more(files, server.sockets[0].getsockname()[1] if server else None)
    await asyncio.Event().wait()


def _show(tree: dict[str, Any]) -> None:
    gateway, isp = tree["gateway"], tree["isp"]
    click.echo(f"\nportal    {gateway['portal_url']}   ({gateway['lan_ipv4']}, {gateway['lan_ipv6']})")
    who = f"user {gateway['desk_user']}, password {gateway['desk_password'] or 'none'}"
    click.echo(f"desk      {gateway['desk_url']}   ({who})")
    pids = gateway["pids"]
    workers = f"{pids['dns'][0]} and {len(pids['dns']) - 1} workers" if pids["dns"] else "not running"
    click.echo(f"daemons   gateway {pids['gateway'] or 'not running'}, dns {workers}")
    click.echo(f"config    {gateway['config']}\ndatabase  {gateway['database']}")
    for client in tree["clients"]:
        click.echo(f"{client['name']:9} {client['mac']}  {client['ipv4'] or 'no IPv4'}  {' '.join(client['ipv6'])}")
    click.echo(f"Internet  {', '.join(isp['web_names'])}")
    click.echo("\ntry       cong lab exec c1 -- curl -i http://www.example.com/\nend       cong lab down")


def _end_in_order() -> None:
    """Let Ctrl-C, SIGTERM and a closed terminal unwind alike, once: what follows is the removal, and is not disturbed.

    Ctrl-C is set too, for a shell lets what it starts in the background ignore it.
    """

    def _interrupt(_number: int, _frame: FrameType | None) -> None:
        _ignore_signals()
        raise KeyboardInterrupt

    for number in _ENDING:
        signal.signal(number, _interrupt)


def _ignore_signals() -> None:
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)
