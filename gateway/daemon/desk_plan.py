"""The desk's calendar and PCs, with what they need of the house."""

from gateway.child import Commands
from gateway.clock import Clock
from gateway.config.model import Config
from gateway.daemon.entries import hand_entries
from gateway.daemon.house import Built
from gateway.desk.calendar import CalendarDesk
from gateway.desk.calendar_area import calendar
from gateway.desk.pcs import PcDesk, pc_rows_of
from gateway.desk.pcs_area import pcs
from gateway.desk.reckoned import Reckoned
from gateway.desk.service_hours import ServiceHoursDesk, service_hours, site_report
from gateway.desk.table import Area
from gateway.desk.upkeep import UpkeepDesk
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
from gateway.store.pcs import SqlitePhotos, SqliteUpkeep


def plan_areas(house: Built, commands: Commands, settings: Settings) -> list[Area]:
    """Calendar, service hours, PCs."""
    return areas_of_plan(house.config, house.database, house.clock, house.reception.hours, commands, settings)


def areas_of_plan(
    config: Config, database: Database, clock: Clock, hours: Hours, commands: CommandRunner, settings: Settings
) -> list[Area]:
    """The same over a database alone; tests build it so, too."""
    site, plan = config.site, config.hours.calendar(config.site.zone, config.site.holiday_dates)
    entries = hand_entries(config, database)
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
