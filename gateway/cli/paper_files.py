"""Papers out of commands: `--to FILE`, whose suffix says the form, written whole or not at all."""

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import TypeVar

import click

from gateway.config.fields import Path
from gateway.documents.forms import FORMS, writer_for
from gateway.errors import GatewayError
from gateway.papers.office import Office
from gateway.papers.paper import Paper

F = TypeVar("F", bound=Callable[..., object])

_to = click.option(
    "--to",
    "files",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=f"Write it as a paper of the office; the suffix says the form ({', '.join(FORMS)}). Several can be named; "
    '"-.pdf" is printed.',
)
_language = click.option(
    "--language", type=click.Choice(["vi", "en"]), default="vi", show_default=True, help="Language of the paper."
)


def paper_options(command: F) -> F:
    """--to and --language."""
    return _to(_language(command))


def checked(files: Sequence[PurePath]) -> None:
    """Refuse a form nobody writes, or an engine that is not there, before any work is done."""
    for file in files:
        writer_for(file.suffix)


def write_paper(paper: Paper, files: Sequence[Path]) -> None:
    """Write all forms; none of the files is ever half there. What is made of it is told on stderr.

    One named "-" with its suffix goes to standard output.
    """
    made = [(file, writer_for(file.suffix)(paper)) for file in files]
    for file, content in made:
        if str(file) == f"-{file.suffix}":
            click.echo(content, nl=False)
            continue
        _replace(file, content)
        click.echo(f"{file} written", err=True)


def say_what_lacks(office: Office) -> None:
    """A draft has dots where nobody told the office's own data; say how to tell it."""
    if office.letterhead is None:
        click.echo(
            "the letterhead is not known: the paper has dots there\n  hint: cong facts add letterhead first=2026-01-01 "
            'parent_body="…" issuing_body="…" place="…" symbol=BC-TV post="…" signer="…" sets it',
            err=True,
        )
    if office.plan is None:
        click.echo(
            "the year's plan is not known: the paper has dots there\n  hint: cong facts add plan year=2027 "
            "document=156/KH-UBND low_percent=5 high_percent=7 sets it",
            err=True,
        )


def _replace(file: Path, content: bytes) -> None:
    aside = ""
    try:
        with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as opened:
            aside = opened.name
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        umask = os.umask(0)
        os.umask(umask)
        Path(aside).chmod(0o666 & ~umask)
        Path(aside).replace(file)
    except OSError as error:
        if aside:
            Path(aside).unlink(missing_ok=True)
        raise GatewayError(
            f"the paper can't be written: {error.strerror}",
            where=str(file),
            hint="the file that was there is unchanged",
        ) from error
