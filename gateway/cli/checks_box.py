"""cong doctor, the box: kernel, interfaces, clock, disk, database, lists, backups."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime

from gateway.backup.folder import Folder
from gateway.box import TIMESYNC, is_clock_unset, overdue_lists
from gateway.cli.checkup import Finding, failed, fault, good, warning
from gateway.config.fields import Path
from gateway.config.filtering import filter_settings
from gateway.config.model import Config
from gateway.errors import GatewayError
from gateway.flows.attention import Level, disk_level
from gateway.line import has_carrier
from gateway.reports.day_state import BACKUP_OLD
from gateway.store.snapshot import damage

_PATHS = ":/usr/sbin:/sbin"


def box(config: Config, now: datetime) -> Iterator[Finding]:
    """What the gateway stands on."""
    yield from _firewall()
    yield _interface("wan", config.wan.interface)
    yield _interface("lan", config.lan.interface)
    yield from _clock()
    yield _disk(config)
    if config.state.database.exists():
        said = damage(config.state.database)
        yield fault("database", "damaged", why=said) if said else good("database")
    yield _lists(config, now)
    yield backups(config, now)


def backups(config: Config, now: datetime) -> Finding:
    """How old is the newest that can be read?"""
    folder = str(config.backup_path)
    if config.backup.directory is not None and not config.backup_path.is_dir():
        return fault("backup", "no_folder", folder=folder)
    try:
        kept = [each for each in Folder(config.backup_path).kept() if each.site == config.site.code]
    except GatewayError as error:
        return failed("backup", error)
    taken = [each.taken_at for each in kept if each.taken_at is not None]
    if not taken:
        return warning("backup", "none", folder=folder)
    newest = max(taken)
    shown = f"{newest.astimezone(config.site.zone):%Y-%m-%d %H:%M}"
    if now - newest > BACKUP_OLD:
        return warning("backup", "old", at=shown, days=(now - newest).days, folder=folder)
    if config.backup_path.stat().st_dev == config.state.directory.stat().st_dev:
        return good("backup", "same_disk", at=shown, count=len(kept), folder=folder)
    return good("backup", at=shown, count=len(kept), folder=folder)


def _firewall() -> Iterator[Finding]:
    """Who may not look at the kernel's rules says nothing of them."""
    command = ["nft", "list", "chain", "inet", "cong", "forward"]
    environment = {**os.environ, "PATH": os.environ.get("PATH", "/usr/bin:/bin") + _PATHS}
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10, env=environment)
    except (OSError, subprocess.TimeoutExpired) as error:
        yield fault("firewall", "fault", why=str(error))
        return
    said = (done.stderr.strip().splitlines() or [""])[0]
    if done.returncode and "not permitted" not in said:
        yield fault("firewall", "fault", why=said or "nft")
    elif not done.returncode:
        yield good("firewall")


def _interface(side: str, name: str) -> Finding:
    if not Path(f"/sys/class/net/{name}").exists():
        return fault(side, "missing", name=name)
    if not has_carrier(name):
        return fault(side, "cable", name=name) if side == "wan" else warning(side, "cable", name=name)
    return good(side, name=name)


def _clock() -> Iterator[Finding]:
    if TIMESYNC.is_dir():
        yield warning("clock", "unset") if is_clock_unset() else good("clock")


def _disk(config: Config) -> Finding:
    path = config.state.directory if config.state.directory.exists() else Path("/")
    disk = shutil.disk_usage(path)
    values: dict[str, str | int] = {"free": disk.free // 1000**2, "percent": 100 * disk.free // disk.total}
    match disk_level(disk.free):
        case Level.FAULT:
            return fault("disk", "full", **values)
        case None:
            return good("disk", "ok", **values)
        case _:
            return warning("disk", "scarce", **values)


def _lists(config: Config, now: datetime) -> Finding:
    overdue = overdue_lists(filter_settings(config), now)
    return warning("lists", "old", count=overdue.lists, days=overdue.days) if overdue.lists else good("lists")
