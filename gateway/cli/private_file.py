"""Files with secrets on them: written whole, and for their owner alone."""

import os
import tempfile

import click

from gateway.config.fields import Path
from gateway.errors import GatewayError


def write_private(file: Path, text: str, hint: str) -> None:
    """Write it whole, mode 0600; "-" is standard output. GatewayError with the hint when it can't be."""
    if str(file) == "-":
        click.echo(text, nl=not text.endswith("\n"))
        return
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="", dir=file.parent, prefix=file.name, delete=False
        ) as aside:
            aside.write(text)
        if os.environ.get("SUDO_UID", "").isdecimal() and os.geteuid() == 0:  # whoever called sudo uses it
            os.chown(aside.name, int(os.environ["SUDO_UID"]), -1)
        Path(aside.name).replace(file)
    except OSError as error:
        raise GatewayError(f"the page can't be written: {error.strerror}", where=str(file), hint=hint) from error
