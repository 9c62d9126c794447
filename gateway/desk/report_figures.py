"""Figures of reports for the desk: counted by a child, kept for a moment, so that a page's parts agree."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from gateway.clock import Clock
from gateway.desk.reckoned import Reckoned
from gateway.desk.report_told import Body, Figures, body_of
from gateway.desk.table import RefusedError
from gateway.errors import GatewayError
from gateway.flows.signed_reports import Asked
from gateway.papers.visit_charts import Year
from gateway.ports_staff import CommandRunner
from gateway.visits.growth import Band

_KEPT, _YEARS_KEPT = timedelta(seconds=30), timedelta(minutes=10)
_MOST = 2
_YEARS = ("report", "years", "--json")


class Counting:
    """Who counts, and what was counted a moment ago."""

    def __init__(self, commands: CommandRunner, clock: Clock) -> None:
        self._reports: Reckoned[Body] = Reckoned(commands, clock, body_of, _KEPT, _MOST)
        self._years: Reckoned[list[Year]] = Reckoned(commands, clock, _years_of, _YEARS_KEPT)

    async def figures(self, asked: Asked, *, draft: bool = False) -> Figures:
        """As `cong report … --json` has them: signed, else (or as a draft) as they count now."""
        words = ["report", asked.form, asked.period, "--json"]
        words += [f"--site={asked.site}"] if asked.site else []
        words += ["--draft"] if draft else []
        with _telling():
            made = await self._reports.wait(*words)
        return Figures(asked, made.figures, made.at)

    def kept_years(self) -> list[Year] | None:
        """Those that were counted a moment ago."""
        kept = self._years.kept(*_YEARS)
        return kept.figures if kept else None

    async def years(self) -> list[Year]:
        """As `cong report years --json` has them."""
        with _telling():
            return (await self._years.wait(*_YEARS)).figures

    def forget(self) -> None:
        """Something was signed: count anew."""
        self._reports.forget()


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except GatewayError as error:
        raise RefusedError("reports.not-counted", said=error.message[:200]) from error


def _years_of(printed: bytes) -> list[Year]:
    return [
        Year(one["year"], one["visits"], one["before"], Band(one["band"]["low"], one["band"]["high"]))
        for one in json.loads(printed)
    ]
