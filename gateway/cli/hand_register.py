"""cong facts register: an old register of visits kept by hand, as CSV, becomes the base year."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import click

from gateway.cli.options import config_option, json_option
from gateway.cli.register import Desk, at_register, show, site_option
from gateway.cli.rules import by_option
from gateway.config.fields import Path
from gateway.errors import UsageError
from gateway.facts.fact import Fact
from gateway.facts.lines import MOST_PROBLEMS, ProblemsError
from gateway.flows.hand_entries import made, tree
from gateway.flows.office_cells import day_in, mapping_of, whole_number
from gateway.flows.office_file import MOST_BYTES, rows

_COUNTS = ("visits", "kiosk_visits", "wifi_visits")
_FIELDS = ("date", *_COUNTS, "hours")


@dataclass(slots=True)
class _Month:
    """Sums of a month."""

    counts: dict[str, int] = field(default_factory=dict)
    served_s: int = 0


@click.command("register")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--column",
    "columns",
    multiple=True,
    required=True,
    metavar="FIELD=HEADING",
    help=f"Which column holds what; fields: {', '.join(_FIELDS)}. date and visits are needed.",
)
@click.option("--date-format", default="%d/%m/%Y", show_default=True, help="Of a day or a month: %m/%Y.")
@click.option("--document", required=True, help="What the register is, for the report's note.")
@click.option("--dry-run", is_flag=True, help="Only show what would be taken.")
@site_option
@by_option
@json_option
@config_option
def register(
    file: Path,
    columns: tuple[str, ...],
    date_format: str,
    document: str,
    dry_run: bool,
    site: str,
    by: str,
    as_json: bool,
    config_path: Path,
) -> None:
    """Take a register kept by hand: rows of days or months are added up to months; all or none.

    cong facts register so-2016.csv --column "date=Ngày" --column "visits=Số lượt" --document "Sổ theo dõi 2016"
    """
    mapping = mapping_of(columns, _FIELDS, ("date", "visits"))
    months = _read(file, mapping, date_format)

    async def work(desk: Desk) -> tuple[list[Fact], int]:
        facts = [
            made(
                "hand_count",
                desk.site(site),
                {"month": month, **one.counts, "served_s": one.served_s or None, "document": document},
            )
            for month, one in sorted(months.items())
        ]
        return facts, 0 if dry_run else await desk.amend(facts, by, f"cong facts register {file.name}")

    facts, fresh = at_register(config_path, work)
    if as_json:
        show({"dry_run": dry_run, "new": fresh, "months": [tree(one) for one in facts]})
        return
    for one in facts:
        click.echo(f"{one.text('month')}  {one.number('visits'):>8,} visits")
    click.echo(f"{len(facts)} months, {'nothing was done' if dry_run else f'{fresh} new'}")


def _read(file: Path, mapping: Mapping[str, str], date_format: str) -> dict[str, _Month]:
    months: dict[str, _Month] = {}
    seen: dict[str, int] = {}
    problems: list[str] = []
    for line, row in rows(_raw(file), file.name, mapping):
        try:
            at = day_in(row["date"], date_format)
            counts = {name: whole_number(row[name], mapping[name]) for name in _COUNTS if name in mapping}
            hours = _hours_s(row["hours"], mapping["hours"]) if "hours" in mapping else 0
            parts = sum(count for name, count in counts.items() if name != "visits")
            if parts > counts["visits"]:
                raise ValueError(f"{parts} at PCs and over Wi-Fi are more than {counts['visits']} in all")
            if at in seen:
                raise ValueError(f"{mapping['date']}: {row['date'].strip()} stands on line {seen[at]} already")
        except ValueError as error:
            problems.append(f"line {line}: {error}")
            if len(problems) == MOST_PROBLEMS:
                break
            continue
        seen[at] = line
        month = months.setdefault(at[:7], _Month())
        for name, count in counts.items():
            month.counts[name] = month.counts.get(name, 0) + count
        month.served_s += hours
    if problems:
        raise ProblemsError(problems, where=file.name)
    if not months:
        raise UsageError("no rows with figures", where=file.name)
    return months


def _raw(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(MOST_BYTES + 1)


def _hours_s(text: str, heading: str) -> int:
    """Seconds of "7", "7,5", "7.5" or "7:30" hours."""
    plain = text.strip()
    if match := re.fullmatch(r"(\d{1,3}):([0-5]\d)", plain):
        return int(match[1]) * 3600 + int(match[2]) * 60
    if match := re.fullmatch(r"(\d{1,3})(?:[.,](\d{1,2}))?", plain):
        return int(match[1]) * 3600 + int((match[2] or "0").ljust(2, "0")) * 36
    if plain == "":
        return 0
    raise ValueError(f'{heading}: "{plain[:20]}" is no number of hours')
