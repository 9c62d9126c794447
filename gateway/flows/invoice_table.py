"""Invoices out of the office's own table: a CSV with a row an invoice, its columns mapped; all or none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.errors import UsageError
from gateway.facts.fact import Fact
from gateway.facts.lines import MOST_PROBLEMS, ProblemsError
from gateway.flows.hand_entries import FieldError, made
from gateway.flows.office_cells import CellError, day_in, mapping_of, whole_number
from gateway.flows.office_file import rows

_TEXTS = ("seller", "form", "series", "number", "contract", "month")
_AMOUNTS = (
    "total_vnd", "before_vat_vnd", "list_vnd", "discount_vnd", "credit_vnd", "vat_vnd", "fees_vnd",
)  # fmt: skip
FIELDS = (*_TEXTS, "dated", *_AMOUNTS, "vat_percent", "adjusts", "replaces")
REQUIRED = ("series", "number", "dated", "total_vnd")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row, for people at a page and at a terminal."""

    line: int
    said: str
    """In English, for operators."""
    key: str
    """Names the text that a page tells it by; `values` stand in that."""
    values: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """What the rows say."""

    facts: tuple[Fact, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """How a table is read: its columns, its days, and what rows have that say nothing of it themselves."""

    mapping: Mapping[str, str]
    """Field -> heading."""
    date_format: str = "%d/%m/%Y"
    contract: str = ""
    month: str = ""


def table_invoices(
    raw: bytes, name: str, columns: Sequence[str], reading: Reading, contracts: Sequence[Fact]
) -> list[Fact]:
    """An invoice a row; `columns` are "FIELD=HEADING". ProblemsError tells each wrong row with its line."""
    told = read_table(
        raw,
        name,
        Reading(mapping_of(columns, FIELDS, REQUIRED), reading.date_format, reading.contract, reading.month),
        contracts,
    )
    if told.problems:
        raise ProblemsError([f"line {one.line}: {one.said}" for one in told.problems], where=name)
    return list(told.facts)


def read_table(raw: bytes, name: str, reading: Reading, contracts: Sequence[Fact]) -> Table:
    """The rows that can be read, and what is wrong with the others; UsageError for a file that can't be read at all."""
    facts: list[Fact] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for line, row in rows(raw, name, reading.mapping):
        try:
            fact = _invoice(row, reading, contracts)
            if fact.key in seen:
                what = f"invoice {fact.key} stands on line {seen[fact.key]} already"
                raise CellError(what, "invoice-twice", number=fact.text("number"), before=seen[fact.key])
        except (CellError, FieldError) as error:
            problems.append(_problem(line, error))
            if len(problems) == MOST_PROBLEMS:
                break
            continue
        seen[fact.key] = line
        facts.append(fact)
    if not (facts or problems):
        raise UsageError("no rows with invoices", where=name, key="file-no-rows")
    return Table(tuple(facts), tuple(problems))


def _problem(line: int, error: CellError | FieldError) -> Problem:
    said = str(error).splitlines()[0]
    if isinstance(error, CellError):
        return Problem(line, said, error.key, error.values)
    return Problem(line, said, "cell-field", {"field": error.field})


def _invoice(row: Mapping[str, str], reading: Reading, contracts: Sequence[Fact]) -> Fact:
    told = {name: row[name].strip() for name in _TEXTS if row.get(name, "").strip()}
    code = told.get("contract") or reading.contract
    known = next((each for each in contracts if each.text("code") == code), None)
    if known is None and code:
        raise CellError(f'there is no contract "{code}"', "no-contract", contract=code[:80])
    if known is None:
        raise CellError("which contract is it for? --contract says it", "which-contract")
    mapping = reading.mapping
    amounts = {
        name: whole_number(row[name], mapping[name], signed=True) for name in _AMOUNTS if row.get(name, "").strip()
    }
    values: dict[str, object] = {
        "seller": known.text("seller_tax_code"),
        "form": "1",
        "month": reading.month,
        **told,
        **amounts,
        "contract": code,
        "dated": day_in(row["dated"], reading.date_format),
    }
    if percent := row.get("vat_percent", "").strip().removesuffix("%").strip():
        values["vat_percents"] = [percent]
    for link in ("adjusts", "replaces"):
        if refers_to := row.get(link, "").strip():
            values |= {"link": link, "refers_to": refers_to}
    return made("invoice", known.site, values)
