"""Reports at the desk: figures of a period with their pictures, papers of it, and the office's number under it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta, timezone

from gateway.clock import Clock, local_day
from gateway.desk.bills import TYPES
from gateway.desk.refusing import refusing
from gateway.desk.report_figures import Counting
from gateway.desk.report_inputs import OfReport, OfYears, ReportFile, Signed
from gateway.desk.report_told import (
    Figures,
    ReportTold,
    SignatureTold,
    SignedListTold,
    report_told,
    signature_told,
    signed_told,
)
from gateway.desk.table import Area, Caller, File, Nothing, Outcome, Page, RefusedError, act, download, view
from gateway.desk.year_told import YearsTold, years_told
from gateway.errors import GatewayError
from gateway.flows.all_facts import AllFacts
from gateway.flows.signed_reports import Asked, check_signature
from gateway.papers.charts import charts_of
from gateway.papers.paper import Chart, Language
from gateway.papers.tongue import Tongue
from gateway.papers.visit_charts import visits_by_day, visits_by_hour, visits_by_weekday, visits_by_year
from gateway.ports_counts import ReportStore
from gateway.ports_staff import CommandRunner
from gateway.reports.report_body import Signature
from gateway.reports.spans import months_before, months_of
from gateway.staff.roles import Right
from gateway.visits.growth import growth

_MONTHS, _QUARTERS, _HALVES, _YEARS = 12, 4, 2, 3
_KINDS = ("docx", "xlsx", "pdf", "csv", "zip", "html", "json")


def reports_area(source: AllFacts, store: ReportStore, commands: CommandRunner, zone: timezone, clock: Clock) -> Area:
    """What the desk has of reports."""
    desk = _Reports(source, store, commands, zone, Counting(commands, clock))
    see = Right.SEE_FIGURES
    return Area(
        views=(
            view(
                "report.figures", "/reports/{form}/{period}", see, OfReport, ReportTold, desk.told, "A report's figures"
            ),
            view("report.signed", "/reports/signed", see, Nothing, SignedListTold, desk.signed, "Signed reports"),
            view("report.years", "/reports/years", see, OfYears, YearsTold, desk.years, "Visits year by year"),
        ),
        acts=(
            act(
                "report.sign",
                "POST",
                "/reports/{form}/{period}/signature",
                Right.FIGURES,
                Signed,
                SignatureTold,
                desk.sign,
                "Enter the number and date of a report: its figures are fixed for ever",
                is_dangerous=True,
            ),
        ),
        pages=(
            Page("/reports", see, "reports.html", desk.page, nav="reports"),
            Page("/reports/years", see, "report_years.html", desk.years_page, nav="reports"),
            Page("/reports/{form}/{period}", see, "report.html", desk.report_page, nav="reports"),
            Page("/reports/{form}/{period}/figures", see, "report_figures.html", desk.figures_page, nav="reports"),
            Page("/reports/{form}/{period}/sign", Right.FIGURES, "report_sign.html", desk.sign_page, nav="reports"),
        ),
        downloads=(
            download(
                "report.file",
                "/reports/{form}/{period}/file/{kind}",
                see,
                ReportFile,
                desk.file,
                "A report as a paper of the office; json: every figure with its parts",
                tuple(TYPES[kind].partition(";")[0] for kind in _KINDS),
            ),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Reports:
    source: AllFacts
    store: ReportStore
    commands: CommandRunner
    zone: timezone
    counting: Counting

    async def told(self, asked: OfReport, caller: Caller) -> ReportTold:
        found = await self._figures(asked, caller)
        today = local_day(caller.at, self.zone)
        return await asyncio.to_thread(report_told, found, await self._today(found, caller), caller.language, today)

    async def signed(self, asked: Nothing, caller: Caller) -> SignedListTold:
        del asked, caller
        return SignedListTold(tuple(map(signed_told, await self.store.signed_heads())))

    async def years(self, asked: OfYears, caller: Caller) -> YearsTold:
        found = await self.counting.years()
        return years_told(found[-asked.years :])

    async def page(self, asked: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        del asked
        today = local_day(caller.at, self.zone)
        signed = (await self.signed(Nothing(), caller)).reports
        return {
            "periods": _periods(today),
            "last": f"{months_before(today, 1):%Y-%m}",
            "last_first": months_before(today, 1),
            "signed": signed,
            "signed_keys": {(one.form, one.period) for one in signed if one.site is None},
            "locked": await self.store.last_locked(),
            "today": today,
        }

    async def report_page(self, asked: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """The frame of a report at once; its figures come with a request of their own."""
        wanted = _wanted(asked)
        today = local_day(caller.at, self.zone)
        head = await self._head(wanted)
        dates = _asked(wanted).dates
        return {
            "wanted": wanted,
            "dates": dates,
            "signature": head,
            "is_over": today > dates[1],
            "kinds": _KINDS,
            "sites": await self.source.sites(),
            "proposed_day": max(today, dates[1] + timedelta(days=1)).isoformat(),
            "title": Tongue(caller.language).period(dates),
        }

    async def figures_page(self, asked: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        wanted = _wanted(asked)
        found = await self._figures(wanted, caller)
        today = local_day(caller.at, self.zone)
        draft = await self._today(found, caller)
        told = await asyncio.to_thread(report_told, found, draft, caller.language, today)
        charts = await asyncio.to_thread(_charts, found, caller.language)
        return {
            "wanted": wanted,
            "report": told,
            "exact_percent": found.body.report.growth.percent,
            "charts": charts,
            "counted_at": found.at,
            "title": Tongue(caller.language).period(_asked(wanted).dates),
        }

    async def sign_page(self, asked: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """What exactly will be fixed: the figures as they stand, under which number and date."""
        wanted = _wanted(asked)
        given = Signed.model_validate(
            {**wanted.model_dump(), "figures": "0" * 64}
            | {name: asked.get(name, "") for name in ("number", "dated_on")}
        )
        await self._check(given, caller)
        told = await self.told(wanted, caller)
        title = Tongue(caller.language).period(_asked(wanted).dates)
        return {"wanted": wanted, "given": given, "report": told, "title": title}

    async def years_page(self, asked: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """At once what was counted a moment ago; else a second request counts."""
        found = await self.counting.years() if "now" in asked else self.counting.kept_years()
        chart = visits_by_year(found or [], Tongue(caller.language))
        years = years_told(found or []).years
        return {
            "years": years,
            "chart": chart,
            "waits": found is None,
            "grown": lambda one: growth(one.visits, one.before),
        }

    async def sign(self, asked: Signed, caller: Caller) -> Outcome:
        stands = await self._check(asked, caller)
        told = signature_told(Signature(asked.number, asked.dated_on, caller.at.replace(microsecond=0), caller.name))
        if stands is None:
            words = ["report", "sign", asked.form, asked.period, f"--number={asked.number}", f"--date={asked.dated_on}"]
            words += [f"--figures={asked.figures}", f"--by={caller.name}", "--json"]
            words += [f"--site={asked.site}"] if asked.site else []
            with refusing("reports", "not-signed"):
                await self.commands.run(*words)
            self.counting.forget()
        else:
            told = stands
        after = {"number": told.number, "dated_on": told.dated_on.isoformat(), "figures": asked.figures}
        return Outcome(
            told,
            subject=f"{asked.form} {asked.period}" + (f" {asked.site}" if asked.site else ""),
            after=after,
            goto=f"/reports/{asked.form}/{asked.period}" + (f"?site={asked.site}" if asked.site else ""),
            values={"number": told.number, "period": asked.period},
        )

    async def file(self, asked: ReportFile, caller: Caller) -> File:
        del caller
        words = ["report", asked.form, asked.period, f"--paper={asked.paper}", f"--language={asked.language}"]
        words += ["--json"] if asked.kind == "json" else ["--to", f"-.{asked.kind}"]
        words += [f"--site={asked.site}"] if asked.site else []
        words += ["--draft"] if asked.draft else []
        try:
            body = await self.commands.run(*words)
        except GatewayError as error:
            raise RefusedError("reports.not-written", said=error.message[:200]) from error
        name = {"report": "bao-cao", "hours": "gio-phuc-vu", "pcs": "may-tinh", "costs": "kinh-phi"}[asked.paper]
        return File(f"{name}-{asked.period}.{asked.kind}", TYPES[asked.kind], body, is_shown=asked.kind == "html")

    async def _figures(self, asked: OfReport, caller: Caller) -> Figures:
        found = await self.counting.figures(_asked(asked))
        if not found.body.report.sites:
            raise RefusedError("reports.no-facts")
        return found

    async def _today(self, found: Figures, caller: Caller) -> Figures | None:
        """How a signed report counts today."""
        return await self.counting.figures(found.asked, draft=True) if found.body.signature else None

    async def _head(self, asked: OfReport) -> SignatureTold | None:
        heads = await self.store.signed_heads()
        key = (asked.form, asked.period, asked.site)
        return next((signature_told(one.signature) for one in heads if (one.form, one.period, one.site) == key), None)

    async def _check(self, asked: Signed, caller: Caller) -> SignatureTold | None:
        """The one that stands signed so already; RefusedError when it can't be signed so."""
        signature = Signature(asked.number, asked.dated_on, caller.at.replace(microsecond=0), caller.name)
        with refusing("reports", "not-signed"):
            stands = await check_signature(self.source, _asked(asked), signature, self.zone)
        return signature_told(stands.signature) if stands else None


