"""Papers of a report: its figures, the office's own data around them, and the bills of its months.

A signed report has its papers kept with it, in each language: what arrives later changes no letter of them.
"""

from dataclasses import dataclass, replace
from typing import get_args

from gateway.flows.all_facts import AllFacts
from gateway.flows.office import office_of
from gateway.flows.told_bills import month_reconciled
from gateway.papers.annual import annual_paper
from gateway.papers.office import Letterhead, Office
from gateway.papers.paper import Language, Paper
from gateway.papers.period import period_paper
from gateway.papers.tongue import Tongue
from gateway.reports.bill_report import Reconciliation
from gateway.reports.report_body import Signature
from gateway.reports.report_values import Report
from gateway.reports.spans import months_of
from gateway.visits.comparison import Dates

LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a report's figures on paper."""

    office: Office
    bills: tuple[Reconciliation, ...]
    no_bills: str = ""
    """Why there are none: no legal VAT rate is set. Section IV then says that charges are not known."""


async def around(source: AllFacts, dates: Dates, site: str | None, lock_day: int) -> Around:
    """As it is known today."""
    office = replace(await office_of(source, dates, site), lock_day=lock_day)
    try:
        bills = [await month_reconciled(source, month, site) for month in months_of(dates)]
    except ValueError as error:
        return Around(office, (), str(error))
    return Around(office, tuple(bills))


def report_paper(form: str, made: Report, known: Around, language: Language) -> Paper:
    """The whole report: of a year, or of a shorter period."""
    make = annual_paper if form == "year" else period_paper
    return make(made, known.office, known.bills, Tongue(language))


def signed_papers(form: str, made: Report, known: Around, signature: Signature) -> dict[Language, Paper]:
    """The report's papers with the office's number and date; the symbol stands after the number."""
    number, _, symbol = signature.number.partition("/")
    head = known.office.letterhead or Letterhead()
    office = replace(
        known.office,
        number=number,
        signed_on=signature.dated_on,
        letterhead=replace(head, symbol=symbol) if symbol else known.office.letterhead,
    )
    return {language: report_paper(form, made, replace(known, office=office), language) for language in LANGUAGES}
