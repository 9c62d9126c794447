"""The desk's line, bills, reports and mails, with what they need of the house."""

from gateway.config.model import Config
from gateway.daemon.entries import hand_entries
from gateway.desk.bills import bills_area
from gateway.desk.contracts import contracts_area
from gateway.desk.invoices import invoices_area
from gateway.desk.line import line_area
from gateway.desk.mails import MailSettings, mails_area
from gateway.desk.reports import reports_area
from gateway.desk.table import Area
from gateway.einvoice.read import read_invoice
from gateway.ports_staff import CommandRunner
from gateway.store.db import Database
from gateway.store.line import SqliteLine
from gateway.store.mails import SqliteMails
from gateway.store.signed_reports import SqliteReports


def money_areas(config: Config, database: Database, commands: CommandRunner) -> list[Area]:
    """Pages 7 and 8 of the desk."""
    entries, zone = hand_entries(config, database), config.site.zone
    mail = config.mail
    return [
        line_area(entries, SqliteLine(database), commands, can_measure=bool(config.wan.speed_url)),
        bills_area(entries, commands),
        contracts_area(entries),
        invoices_area(entries, read_invoice),
        reports_area(entries.source, SqliteReports(database), commands, zone),
        mails_area(
            SqliteMails(database),
            commands,
            zone,
            lambda: MailSettings(mail.server, mail.sender, tuple(mail.recipients), mail.at),
        ),
    ]
