"""The desk's line, bills, reports and mails, with what they need of the house."""

from gateway.clock import Clock
from gateway.config.model import Config
from gateway.daemon.entries import hand_entries
from gateway.daemon.house import Built
from gateway.desk.bills import bills_area
from gateway.desk.contracts import contracts_area
from gateway.desk.invoices import invoices_area
from gateway.desk.line import line_area
from gateway.desk.mails import mails_area
from gateway.desk.reports import reports_area
from gateway.desk.table import Area
from gateway.einvoice.read import read_invoice
from gateway.flows.settings import Settings
from gateway.ports_staff import CommandRunner
from gateway.store.db import Database
from gateway.store.line import SqliteLine
from gateway.store.mails import SqliteMails
from gateway.store.signed_reports import SqliteReports


def money_areas(house: Built, commands: CommandRunner, settings: Settings) -> list[Area]:
    """Line and bill, reports and mails."""
    return areas_of_money(house.config, house.database, commands, settings, house.clock)


def areas_of_money(
    config: Config, database: Database, commands: CommandRunner, settings: Settings, clock: Clock
) -> list[Area]:
    """The same over a database alone; tests build it so, too."""
    entries, zone = hand_entries(config, database), config.site.zone
    return [
        line_area(entries, SqliteLine(database), commands, can_measure=bool(config.wan.speed_url)),
        bills_area(entries, commands),
        contracts_area(entries),
        invoices_area(entries, read_invoice, clock),
        reports_area(entries.source, SqliteReports(database), commands, zone, clock),
        mails_area(SqliteMails(database), commands, zone, settings),
    ]
