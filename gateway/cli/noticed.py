"""What the gateway knows of itself that somebody has to see to: lists that are not renewed, a clock that is not set."""

from datetime import datetime, timedelta

from filters.fetched import read_state
from filters.sources import fetched_copy, fetched_directory, is_fetched
from gateway.backup.folder import Folder
from gateway.config.fields import Path
from gateway.config.filtering import filter_settings
from gateway.config.model import Config
from gateway.errors import GatewayError
from gateway.reports.day_state import BackupOld, ClockUnset, ListsOld, Need
from gateway.units import epoch_s

LISTS_OLD_S = 7 * 86400
"""A list's server may be away for this long; one that is asked more seldom for twice its period."""

BACKUP_OLD = timedelta(days=2)

_TIMESYNC = Path("/run/systemd/timesync")


def noticed(config: Config, now: datetime, timesync: Path = _TIMESYNC) -> tuple[Need, ...]:
    """What needs action."""
    needs: list[Need] = []
    # systemd-timesyncd makes this file when the clock was first set; with another program the folder is not there
    if timesync.is_dir() and not (timesync / "synchronized").exists():
        needs.append(ClockUnset())
    ages = _ages_s(config, epoch_s(now))
    if ages:
        needs.append(ListsOld(len(ages), max(ages) // 86400))
    needs += _backup(config, now)
    return tuple(needs)


def _backup(config: Config, now: datetime) -> list[Need]:
    """None at all is told where a folder was set up for them: a box of today has none yet."""
    try:
        kept = Folder(config.backup_path).kept()
    except GatewayError:
        kept = ()
    taken = [each.taken_at for each in kept if each.site == config.site.code and each.taken_at is not None]
    if not taken:
        return [BackupOld(None)] if config.backup.directory else []
    return [BackupOld((now - max(taken)).days)] if now - max(taken) > BACKUP_OLD else []


def _ages_s(config: Config, now_s: int) -> list[int]:
    """How long ago the server of each list that is overdue last said what is the newest."""
    settings = filter_settings(config)
    directory = fetched_directory(settings)
    ages = []
    for source in settings.sources:
        if not is_fetched(source):
            continue
        state = read_state(fetched_copy(source, directory))
        since = state.checked_at or state.failing_since
        if since and now_s - since > max(LISTS_OLD_S, 2 * source.refresh_s):
            ages.append(now_s - since)
    return ages
