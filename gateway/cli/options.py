"""Options that several commands share."""

import click

from gateway.config.fields import Path

config_option = click.option(
    "--config",
    "config_path",
    envvar="CONG_CONFIG",
    default=Path("/etc/cong/cong.toml"),
    show_default=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The configuration; CONG_CONFIG names it too.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON with stable keys.")
