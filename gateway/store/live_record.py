"""What the record of line, PCs and volume says, as fields of facts of the live site."""

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime

from gateway.ports_line import ToldSpell
from gateway.service.line import Kind, outage_number
from gateway.store.line import told_spells
from gateway.units import from_epoch_s

Fields = dict[str, object]


def line_outages(sql: sqlite3.Connection, times: Mapping[str, int], now: datetime, no_carrier: str) -> Iterator[Fields]:
    """Outages of the line; `no_carrier` is the cause of those without a carrier. The world abroad alone is none."""
    for told in told_spells(sql, times["begin"], times["end"], now):
        if told.spell.kind is not Kind.ABROAD_DEGRADED:
            yield _outage(told, no_carrier)


def _outage(told: ToldSpell, no_carrier: str) -> Fields:
    spell, evidence = told.spell, told.evidence
    is_down = spell.kind is Kind.LINE_DOWN
    fields: Fields = {
        "kind": "outage",
        "id": outage_number(spell.start),
        "begin": iso(spell.start),
        "cause": no_carrier if is_down else "isp",
        "note": "no carrier" if is_down else "carrier up, nobody outside answers",
        "failed_rounds": evidence.failed_rounds,
        "unanswered": evidence.unanswered,
    }
    return fields if told.goes_on else {**fields, "end": iso(spell.stop), "evidence_sha256": told.sha256}


def iso(at: datetime | int) -> str:
    """An instant as facts write it."""
    moment = from_epoch_s(at) if isinstance(at, int) else at
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
