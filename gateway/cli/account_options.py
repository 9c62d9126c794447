"""Options of cong account, and what its answers look like."""

import sys
from datetime import datetime, timezone
from typing import Any

import click

from gateway.access.account import Account
from gateway.config.fields import Path
from gateway.errors import UsageError

kind_option = click.option("--kind", default="", help='Your own word for them, such as "class 7A".')
profile_option = click.option("--profile", help="The profile they give; else the site's own.")
sheet_option = click.option(
    "--sheet", type=click.Path(path_type=Path, dir_okay=False), help="Write a page of slips with the passwords here."
)
until_option = click.option(
    "--until", default="365d", show_default=True, metavar="DAY|SPAN", help="Lets in to the end of this day."
)
given_option = click.option(
    "--password-file",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help='Take the password from here, one line ("-": standard input); else one is made.',
)


def given_password(file: Path | None) -> str | None:
    """As it stands in the file; None: one is to be made."""
    if file is None:
        return None
    try:
        return sys.stdin.readline() if str(file) == "-" else file.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"the password can't be read: {error.strerror}", hint=str(file)) from error
    except ValueError as error:
        raise UsageError("--password-file: it is not written in UTF-8") from error


def account_line(each: Account, now: datetime, zone: timezone) -> str:
    """One line of the list."""
    written = each.written
    until = f"{written.valid_until.astimezone(zone):%Y-%m-%d}"
    more = "  ".join(word for word in (written.kind, written.note) if word)
    return f"{written.name:24}  {each.standing(now):8}  {written.profile:8}  until {until}  {more}".rstrip()


def account_json(each: Account, now: datetime) -> dict[str, Any]:
    """Keys: account, name, kind, profile, state, made_at, valid_until, note."""
    written = each.written
    return {
        "account": each.id,
        "name": written.name,
        "kind": written.kind,
        "profile": written.profile,
        "state": each.standing(now),
        "made_at": each.made_at.isoformat(timespec="seconds"),
        "valid_until": written.valid_until.isoformat(timespec="seconds"),
        "note": written.note,
    }
