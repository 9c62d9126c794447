"""What the gateway knows of itself that somebody has to see to: lists not renewed, a clock not set, an old backup."""

from datetime import datetime

from gateway.backup.folder import Folder
from gateway.box import TIMESYNC, is_clock_unset, overdue_lists
from gateway.config.fields import Path
from gateway.config.filtering import filter_settings
from gateway.config.model import Config
from gateway.reports.day_state import BACKUP_OLD, BackupOld, ClockUnset, ListsOld, Need


def noticed(config: Config, now: datetime, timesync: Path = TIMESYNC) -> tuple[Need, ...]:
    """What needs action."""
    needs: list[Need] = [ClockUnset()] if is_clock_unset(timesync) else []
    lists = overdue_lists(filter_settings(config), now)
    if lists.lists:
        needs.append(ListsOld(lists.lists, lists.days))
    return (*needs, *_backup(config, now))


def _backup(config: Config, now: datetime) -> list[Need]:
    """None at all is told where a folder was set up for them: a box of today has none yet."""
    taken = Folder(config.backup_path).newest(config.site.code)
    if taken is None:
        return [BackupOld(None)] if config.backup.directory else []
    return [BackupOld((now - taken).days)] if now - taken > BACKUP_OLD else []