def _asked(asked: OfReport) -> Asked:
    return Asked.of(asked.form, asked.period, asked.site)


def _wanted(asked: Mapping[str, str]) -> OfReport:
    return OfReport.model_validate({name: asked[name] for name in ("form", "period", "site") if name in asked})


def _charts(found: Figures, language: Language) -> tuple[Chart, ...]:
    say, sites = Tongue(language), found.body.report.sites
    visits = [visits_by_hour(sites, say), visits_by_weekday(sites, say)]
    if found.asked.form == "month":
        visits.insert(0, visits_by_day(sites, say))
    papers = {one.code: one for one in charts_of(found.body.report, language)}
    first = [papers.pop("growth")] if "growth" in papers else []
    return (*first, *visits, *(one for code, one in papers.items() if code not in ("by_hour", "by_weekday")))


def _periods(today: date) -> Mapping[str, list[tuple[str, date]]]:
    """Each form's latest periods with their first day, newest first."""
    months = list(reversed(list(months_of((months_before(today, _MONTHS - 1), today)))))
    quarter, half = today.year * 4 + (today.month - 1) // 3, today.year * 2 + (today.month - 1) // 6
    return {
        "month": [(f"{one:%Y-%m}", one) for one in months],
        "quarter": [
            (f"{one // 4}-Q{one % 4 + 1}", date(one // 4, one % 4 * 3 + 1, 1))
            for one in range(quarter, quarter - _QUARTERS, -1)
        ],
        "half": [
            (f"{one // 2}-H{one % 2 + 1}", date(one // 2, one % 2 * 6 + 1, 1))
            for one in range(half, half - _HALVES, -1)
        ],
        "year": [(f"{year}", date(year, 1, 1)) for year in range(today.year, today.year - _YEARS, -1)],
    }
