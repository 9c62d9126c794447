"""The desk as it is built: its areas with what each needs of the house, and its application.

Loading this takes as long as loading all the rest: it is imported when patrons are served (daemon/desk_doors).
"""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from gateway import __version__
from gateway.child import Commands
from gateway.daemon.desk_filter import filter_desk
from gateway.daemon.desk_house import house_areas
from gateway.daemon.desk_money import money_areas
from gateway.daemon.desk_now import now_areas
from gateway.daemon.desk_patrons import patron_areas
from gateway.daemon.desk_plan import plan_areas
from gateway.daemon.house import Built
from gateway.daemon.measures import measured
from gateway.desk.api import Api
from gateway.desk.application import application
from gateway.desk.assets import Assets
from gateway.desk.counted import EVERY_S as COUNTED_S
from gateway.desk.counted import Counted
from gateway.desk.doing import Doing
from gateway.desk.frame import NAVIGATION, Frame, Settings
from gateway.desk.metrics import metrics_route
from gateway.desk.render import DeskPages
from gateway.desk.rights import Entry, entries
from gateway.desk.table import Area
from gateway.desk.today import counted_today
from gateway.documents.svg import svg
from gateway.flows.settings import Settings as KeptSettings
from gateway.jobs import Job
from gateway.reports.today import TodayTold
from gateway.store.desk_settings import DeskSettingsFiles
from gateway.store.trail import SqliteTrail


@dataclass(frozen=True, slots=True)
class Desk:
    """What is served, and what goes on behind it as long as the gateway runs."""

    application: web.Application
    entries: tuple[Entry, ...]
    """Each way in, with who may use it."""
    jobs: tuple[Job, ...]
    work: Callable[[], Coroutine[None, None, None]]


def build_desk(house: Built) -> Desk:
    """Of a house that is built; without the loop, so that a thread can do it."""
    config, site = house.config, house.config.site
    commands, kept = Commands(house.config_path), KeptSettings(DeskSettingsFiles(house.config_path))
    today, filtering = counted_today(commands, house.clock), filter_desk(house, kept)
    found = areas(house, commands, kept, today, filtering.areas)
    assets, incoming = Assets(), config.state.directory / "incoming"
    pages = DeskPages(site.zone, svg, {"static": assets.address, "site": site.name, "navigation": NAVIGATION})
    names = frozenset(config.desk.names)
    settings = Settings(site.name, site.language, names, config.desk.certificate is not None, incoming)
    doing = Doing(SqliteTrail(house.database))
    frame = Frame(house.staff, doing, pages, assets, house.clock, settings)
    api = Api(house.staff, doing, house.clock, incoming, __version__)
    return Desk(
        application(frame, pages, api, found, metrics_route(api, partial(measured, house))),
        tuple(entries(found)),
        (Job("today", COUNTED_S, today.look),),
        filtering.work,
    )


def areas(
    house: Built, commands: Commands, kept: KeptSettings, today: Counted[TodayTold], others: Sequence[Area]
) -> list[Area]:
    """All areas of the desk."""
    found = [
        *now_areas(house, today, kept),
        *patron_areas(house, commands),
        *plan_areas(house, commands, kept),
        *money_areas(house, commands, kept),
        *others,
    ]
    return [*found, *house_areas(house, commands, kept, found)]
