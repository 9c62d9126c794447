"""Invoices out of the office's own table: a CSV with a row an invoice, its columns mapped; all or none."""

from collections.abc import Mapping, Sequence

from gateway.cli.register_cells import day_in, mapping_of, whole_number
from gateway.cli.register_file import rows
from gateway.config.fields import Path
from gateway.errors import UsageError
from gateway.facts.fact import Fact
from gateway.facts.lines import MOST_PROBLEMS, ProblemsError
from gateway.flows.hand_entries import made

_TEXTS = ("seller", "form", "series", "number", "contract", "month")
_AMOUNTS = (
    "total_vnd", "before_vat_vnd", "list_vnd", "discount_vnd", "credit_vnd", "vat_vnd", "fees_vnd",
)  # fmt: skip
FIELDS = (*_TEXTS, "dated", *_AMOUNTS, "vat_percent", "adjusts", "replaces")
_REQUIRED = ("series", "number", "dated", "total_vnd")


def table_invoices(
    file: Path, columns: Sequence[str], date_format: str, contracts: Sequence[Fact], contract: str, month: str
) -> list[Fact]:
    """An invoice a row; `contract` and `month` are those of rows that have none of their own.

    ProblemsError tells each wrong row with its line.
    """
    mapping = mapping_of(columns, FIELDS, _REQUIRED)
    facts: list[Fact] = []
    problems: list[str] = []
    seen: dict[str, int] = {}
    for line, row in rows(file, mapping):
        try:
            fact = _invoice(row, mapping, date_format, contracts, contract, month)
            if fact.key in seen:
                raise ValueError(f"invoice {fact.key} stands on line {seen[fact.key]} already")
        except (ValueError, UsageError) as error:
            problems.append(f"line {line}: {str(error).splitlines()[0]}")
            if len(problems) == MOST_PROBLEMS:
                break
            continue
        seen[fact.key] = line
        facts.append(fact)
    if problems:
        raise ProblemsError(problems, where=file.name)
    if not facts:
        raise UsageError("no rows with invoices", where=file.name)
    return facts


def _invoice(
    row: Mapping[str, str],
    mapping: Mapping[str, str],
    date_format: str,
    contracts: Sequence[Fact],
    contract: str,
    month: str,
) -> Fact:
    told = {name: row[name].strip() for name in _TEXTS if row.get(name, "").strip()}
    code = told.get("contract") or contract
    known = next((each for each in contracts if each.text("code") == code), None)
    if known is None:
        raise ValueError(f'there is no contract "{code}"' if code else "which contract is it for? --contract says it")
    amounts = {
        name: whole_number(row[name], mapping[name], signed=True) for name in _AMOUNTS if row.get(name, "").strip()
    }
    values: dict[str, object] = {
        "seller": known.text("seller_tax_code"),
        "form": "1",
        "month": month,
        **told,
        **amounts,
        "contract": code,
        "dated": day_in(row["dated"], date_format),
    }
    if percent := row.get("vat_percent", "").strip().removesuffix("%").strip():
        values["vat_percents"] = [percent]
    for link in ("adjusts", "replaces"):
        if refers_to := row.get(link, "").strip():
            values |= {"link": link, "refers_to": refers_to}
    return made("invoice", known.site, values)
