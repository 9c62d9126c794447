"""cong account import: a whole list at once, or nothing of it."""

import json
from collections.abc import Collection, Sequence

import click

from gateway.access.account import NameKey, checked_words, key_of
from gateway.cli.account_desk import Desk, at_desk, hand_out
from gateway.cli.account_options import (
    end_of,
    kind_option,
    password_for,
    profile_option,
    sheet_option,
    until_of,
    until_option,
)
from gateway.cli.options import config_option, json_option
from gateway.cli.rules import by_option, signer
from gateway.config.fields import Path
from gateway.errors import UsageError
from gateway.local_accounts.csv_file import MOST_BYTES, MOST_ROWS, Defaults, ProblemsError, Row, read_accounts
from gateway.ports_accounts import Hashed

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

    async def work(desk: Desk) -> tuple[Desk, list[tuple[Row, str]], int]:
        rows = _rows(raw, _defaults(desk, kind, profile, until), str(file))
        known = {each.key for each in await desk.store.accounts()}
        fresh = _without(rows, known, str(file), skip_known=skip_known)
        made = [(row, row.password or password_for(row.written.name, None)) for row in fresh]
        if not dry_run:
            if len(made) > _MANY:
                click.echo(f"{len(made)} passwords are hashed slowly on purpose: a minute or more a thousand", err=True)
            hashed = [Hashed(row.written, await desk.passwords.hashed(password)) for row, password in made]
            if await desk.store.add(hashed, signer(by), desk.now, "imported", skip_known=False):
                raise UsageError("another added one of them just now; nothing was imported", hint="try again")
        return desk, made, len(rows) - len(fresh)

    desk, added, skipped = at_desk(config_path, work)
    tail = f", {skipped} there already" if skipped else ""
    if dry_run:
        if as_json:
            told = {"dry_run": True, "would_add": [row.written.name for row, _ in added], "skipped": skipped}
            click.echo(json.dumps(told, indent=2, ensure_ascii=False))
            return
        click.echo(f"{len(added)} account{'s' if len(added) != 1 else ''} would be added{tail}; nothing was done")
        return
    given = [row.written.name for row, _ in added if row.password]
    hand_out(desk, [(row.written.name, password) for row, password in added], sheet, as_json=as_json, given=given)
    click.echo(f"{len(added)} account{'s' if len(added) != 1 else ''} added{tail}", err=True)


def _defaults(desk: Desk, kind: str, profile: str | None, until: str) -> Defaults:
    zone = desk.config.site.zone
    try:
        word = checked_words("kind", kind)
    except ValueError as error:
        raise UsageError(f"--kind: {error}") from error
    return Defaults(
        word,
        desk.profile(profile),
        until_of(until, desk.now, zone),
        frozenset(desk.config.dns.profiles),
        lambda text: end_of(text, desk.now, zone),
    )


def _read(file: Path) -> bytes:
    try:
        with click.open_file(str(file), "rb") as opened:
            raw: bytes = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"the list can't be read: {error.strerror}", hint=str(file)) from error
    return raw


def _rows(raw: bytes, defaults: Defaults, where: str) -> list[Row]:
    try:
        rows = read_accounts(raw, defaults)
    except ProblemsError as error:
        raise _refused(error.problems, where) from error
    if len(rows) > MOST_ROWS:
        raise _refused([f"{len(rows)} accounts; {MOST_ROWS} at a time are the most"], where)
    return rows


def _without(rows: Sequence[Row], known: Collection[NameKey], where: str, *, skip_known: bool) -> list[Row]:
    fresh = [row for row in rows if key_of(row.written.name) not in known]
    there = [row for row in rows if key_of(row.written.name) in known]
    if there and not skip_known:
        raise _refused([f'line {row.line}: there is an account "{row.written.name}" already' for row in there], where)
    return fresh


def _refused(problems: Sequence[str], where: str) -> UsageError:
    count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}, nothing was imported"
    lines = "\n  ".join([count, *problems])
    return UsageError(lines, where=where, hint="--skip-known leaves known accounts as they are; --dry-run only looks")
