"""The audit trail: who did what, when, and what came of it."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Annotated
from urllib.parse import urlencode

from pydantic import Field, StringConstraints

from gateway.desk.inputs import Day, Line, OrNone
from gateway.desk.table import Area, Caller, File, Input, Language, Page, download, view
from gateway.pages import text
from gateway.ports_staff import CameOf, Trail, Trailed, TrailQuery
from gateway.staff.roles import Right

_PAGE, _MOST = 50, 10_000


class Asked(Input):
    """Which rows; nothing asks for all."""

    who: Line = Field("", description="Of this user")
    act: Annotated[str, StringConstraints(pattern=r"^[a-z_.]{0,60}$")] = Field(
        "", description='This act, or all that begin with it: "voucher"'
    )
    since: Annotated[Day | None, OrNone] = Field(None, description="From this day on")
    until: Annotated[Day | None, OrNone] = Field(None, description="To the end of this day")
    before: Annotated[Annotated[int, Field(ge=1)] | None, OrNone] = Field(None, description="Older than this row")


@dataclass(frozen=True, slots=True)
class Change:
    """One value that an act changed."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Row:
    """One act that was asked for."""

    id: int
    at: datetime
    who: str
    role: str
    via: str
    """desk, command, or token with its name."""
    address: str
    act: str
    subject: str
    came_of: CameOf
    says: str
    """Why it was refused or failed: a key of the texts, or the error."""
    asked: str
    """JSON of what was asked, without secrets."""
    changes: Sequence[Change]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows, the newest first."""

    rows: Sequence[Row]
    next_before: int | None
    """For `before`: the rows that follow; null when these are the last."""


def trail(kept: Trail, acts: Sequence[str], zone: timezone) -> Area:
    """`acts`: names of all acts of the desk, for the filter; `zone`: the site's."""
    own = _Trail(kept, acts, zone)
    return Area(
        views=[view("audit.list", "/audit", Right.AUDIT, Asked, Rows, own.list, "The audit trail")],
        pages=[Page("/audit", Right.AUDIT, "audit.html", own.page, "settings")],
        downloads=[
            download(
                "audit.file",
                "/audit/audit.csv",
                Right.AUDIT,
                Asked,
                own.file,
                "The audit trail as a table",
                ("text/csv",),
            )
        ],
    )


class _Trail:
    def __init__(self, kept: Trail, acts: Sequence[str], zone: timezone) -> None:
        self._kept, self._zone = kept, zone
        self._groups = sorted({name.partition(".")[0] for name in acts})

    async def list(self, asked: Asked, caller: Caller) -> Rows:
        return await self._rows(asked, _PAGE)

    async def page(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        asked = Asked.model_validate(query)
        found = await self._rows(asked, _PAGE)
        same = {"who": asked.who, "act": asked.act, "since": asked.since, "until": asked.until}
        return {
            "asked": asked,
            "found": found,
            "groups": [(each, _said(caller.language, f"acts.{each}", each)) for each in self._groups],
            "names": {row.act: _said(caller.language, f"act.{row.act}", row.act) for row in found.rows},
            "reasons": {row.says: _said(caller.language, f"refused.{row.says}", row.says) for row in found.rows},
            "query": urlencode({name: value for name, value in same.items() if value}),
            "is_first": asked.before is None,
        }

    async def file(self, asked: Asked, caller: Caller) -> File:
        found = await self._rows(asked, _MOST)
        out = io.StringIO(newline="")
        table = csv.writer(out, delimiter=";", lineterminator="\r\n")
        heads = ("at", "who", "role", "via", "address", "act", "subject", "came_of", "says", "before", "after", "asked")
        table.writerow([text(caller.language, f"desk.audit.{head}") for head in heads])
        for row in found.rows:
            local = row.at.astimezone(self._zone)
            before, after = ("; ".join(f"{c.what}: {getattr(c, n)}" for c in row.changes) for n in ("before", "after"))
            cells = (
                row.who,
                row.role,
                row.via,
                row.address,
                row.act,
                row.subject,
                row.came_of,
                row.says,
                before,
                after,
            )
            table.writerow([f"{local:%Y-%m-%d %H:%M:%S}", *map(_plain, cells), _plain(row.asked)])
        name = f"audit-{caller.at.astimezone(self._zone):%Y%m%d}.csv"
        return File(name, "text/csv; charset=utf-8", b"\xef\xbb\xbf" + out.getvalue().encode())

    async def _rows(self, asked: Asked, most: int) -> Rows:
        since, until = _start(asked.since, self._zone), _start(_after(asked.until), self._zone)
        query = TrailQuery(asked.who, asked.act, since, until, asked.before, most + 1)
        found = await self._kept.rows(query)
        rows = [_row(each) for each in found[:most]]
        return Rows(rows, rows[-1].id if len(found) > most else None)


def _said(language: Language, key: str, otherwise: str) -> str:
    """A text that may not be there, or wants values nobody knows any more."""
    try:
        found = text(language, key)
    except KeyError:
        return otherwise
    return otherwise if found == key else found


def _plain(cell: str) -> str:
    """No cell begins a formula of a spreadsheet."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _row(one: Trailed) -> Row:
    deed = one.deed
    return Row(
        one.id,
        deed.at,
        deed.who,
        deed.role,
        deed.via,
        deed.address,
        deed.act,
        one.subject,
        one.came_of,
        one.says,
        deed.asked,
        tuple(_changes(_tree(one.before), _tree(one.after))),
    )


def _changes(before: Mapping[str, object], after: Mapping[str, object]) -> Sequence[Change]:
    names = [*before, *(name for name in after if name not in before)]
    found = [Change(name, _shown(before.get(name)), _shown(after.get(name))) for name in names]
    return [change for change in found if change.before != change.after]


def _shown(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case list():
            return ", ".join(map(_shown, value))
        case _:
            return json.dumps(value, ensure_ascii=False)


def _tree(said: str) -> Mapping[str, object]:
    try:
        found = json.loads(said)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _after(day: date | None) -> date | None:
    return day + timedelta(days=1) if day is not None and day < date.max else day


def _start(day: date | None, zone: timezone) -> datetime | None:
    if day is None:
        return None
    # a day nobody lived on is no reason for an error of the calendar
    return datetime.combine(max(day, date(1970, 1, 2)), time.min, zone) if day.year < 9999 else None
