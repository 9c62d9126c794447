"""Signed reports and what the office was told of each month: rows are added, never changed (schema 0013)."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from gateway.ports_counts import SignedHead, SignedReport, ToldMonth
from gateway.reports.report_body import Signature
from gateway.store.db import Database
from gateway.units import epoch_s, from_epoch_s


class SqliteReports:
    """The ReportStore port over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def signed(self, form: str, period: str, site: str | None) -> SignedReport | None:
        """See ReportStore."""
        return await self._database.read(lambda sql: _signed(sql, form, period, site))

    async def all_signed(self) -> list[SignedReport]:
        """See ReportStore."""
        find = "SELECT * FROM signed_reports ORDER BY id"
        return [_report(row) for row in await self._database.read(lambda sql: sql.execute(find).fetchall())]

    async def signed_heads(self) -> list[SignedHead]:
        """See ReportStore."""
        find = """
        SELECT form, period, site, number, dated_on, signed_at, author, sha256, length(CAST(body AS BLOB)) AS body_bytes
        FROM signed_reports ORDER BY id DESC
        """
        rows = await self._database.read(lambda sql: sql.execute(find).fetchall())
        return [
            SignedHead(
                row["form"], row["period"], row["site"] or None, _signature(row), row["sha256"], row["body_bytes"]
            )
            for row in rows
        ]

    async def sign(self, report: SignedReport, told: Sequence[ToldMonth]) -> SignedReport:
        """See ReportStore."""

        def work(sql: sqlite3.Connection) -> SignedReport:
            stands = _signed(sql, report.form, report.period, report.site)
            if stands:
                return stands
            number = sql.execute(
                """INSERT INTO signed_reports (form, period, site, number, dated_on, signed_at, author, sha256,
                                               papers_sha256, body, papers)
                   VALUES (:form, :period, :site, :number, :dated_on, :signed_at, :author, :sha256, :papers_sha256,
                           :body, :papers)""",
                {
                    "form": report.form,
                    "period": report.period,
                    "site": report.site or "",
                    "number": report.signature.number,
                    "dated_on": report.signature.dated_on.isoformat(),
                    "signed_at": epoch_s(report.signature.signed_at),
                    "author": report.signature.author,
                    "sha256": report.sha256,
                    "papers_sha256": report.papers_sha256,
                    "body": report.body,
                    "papers": report.papers,
                },
            ).lastrowid
            for one in told:
                _tell(sql, one, number, report.signature.signed_at)
            return report

        return await self._database.run(work)

    async def told(self, site: str, first: date, last: date) -> dict[date, Mapping[str, int]]:
        """See ReportStore."""
        find = """
        SELECT month_on, figures FROM told_months
        WHERE site = :site AND month_on BETWEEN :first AND :last ORDER BY id
        """
        values = {"site": site, "first": first.isoformat(), "last": last.isoformat()}
        rows = await self._database.read(lambda sql: sql.execute(find, values).fetchall())
        return {date.fromisoformat(row["month_on"]): json.loads(row["figures"]) for row in rows}

    async def lock(self, months: Sequence[ToldMonth], at: datetime) -> list[ToldMonth]:
        """See ReportStore."""
        find = "SELECT 1 FROM told_months WHERE site = :site AND month_on = :month"

        def work(sql: sqlite3.Connection) -> list[ToldMonth]:
            fresh = [
                one
                for one in months
                if sql.execute(find, {"site": one.site, "month": one.month.isoformat()}).fetchone() is None
            ]
            for one in fresh:
                _tell(sql, one, None, at)
            return fresh

        return await self._database.run(work)

    async def last_locked(self) -> date | None:
        """See ReportStore."""
        find = "SELECT MAX(month_on) AS month FROM told_months WHERE report_id IS NULL"
        row = await self._database.read(lambda sql: sql.execute(find).fetchone())
        return date.fromisoformat(row["month"]) if row["month"] else None


def _signed(sql: sqlite3.Connection, form: str, period: str, site: str | None) -> SignedReport | None:
    find = "SELECT * FROM signed_reports WHERE form = :form AND period = :period AND site = :site"
    row = sql.execute(find, {"form": form, "period": period, "site": site or ""}).fetchone()
    return _report(row) if row else None


def _tell(sql: sqlite3.Connection, one: ToldMonth, report: int | None, at: datetime) -> None:
    sql.execute(
        """INSERT INTO told_months (site, month_on, report_id, told_at, figures)
           VALUES (:site, :month, :report, :at, :figures)""",
        {
            "site": one.site,
            "month": one.month.isoformat(),
            "report": report,
            "at": epoch_s(at),
            "figures": json.dumps(dict(one.figures), separators=(",", ":")),
        },
    )


def _report(row: sqlite3.Row) -> SignedReport:
    hashes, texts = (row["sha256"], row["papers_sha256"]), (row["body"], row["papers"])
    return SignedReport(row["form"], row["period"], row["site"] or None, _signature(row), *hashes, *texts)


def _signature(row: sqlite3.Row) -> Signature:
    return Signature(row["number"], date.fromisoformat(row["dated_on"]), from_epoch_s(row["signed_at"]), row["author"])
