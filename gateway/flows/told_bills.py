"""The reconciliation of a month out of the register: told contracts, rules, outages, invoices -> gateway.reports."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from gateway.billing.month import Terms
from gateway.facts.bills import contract_of, invoice_of, policy_of, rates_of, rule_of
from gateway.facts.fact import Fact
from gateway.facts.site import OURS, calendar_of, grouped, span_of, speed_test_of, zone_of
from gateway.flows.all_facts import AllFacts
from gateway.reports.bill_report import LineTold, Reconciliation, reconcile
from gateway.reports.lock import next_month

_OF_MONTHS = ("outage", "speed_test", "invoice", "holiday", "swapped_day")
_ALWAYS = ("contract", "price", "rule", "vat", "site", "week", "opening_change")


async def month_reconciled(source: AllFacts, month: date, only: str | None = None) -> Reconciliation:
    """A month of all contracts, or of those of one site."""
    first = date(month.year, 1, 1)
    begin = datetime.combine(first - timedelta(days=40), time.min, UTC)
    end = datetime.combine(next_month(month) + timedelta(days=2), time.min, UTC)
    ended = await source.standing(["contract"], site=only)
    if ended:  # what a contract gave is looked at from its first month on, for a claw-back
        begin = min(begin, *(datetime.combine(one.day_of("first"), time.min, UTC) for one in ended))
    facts = await source.standing(_OF_MONTHS, (begin, end), only) + await source.standing(_ALWAYS, site=only)
    contracts = sorted((one for one in facts if one.kind.name == "contract"), key=lambda one: (one.site, one.key))

    def work() -> Reconciliation:
        return reconcile([_line(one, facts, (first, next_month(month))) for one in contracts], month)

    return await asyncio.to_thread(work)  # an office with many lines takes longer than the desk's loop may stand


def _line(contract: Fact, facts: Sequence[Fact], dates: tuple[date, date]) -> LineTold:
    own = grouped(one for one in facts if one.site in (contract.site, ""))
    outages = own.get("outage", [])
    names = sorted(own.get("site", []), key=lambda one: one.text("first"))
    return LineTold(
        site=contract.site,
        site_name=names[-1].text("name") if names else contract.site,
        contract=contract_of(contract, own.get("price", [])),
        terms=Terms(
            tuple(rule_of(one) for one in own.get("rule", [])),
            rates_of(own.get("vat", [])),
            policy_of(contract),
            zone_of(own),
        ),
        package=contract.text("package"),
        contracted_kbit_s=contract.number("speed_kbit_s"),
        calendar=calendar_of(own, dates),
        line_down=[span_of(one) for one in outages if one.text("cause") == "isp"],
        ours=[span_of(one) for one in outages if one.text("cause") in OURS],
        tickets={span_of(one): one.text("ticket") for one in outages},
        tests=[speed_test_of(one) for one in own.get("speed_test", [])],
        invoices=[invoice_of(one) for one in own.get("invoice", []) if one.text("contract") == contract.text("code")],
    )
