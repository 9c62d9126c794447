"""Options of cong voucher: what vouchers allow, and how they are printed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timezone
from functools import partial
from typing import Any, TypeVar

import click

from gateway.access.voucher import MOST_DEVICES, Allowance, Code, Voucher
from gateway.cli.private_file import write_private
from gateway.config.fields import Path
from gateway.config.model import Config
from gateway.errors import UsageError
from gateway.pages import LANGUAGES
from gateway.slips import SHEETS, Paper, slips_page
from gateway.units import last_second, parse_duration_s, parse_rate_kbit_s, parse_size_bytes

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


def allowance_options(command: F) -> F:
    """As the fields of `Asked`."""
    for option in (
        click.option("--once", is_flag=True, help="One session is all; what it leaves is lost."),
        click.option(
            "--devices", type=click.IntRange(1, MOST_DEVICES), default=1, show_default=True, help="At a time."
        ),
        click.option("--down", metavar="RATE", help='Rate to the device, such as "2Mbit".'),
        click.option("--up", metavar="RATE", help="Rate from the device."),
        click.option(
            "--data", metavar="SIZE", help='Data over its whole life, such as "500MB"; else as the profile has it.'
        ),
        click.option(
            "--time", metavar="SPAN", help='Time over its whole life, such as "2h"; else as the profile has it.'
        ),
        click.option("--lasts", metavar="SPAN", help='Ends this long after its first use, such as "30d".'),
        click.option("--from", "since", metavar="DAY", help="Valid from this day of the site on, such as 2026-12-01."),
        click.option(
            "--until", default="365d", show_default=True, metavar="DAY|SPAN", help="Valid to the end of this day."
        ),
    ):
        command = option(command)
    return command


def paper_options(command: F) -> F:
    """--sheet on `create` alone; how it is printed."""
    options = [
        click.option("--lang", type=click.Choice(LANGUAGES), help="Language of the slips; else the site's."),
        click.option("--thermal", is_flag=True, help="For a receipt printer with 58 mm paper."),
        click.option(
            "--per-page",
            type=click.Choice([str(n) for n in SHEETS]),
            default="15",
            show_default=True,
            help="Slips on A4.",
        ),
    ]
    if command.__name__ == "create":
        options.append(
            click.option(
                "--sheet", type=click.Path(path_type=Path, dir_okay=False), help="Write the page to print here."
            )
        )
    for option in options:
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Asked:
    """The options as they were typed."""

    until: str
    since: str | None
    lasts: str | None
    time: str | None
    data: str | None
    up: str | None
    down: str | None
    devices: int
    once: bool


ASKED = tuple(field.name for field in fields(Asked))


def allowance_of(asked: Asked, now: datetime, zone: timezone) -> Allowance:
    """UsageError when one is not understood."""
    return Allowance(
        valid_until=_until(asked.until, now.astimezone(zone)),
        valid_from=None if asked.since is None else _midnight("--from", asked.since, zone),
        lasts_s=_number("--lasts", asked.lasts, parse_duration_s),
        time_s=_number("--time", asked.time, parse_duration_s),
        total_bytes=_number("--data", asked.data, parse_size_bytes),
        up_kbit_s=_number("--up", asked.up, parse_rate_kbit_s),
        down_kbit_s=_number("--down", asked.down, parse_rate_kbit_s),
        devices=asked.devices,
        once=asked.once,
    )


def paper_of(config: Config, said: Mapping[str, Any]) -> Paper:
    """How slips are printed for this site."""
    site = config.site
    language = said["lang"] or site.language
    return Paper(site.name, config.portal.hostname, site.zone, language, int(said["per_page"]), said["thermal"])


def write_sheet(file: Path, paper: Paper, vouchers: Sequence[tuple[Voucher, Code]]) -> None:
    """Write the page whole; "-" is standard output. It holds codes: only its owner may read it."""
    write_private(file, slips_page(paper, vouchers), hint="cong voucher sheet BATCH FILE writes it")


def _until(text: str, local: datetime) -> datetime:
    return _parsed("--until", text, lambda text: last_second(text, local, partial(_day, "--until")))


def _midnight(option: str, text: str, zone: timezone) -> datetime:
    return datetime.combine(_day(option, text), time.min, tzinfo=zone)


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f'{option}: "{text}" is no day', hint="write 2026-12-01") from None


def _number(option: str, text: str | None, parse: Callable[[str], int]) -> int | None:
    return None if text is None else _parsed(option, text, parse)


def _parsed(option: str, text: str, parse: Callable[[str], T]) -> T:
    try:
        return parse(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from error
