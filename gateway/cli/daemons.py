"""cong serve, firewall, dhcp: what systemd's units run."""

import asyncio
import gc

import click

from gateway.cli.options import config_option
from gateway.config.fields import Path
from gateway.config.load import load_config


@click.command()
@config_option
def serve(config_path: Path) -> None:
    """Run the gateway: portal, sessions, metering, garden resolver, router advertisements."""
    gc.disable()  # until all stands: little is thrown away by then, and looking for it is 7 % of the loading
    from gateway.daemon.serve import serve as run  # its libraries take a while to load: not for `cong --help`

    run(config_path)


@click.group()
def firewall() -> None:
    """Show or load the ruleset."""


@firewall.command("show")
@config_option
def firewall_show(config_path: Path) -> None:
    """Print the ruleset made from the configuration; nothing is changed."""
    from gateway.kernel.ruleset import ruleset

    click.echo(ruleset(load_config(config_path)), nl=False)


@firewall.command("load")
@config_option
def firewall_load(config_path: Path) -> None:
    """Load the ruleset: default drop, nobody admitted; sessions that are already in the kernel stay."""
    from gateway.kernel.loading import load_ruleset
    from gateway.kernel.ruleset import ruleset

    asyncio.run(load_ruleset(ruleset(load_config(config_path))))


@click.group()
def dhcp() -> None:
    """What dnsmasq needs to give out addresses."""


@dhcp.command("config")
@config_option
def dhcp_config(config_path: Path) -> None:
    """Print dnsmasq's configuration."""
    from gateway.cli.certificate import portal_verdict
    from gateway.kernel.dhcp import dnsmasq_config, portal_api_url

    config = load_config(config_path)
    verdict = portal_verdict(config)
    if verdict and not verdict.is_valid:
        click.echo(f"note: the portal's API is not announced: {verdict.why} ({verdict.hint})", err=True)
    url = portal_api_url(config) if verdict and verdict.is_valid else None
    click.echo(dnsmasq_config(config, url), nl=False)
