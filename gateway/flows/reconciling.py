"""The bills of a period, of all ISPs or of one, and the minutes that are signed with it."""

from collections.abc import Sequence

from gateway.errors import GatewayError, UsageError
from gateway.flows.all_facts import AllFacts
from gateway.flows.office import office_of
from gateway.flows.told_bills import month_reconciled
from gateway.papers.bill_tables import card_of
from gateway.papers.minutes import isps_of, minutes_paper
from gateway.papers.office import Office
from gateway.papers.paper import Paper
from gateway.papers.tongue import Tongue
from gateway.reports.bill_report import Reconciliation, of_rows
from gateway.reports.spans import months_of
from gateway.visits.comparison import Dates


async def reconciled(
    source: AllFacts, dates: Dates, site: str | None, isp: str | None
) -> tuple[list[Reconciliation], Office]:
    """A reconciliation for each month. ValueError when no VAT rate is set for one; UsageError for an unknown ISP."""
    office = await office_of(source, dates, site)
    made = [await month_reconciled(source, month, site) for month in months_of(dates)]
    return [_of(one, isp, office) for one in made], office


def minutes(bills: Sequence[Reconciliation], dates: Dates, office: Office, say: Tongue) -> Paper:
    """The paper that both parties sign: one ISP and the office."""
    isps = isps_of(bills, office)
    if not isps:
        raise GatewayError(
            "no contract is in force, and nothing was invoiced", hint="cong contract add tells one", key="no-bills"
        )
    if len(isps) > 1:
        raise UsageError(
            "minutes are signed with one ISP", hint=f"--isp names it: {', '.join(isps)}", key="several-isps"
        )
    return minutes_paper(bills, dates, office, say)


def _of(bill: Reconciliation, isp: str | None, office: Office) -> Reconciliation:
    if isp is None:
        return bill
    known = {one.isp for one in office.contracts}
    if isp not in known:
        raise UsageError(
            f'there is no contract with "{isp}"',
            hint=f"there are those with {', '.join(sorted(known))}",
            key="no-isp",
            values={"isp": isp[:80]},
        )
    return of_rows(bill.month, [row for row in bill.rows if card_of(office, row).isp == isp])
