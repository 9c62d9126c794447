"""Facts told by hand and what stands, over a database: for the desk and for commands."""

from gateway.config.model import Config
from gateway.flows.all_facts import AllFacts, configured
from gateway.flows.hand_entries import HandEntries
from gateway.store.db import Database
from gateway.store.live_facts import LiveFacts
from gateway.store.month_counts import SqliteCounts
from gateway.store.register import SqliteRegister
from gateway.store.signed_reports import SqliteReports


def hand_entries(config: Config, database: Database) -> HandEntries:
    """What was told, what the gateway has counted, and what the configuration says of its site."""
    site, wan = config.site, config.wan
    no_carrier = wan.probes.cause_without_carrier(wan.interface)
    live = LiveFacts(database, site.code, site.zone, no_carrier=no_carrier)
    register = SqliteRegister(database)
    source = AllFacts(register, live, configured(config), SqliteCounts(database), SqliteReports(database))
    return HandEntries(register, source, site.code, site.zone)
