"""Figures of reports for the desk: counted by a child, kept for a moment, so that a page's parts agree."""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gateway.desk.report_told import Figures, figures_of
from gateway.desk.table import RefusedError
from gateway.errors import GatewayError
from gateway.flows.signed_reports import Asked
from gateway.papers.visit_charts import Year
from gateway.ports_staff import CommandRunner
from gateway.visits.growth import Band

_KEPT = timedelta(seconds=30)
_YEARS_KEPT = timedelta(minutes=10)
_MOST = 2


@dataclass(slots=True)
class Counting:
    """Who counts, and what was counted a moment ago."""

    commands: CommandRunner
    _figures: dict[tuple[str, str, str | None], Figures] = field(default_factory=dict)
    _years: tuple[datetime, list[Year]] | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def figures(self, asked: Asked, now: datetime) -> Figures:
        """As `cong report … --json` has them: signed, else as they count now."""
        key = (asked.form, asked.period, asked.site)
        async with self._turn:
            found = self._figures.get(key)
            if found and timedelta(0) <= now - found.at <= _KEPT:
                return found
            words = ["report", asked.form, asked.period, "--json"]
            words += [f"--site={asked.site}"] if asked.site else []
            try:
                printed = await self.commands.run(*words)
            except GatewayError as error:
                raise RefusedError("reports.not-counted", said=error.message[:200]) from error
            made = await asyncio.to_thread(figures_of, asked, printed, now)
            self._keep(key, made)
            return made

    def kept_years(self, now: datetime) -> list[Year] | None:
        """Those that were counted a moment ago."""
        is_kept = self._years is not None and timedelta(0) <= now - self._years[0] <= _YEARS_KEPT
        return self._years[1] if self._years is not None and is_kept else None

    async def years(self, now: datetime) -> list[Year]:
        """As `cong report years --json` has them."""
        async with self._turn:
            if (kept := self.kept_years(now)) is not None:
                return kept
            try:
                told = json.loads(await self.commands.run("report", "years", "--json"))
            except GatewayError as error:
                raise RefusedError("reports.not-counted", said=error.message[:200]) from error
            years = [
                Year(one["year"], one["visits"], one["before"], Band(one["band"]["low"], one["band"]["high"]))
                for one in told
            ]
            self._years = now, years
            return years

    def forget(self) -> None:
        """Something was signed: count anew."""
        self._figures.clear()

    def _keep(self, key: tuple[str, str, str | None], made: Figures) -> None:
        while len(self._figures) >= _MOST:
            del self._figures[next(iter(self._figures))]
        self._figures[key] = made
