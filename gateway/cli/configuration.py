"""cong check, cong example-config."""

import click

from gateway.cli.options import config_option
from gateway.config.example import example_config
from gateway.config.fields import Path
from gateway.config.load import load_config


@click.command()
@config_option
def check(config_path: Path) -> None:
    """Check the configuration: every problem at once, with its key path and a hint."""
    config = load_config(config_path)
    click.echo(f"{config_path}: good")
    if names := config.portal.garden.names:
        click.echo(f"open before login: {', '.join(names)}, by the filter of profile {config.session.profile}")


@click.command("example-config")
def example() -> None:
    """Print the documented configuration with every default."""
    click.echo(example_config(), nl=False)
