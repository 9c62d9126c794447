"""The desk's calendar and PCs, with what they need of the house."""

from gateway.child import Commands
from gateway.clock import Clock
from gateway.config.model import Config
from gateway.daemon.house import Built
from gateway.desk.calendar import CalendarDesk
from gateway.desk.calendar_area import calendar
from gateway.desk.pcs import PcDesk, pc_rows_of
from gateway.desk.pcs_area import pcs
from gateway.desk.reckoned import Reckoned
from gateway.desk.service_hours import ServiceHoursDesk, service_hours, site_report
from gateway.desk.table import Area
from gateway.desk.upkeep import UpkeepDesk
from gateway.flows.all_facts import AllFacts, configured
from gateway.flows.hand_entries import HandEntries
from gateway.flows.hours import Hours
from gateway.flows.pc_photos import PcPhotos
from gateway.flows.pcs import PcBook
from gateway.flows.planning import Planning
from gateway.flows.settings import Settings
from gateway.flows.upkeep import Upkeep
from gateway.photos.folder import PhotoFolder
from gateway.ports_staff import CommandRunner
from gateway.store.calendar import SqliteCalendar
from gateway.store.db import Database
from gateway.store.desk_settings import DeskSettingsFiles
from gateway.store.live_facts import LiveFacts
from gateway.store.month_counts import SqliteCounts
from gateway.store.pcs import SqlitePhotos, SqliteUpkeep
from gateway.store.register import SqliteRegister
from gateway.store.signed_reports import SqliteReports


def plan_areas(house: Built, commands: Commands) -> list[Area]:
    """Calendar, service hours, PCs."""
    settings = Settings(DeskSettingsFiles(house.config_path))
    return areas_of_plan(house.config, house.database, house.clock, house.reception.hours, commands, settings)


def areas_of_plan(
    config: Config, database: Database, clock: Clock, hours: Hours, commands: CommandRunner, settings: Settings
) -> list[Area]:
    """The same over a database alone; tests build it so, too."""
    site, plan = config.site, config.hours.calendar(config.site.zone, config.site.holiday_dates)
    entries = hand_entries(config, database, clock)
    upkeep = UpkeepDesk(PcBook(entries), Upkeep(SqliteUpkeep(database), site.code), entries)
    photos = PcPhotos(PhotoFolder(config.state.pc_photos), SqlitePhotos(database), site.code)
    by_staff = config.hours.opened_by == "staff"
    days = CalendarDesk(
        plan,
        Planning(settings, entries),
        SqliteCalendar(database),
        hours,
        entries,
        enforced=config.hours.enforce,
        goes_by_staff=by_staff,
    )
    return [
        calendar(days),
        service_hours(ServiceHoursDesk(Reckoned(commands, clock, site_report), entries)),
        pcs(PcDesk(upkeep.book, photos, upkeep, entries, Reckoned(commands, clock, pc_rows_of))),
    ]


def hand_entries(config: Config, database: Database, clock: Clock) -> HandEntries:
    """Facts told by hand, and what stands, as the commands have them."""
    site, wan = config.site, config.wan
    no_carrier = wan.probes.cause_without_carrier(wan.interface)
    live = LiveFacts(database, site.code, site.zone, clock, no_carrier)
    register, counts, reports = SqliteRegister(database), SqliteCounts(database), SqliteReports(database)
    return HandEntries(register, AllFacts(register, live, configured(config), counts, reports), site.code, site.zone)
