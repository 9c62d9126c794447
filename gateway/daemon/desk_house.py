"""The desk's house-keeping: settings, users, the trail, the box, backups, with what they need of the house."""

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from gateway import __version__
from gateway.backup.folder import Folder
from gateway.child import Commands
from gateway.daemon.house import Built
from gateway.desk.account import account
from gateway.desk.backups import backups
from gateway.desk.box import Running, box
from gateway.desk.first_run import first_run
from gateway.desk.once import Once
from gateway.desk.settings import settings
from gateway.desk.table import Area
from gateway.desk.tokens import tokens
from gateway.desk.trail import trail
from gateway.desk.users import users
from gateway.flows.settings import Settings
from gateway.pages import changelog
from gateway.ports_staff import LookRunner
from gateway.store.migrate import shipped
from gateway.store.migrate import version as schema_of
from gateway.store.terms import SqliteTerms
from gateway.store.trail import SqliteTrail

_BACKUP_S = 3600.0
"""With all films of the shelf, onto a stick."""


def house_areas(house: Built, commands: LookRunner, kept: Settings, others: Sequence[Area]) -> list[Area]:
    """`others`: the desk's other areas, whose acts the trail's page can be asked for."""
    config, once = house.config, Once()
    child = "child" if "child" in config.dns.profiles else ""
    slow = Commands(house.config_path, _BACKUP_S)
    place, state = config.backup_path, config.state.directory
    found = [
        users(house.staff, once),
        tokens(house.staff, config.site.zone, once),
        account(house.staff, once, is_second_factor_wanted=config.desk.second_factor),
        settings(kept, SqliteTerms(house.database), tuple(config.dns.profiles)),
        first_run(kept, config.site.zone, child),
        box(commands, _running(house), changelog()),
        backups(Folder(place), slow, place, state, config.site.code),
    ]
    acts = [act.name for area in (*others, *found) for act in area.acts]
    return [*found, trail(SqliteTrail(house.database), acts, config.site.zone)]


def _running(house: Built) -> Running:
    async def schema() -> int:
        return await house.database.read(schema_of)

    return Running(__version__, installed, schema, shipped()[-1][0])


def installed() -> str:
    """Looked up anew each time: an update may have put another one there since this process began."""
    try:
        return version("cong")
    except PackageNotFoundError:  # run from a folder without an installation
        return __version__
