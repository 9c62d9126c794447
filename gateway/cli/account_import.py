"""cong account import: a whole list at once, or nothing of it."""

import json
from collections.abc import Sequence

import click

from gateway.cli.account_desk import Desk, at_desk, hand_out
from gateway.cli.account_options import kind_option, profile_option, sheet_option, until_option
from gateway.cli.options import config_option, json_option
from gateway.cli.rules import by_option, signer
from gateway.config.fields import Path
from gateway.errors import Fault, UsageError
from gateway.ports_accounts import MOST_BYTES, ProblemsError, Row

_MANY = 100


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--skip-known", is_flag=True, help="Leave accounts that are there as they are; else they are an error.")
@kind_option
@profile_option
@until_option
@sheet_option
@by_option
@json_option
@config_option
def import_(
    file: Path,
    dry_run: bool,
    skip_known: bool,
    kind: str,
    profile: str | None,
    until: str,
    sheet: Path | None,
    by: str,
    as_json: bool,
    config_path: Path,
) -> None:
    """Add all accounts of a CSV file, or none.

    Columns: name, and as you like password, kind, profile, valid_until, note. Who has no password there gets one made.
    """
    raw = _read(file)

    async def work(desk: Desk) -> tuple[Desk, Sequence[Row], Sequence[tuple[str, str]], int]:
        office = desk.office
        try:
            listed = await office.look(
                raw, office.defaults(kind, profile or "", office.end_of(until)), skip_known=skip_known
            )
        except ProblemsError as error:
            raise _refused(error.problems, str(file)) from error
        if not dry_run and len(listed.fresh) > _MANY:
            click.echo(
                f"{len(listed.fresh)} passwords are hashed slowly on purpose: a minute or more a thousand", err=True
            )
        handed = [] if dry_run else await office.bring(listed.fresh, signer(by))
        return desk, listed.fresh, handed, len(listed.known)

    desk, added, handed, skipped = at_desk(config_path, work)
    tail = f", {skipped} there already" if skipped else ""
    if dry_run:
        if as_json:
            told = {"dry_run": True, "would_add": [row.written.name for row in added], "skipped": skipped}
            click.echo(json.dumps(told, indent=2, ensure_ascii=False))
            return
        click.echo(f"{len(added)} account{'s' if len(added) != 1 else ''} would be added{tail}; nothing was done")
        return
    given = [row.written.name for row in added if row.password]
    hand_out(desk, handed, sheet, as_json=as_json, given=given)
    click.echo(f"{len(added)} account{'s' if len(added) != 1 else ''} added{tail}", err=True)


def _read(file: Path) -> bytes:
    try:
        with click.open_file(str(file), "rb") as opened:
            raw: bytes = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"the list can't be read: {error.strerror}", hint=str(file)) from error
    return raw


def _refused(problems: Sequence[Fault], where: str) -> UsageError:
    count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}, nothing was imported"
    lines = "\n  ".join([count, *map(str, problems)])
    return UsageError(lines, where=where, hint="--skip-known leaves known accounts as they are; --dry-run only looks")
