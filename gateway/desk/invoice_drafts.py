"""Files of invoices between being sent and being taken: what they say is looked at first.

They are kept in memory alone, few and not for long: a restart costs sending them again.
"""

import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from gateway.clock import Clock
from gateway.desk.aside import Aside
from gateway.desk.contract_told import InvoiceTold, invoice_told
from gateway.errors import GatewayError
from gateway.facts.fact import Fact
from gateway.flows.bill_entries import invoice_of_file
from gateway.flows.hand_entries import FieldError
from gateway.flows.invoice_table import FIELDS, REQUIRED, Problem, Reading, Table, read_table
from gateway.flows.office_file import headings
from gateway.ports_bills import InvoiceReader

_MOST, _KEPT_S = 4, 1800.0
_LOOK_AT = frozenset({"lines-do-not-foot", "totals-do-not-foot", "month-is-that-of-the-date", "no-sum-before-vat"})
"""Flags of an invoice that a person should look at before it is taken."""


@dataclass(frozen=True, slots=True)
class ProblemTold:
    """What is wrong."""

    line: int
    """Of the file; 0: of the whole."""
    key: str
    """Names the text the desk says it by."""
    values: dict[str, str | int]
    said: str
    """In English."""


@dataclass(frozen=True, slots=True)
class DraftTold:
    """A file that was sent, as it is read now."""

    draft: str
    """"": nothing waits, it was taken."""
    name: str
    kind: str
    """xml or csv."""
    headings: tuple[str, ...]
    """Of a table."""
    columns: dict[str, str]
    """Field to heading."""
    lacking: tuple[str, ...]
    """Fields that a table must have and no column is named for yet."""
    contract: str
    month: str
    date_format: str
    invoices: tuple[InvoiceTold, ...]
    problems: tuple[ProblemTold, ...]
    is_ready: bool
    """It can be taken as it is."""


@dataclass(slots=True)
class Kept:
    """One of them."""

    name: str
    raw: bytes
    is_table: bool
    headings: tuple[str, ...]
    reading: Reading = field(default_factory=lambda: Reading({}))


def drafts(clock: Clock) -> Aside[Kept]:
    """Those of all users; each sees their own."""
    return Aside(clock, partial(secrets.token_hex, 8), _KEPT_S, _MOST)


@dataclass(frozen=True, slots=True)
class Looked:
    """What a file says."""

    facts: tuple[Fact, ...]
    problems: tuple[Problem, ...]


def kept(name: str, raw: bytes) -> Kept:
    """A file that was sent. GatewayError with a key when it is neither XML nor a table."""
    start = raw[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"%PDF"):
        raise GatewayError("a PDF is a picture of the invoice", key="is-pdf")
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise GatewayError("a workbook or an archive", key="is-workbook")
    if start.startswith(b"<") or name.lower().endswith(".xml"):
        return Kept(name, raw, False, ())
    found = tuple(one for one in headings(raw, name) if one)
    return Kept(name, raw, True, found, Reading(guessed(found)))


def looked(one: Kept, contracts: Sequence[Fact], read: InvoiceReader) -> Looked:
    """Read a file as it is to be read now; takes time, for a thread."""
    reading = one.reading
    try:
        if one.is_table:
            if any(name not in reading.mapping for name in REQUIRED):
                return Looked((), ())
            table: Table = read_table(one.raw, one.name, reading, contracts)
            return Looked(table.facts, table.problems)
        fact = invoice_of_file(one.raw, one.name, contracts, reading.contract, reading.month, read)
    except FieldError as error:
        return Looked((), (Problem(0, error.message, "cell-field", {"field": error.field}),))
    except GatewayError as error:
        if not error.key:
            raise
        return Looked((), (Problem(0, error.message, error.key, error.values),))
    return Looked((fact,), ())


def is_plain(found: Looked) -> bool:
    """Is there nothing to be looked at first?"""
    return (
        bool(found.facts) and not found.problems and not any(_LOOK_AT & set(one.rows("flags")) for one in found.facts)
    )


def draft_told(number: str, one: Kept, found: Looked) -> DraftTold:
    """As the desk tells it."""
    lacking = tuple(name for name in REQUIRED if name not in one.reading.mapping) if one.is_table else ()
    return DraftTold(
        draft=number,
        name=one.name[:100],
        kind="csv" if one.is_table else "xml",
        headings=one.headings,
        columns=dict(one.reading.mapping),
        lacking=lacking,
        contract=one.reading.contract,
        month=one.reading.month,
        date_format=one.reading.date_format,
        invoices=tuple(invoice_told(each) for each in found.facts),
        problems=tuple(ProblemTold(each.line, each.key, dict(each.values), each.said) for each in found.problems),
        is_ready=bool(found.facts) and not found.problems,
    )


_NAMES: Mapping[str, tuple[str, ...]] = {
    # field: how offices head such a column, most certain first, without marks and in small letters
    "series": ("ky hieu", "khhdon", "series", "ky hieu hoa don"),
    "number": ("so hoa don", "so hd", "shdon", "so", "number"),
    "dated": ("ngay hoa don", "ngay lap", "ngay", "nlap", "date"),
    "month": ("ky cuoc", "ky", "thang", "month"),
    "total_vnd": ("tong tien", "tong cong", "tong thanh toan", "thanh tien", "phai thanh toan", "total"),
    "before_vat_vnd": ("tien truoc thue", "truoc thue", "chua thue"),
    "list_vnd": ("gia niem yet", "gia", "don gia"),
    "discount_vnd": ("giam cuoc", "giam", "chiet khau"),
    "credit_vnd": ("giam tru", "giam tru gian doan"),
    "vat_vnd": ("tien thue", "thue gtgt", "thue", "vat"),
    "vat_percent": ("thue suat",),
    "contract": ("hop dong", "so hop dong", "ma hop dong"),
    "seller": ("ma so thue", "mst", "mst nguoi ban"),
    "form": ("mau so", "khmshdon"),
    "fees_vnd": ("phi", "phi khac"),
    "adjusts": ("dieu chinh",),
    "replaces": ("thay the",),
}


def guessed(found: Sequence[str]) -> dict[str, str]:
    """Which heading holds what, as far as their names say it; each column once."""
    plain = {_plain(one): one for one in found if found.count(one) == 1}
    mapping: dict[str, str] = {}
    for name in FIELDS:
        heading = next((plain[one] for one in _NAMES.get(name, ()) if one in plain), None)
        if heading is not None and heading not in mapping.values():
            mapping[name] = heading
    return mapping


def _plain(text: str) -> str:
    bare = "".join(one for one in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(one))
    return " ".join(bare.replace("đ", "d").split())
