"""Options of cong account, and what its answers look like."""

import re
import secrets
import sys
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

import click

from gateway.access.account import Account, checked_password
from gateway.config.fields import Path
from gateway.errors import UsageError
from gateway.local_accounts.first import first_password
from gateway.units import parse_duration_s

LONGEST = timedelta(days=3 * 366)
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


def end_of(text: str, now: datetime, zone: timezone) -> datetime:
    """The last second of a day ("2027-06-30", "30/06/2027") or of a span's ("365d"); ValueError with the reason."""
    local = now.astimezone(zone)
    if re.fullmatch(r"(\d+[smhd])+", text):
        day = (local + timedelta(seconds=min(parse_duration_s(text), 10**9))).date()
    else:
        day = _day(text)
    end = datetime.combine(day, time(23, 59, 59), tzinfo=zone)
    if end <= now:
        raise ValueError(f"{text} is past")
    if end - now > LONGEST:
        raise ValueError(f"{text}: an account lasts at most three years; what is kept of it is deleted after its end")
    return end


def until_of(text: str, now: datetime, zone: timezone) -> datetime:
    """`end_of` for --until."""
    try:
        return end_of(text, now, zone)
    except ValueError as error:
        raise UsageError(f"--until: {error}", hint='write "2027-06-30" or "365d"') from error


def password_for(name: str, file: Path | None) -> str:
    """As given in the file, or made; UsageError when it can't be used."""
    if file is None:
        return first_password(secrets.randbelow)
    try:
        text = sys.stdin.readline() if str(file) == "-" else file.read_text(encoding="utf-8")
        return checked_password(text, name)
    except OSError as error:
        raise UsageError(f"the password can't be read: {error.strerror}", hint=str(file)) from error
    except ValueError as error:
        raise UsageError(f"--password-file: {error}") from error


def account_line(each: Account, now: datetime, zone: timezone) -> str:
    """One line of the list."""
    written = each.written
    until = f"{written.valid_until.astimezone(zone):%Y-%m-%d}"
    more = "  ".join(word for word in (written.kind, written.note) if word)
    return f"{written.name:24}  {state_of(each, now):8}  {written.profile:8}  until {until}  {more}".rstrip()


def account_json(each: Account, now: datetime) -> dict[str, Any]:
    """Keys: account, name, kind, profile, state, made_at, valid_until, note."""
    written = each.written
    return {
        "account": each.id,
        "name": written.name,
        "kind": written.kind,
        "profile": written.profile,
        "state": state_of(each, now),
        "made_at": each.made_at.isoformat(timespec="seconds"),
        "valid_until": written.valid_until.isoformat(timespec="seconds"),
        "note": written.note,
    }


def state_of(each: Account, now: datetime) -> str:
    """active, disabled or expired."""
    return {"account_disabled": "disabled", "account_expired": "expired"}.get(each.refusal(now) or "", "active")


def _day(text: str) -> date:
    if day_first := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text):  # as spreadsheets write it here
        day, month, year = (int(part) for part in day_first.groups())
    elif iso := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text):
        year, month, day = (int(part) for part in iso.groups())
    else:
        raise ValueError(f'"{text}" is no day: write 2027-06-30')
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f'"{text}" is no day of the calendar') from None
