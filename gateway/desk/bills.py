"""The ISP's bills at the desk: what a month should cost, what was asked, and the minutes both parties sign."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from gateway.clock import local_day
from gateway.desk.bill_inputs import MinutesOf, OfPeriod
from gateway.desk.bill_told import BillTold, bill_told
from gateway.desk.refusing import refusing
from gateway.desk.table import Area, Caller, File, Page, RefusedError, download, view
from gateway.errors import GatewayError
from gateway.flows.hand_entries import HandEntries
from gateway.flows.reconciling import reconciled
from gateway.ports_staff import CommandRunner
from gateway.reports.spans import months_before, months_of, parse_span
from gateway.staff.roles import Right

_SHOWN_MONTHS = 6
TYPES: Mapping[str, str] = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "html": "text/html; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "zip": "application/zip",
    "json": "application/json; charset=utf-8",
}


def bills_area(entries: HandEntries, commands: CommandRunner) -> Area:
    """What the desk has of bills."""
    desk = _Bills(entries, commands)
    return Area(
        views=(
            view(
                "bills.period",
                "/bills/{period}",
                Right.SEE_FIGURES,
                OfPeriod,
                BillTold,
                desk.told,
                "Expected, invoiced and the difference, of a month or quarter",
            ),
        ),
        pages=(Page("/bills", Right.SEE_FIGURES, "bills.html", desk.page, nav="line"),),
        downloads=(
            download(
                "bills.minutes",
                "/bills/{period}/minutes/{form}",
                Right.SEE_FIGURES,
                MinutesOf,
                desk.minutes,
                "Minutes of reconciliation",
                tuple(TYPES[form].partition(";")[0] for form in ("docx", "pdf", "xlsx", "html")),
            ),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Bills:
    entries: HandEntries
    commands: CommandRunner

    async def told(self, asked: OfPeriod, caller: Caller) -> BillTold:
        del caller
        dates = _dates(asked.period)
        try:
            bills, office = await reconciled(self.entries.source, dates, None, None)
        except ValueError as error:
            raise RefusedError("bills.no-vat") from error
        return bill_told(asked.period.upper(), dates, bills, office)

    async def page(self, asked: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        today = local_day(caller.at, self.entries.zone)
        wanted = OfPeriod.model_validate({"period": asked.get("period") or f"{months_before(today, 1):%Y-%m}"})
        contracts = await self.entries.register.standing(["contract"])
        lacks_rate = False
        told: BillTold | None = None
        try:
            told = await self.told(wanted, caller)
        except RefusedError as refusal:
            lacks_rate = refusal.key == "bills.no-vat"
            if not lacks_rate:
                raise
        return {
            "bill": told,
            "period": wanted.period.upper(),
            "first": _dates(wanted.period)[0],
            "is_quarter": "q" in wanted.period.lower(),
            "lacks_rate": lacks_rate,
            "has_contract": bool(contracts),
            "contracts": [(one.text("code"), one.text("isp")) for one in contracts],
            "months": _months(today),
            "quarters": _quarters(today),
            "today": today,
        }

    async def minutes(self, asked: MinutesOf, caller: Caller) -> File:
        del caller
        dates = _dates(asked.period)
        with refusing("bills", "no-bills"):
            try:
                bills, office = await reconciled(self.entries.source, dates, None, asked.isp or None)
            except ValueError as error:
                raise RefusedError("bills.no-vat") from error
        told = bill_told(asked.period, dates, bills, office)
        if not told.rows:
            raise RefusedError("bills.no-bills")
        if len(told.isps) > 1:
            raise RefusedError("bills.several-isps")
        words = ["reconcile", asked.period, "--to", f"-.{asked.form}", "--language", asked.language]
        words += [f"--isp={asked.isp}"] if asked.isp else []
        try:
            body = await self.commands.run(*words)
        except GatewayError as error:
            raise RefusedError("bills.not-written", said=error.message[:200]) from error
        name = f"doi-soat-{asked.period.upper()}.{asked.form}"
        return File(name, TYPES[asked.form], body, is_shown=asked.form == "html")


def _dates(period: str) -> tuple[date, date]:
    return parse_span("quarter" if "q" in period.lower() else "month", period)


def _months(today: date) -> list[date]:
    """The latest, newest first: the present one too, for its bill may come before it is over."""
    return list(reversed(list(months_of((months_before(today, _SHOWN_MONTHS - 1), today)))))


def _quarters(today: date) -> list[str]:
    number = today.year * 4 + (today.month - 1) // 3
    return [f"{one // 4}-Q{one % 4 + 1}" for one in range(number, number - 3, -1)]
