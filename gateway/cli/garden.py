"""cong garden: what is open before login."""

import json

import click

from gateway.cli.options import config_option, json_option
from gateway.config.fields import Path
from gateway.config.load import load_config
from gateway.control.client import ask
from gateway.units import show_bytes


@click.command()
@json_option
@config_option
def garden(as_json: bool, config_path: Path) -> None:
    """Sites open before login, how many of their addresses are open now, and what they carried today."""
    config = load_config(config_path)
    told = {"names": list(config.portal.garden.names), **ask(config.state.control_socket, "GET", "/garden")}
    if as_json:
        click.echo(json.dumps(told, indent=2))
        return
    for name in told["names"]:
        click.echo(name)
    up, down = show_bytes(told["up_bytes"]), show_bytes(told["down_bytes"])
    click.echo(f"{len(told['names'])} names, {told['addresses']} addresses open now; up {up}, down {down} today")
