"""The folder of the nightly backups: what is there, and what may go."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timezone
from pathlib import Path

from gateway.backup.reading import first_page
from gateway.backup.rotation import Keep, kept
from gateway.errors import GatewayError
from gateway.ports_backup import KeptBackup

_NAME = re.compile(r"cong-[a-z][a-z0-9-]{0,30}-\d{8}T\d{6}Z\.tar\.gz")


def name_for(site: str, at: datetime) -> str:
    """Of a backup taken then: its order by name is that by time."""
    return f"cong-{site}-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}.tar.gz"


class Folder:
    """The BackupFolder port over a folder; a first page is read again only when its file has changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: dict[tuple[str, int, int], KeptBackup] = {}

    def kept(self) -> tuple[KeptBackup, ...]:
        """See BackupFolder."""
        found = {}
        for path in self._files():
            status = path.stat()
            stamp = (path.name, status.st_size, status.st_mtime_ns)
            found[stamp] = self._known.get(stamp) or _looked_at(path, status.st_size)
        self._known = found
        return tuple(sorted(found.values(), key=lambda each: each.name[-24:], reverse=True))

    def newest(self, site: str) -> datetime | None:
        """When the newest backup of a site that can be read was made; None: there is none, or the folder is away."""
        try:
            return max((each.taken_at for each in self.kept() if each.site == site and each.taken_at), default=None)
        except GatewayError:
            return None

    def path_of(self, name: str) -> Path | None:
        """See BackupFolder."""
        path = self.path / name
        return path if _NAME.fullmatch(name) and path.is_file() and not path.is_symlink() else None

    def thin_out(self, site: str, keep: Keep, zone: timezone) -> tuple[str, ...]:
        """Delete this site's backups that need not stay; their names. What can't be read stays, and counts for none."""
        of_site = {each.taken_at: each for each in self.kept() if each.site == site and each.taken_at is not None}
        stays = kept(of_site, keep, zone)
        gone = [each for at, each in of_site.items() if at not in stays and each.name.startswith(f"cong-{site}-")]
        for each in gone:
            (self.path / each.name).unlink(missing_ok=True)
        return tuple(each.name for each in gone)

    def _files(self) -> Iterator[Path]:
        try:
            entries = sorted(self.path.iterdir())
        except FileNotFoundError:
            return
        except OSError as error:
            hint = "see backup.directory, its rights, and whether the stick works"
            raise GatewayError(
                f"the folder can't be read: {error.strerror}", where=str(self.path), hint=hint
            ) from error
        yield from (path for path in entries if _NAME.fullmatch(path.name) and path.is_file() and not path.is_symlink())


def _looked_at(path: Path, size: int) -> KeptBackup:
    try:
        page = first_page(path)
    except GatewayError as error:
        return KeptBackup(path.name, size, None, problem=error.message)
    has_key = page.has("state/voucher.key")
    return KeptBackup(
        path.name, size, page.taken_at, page.site, page.program, len(page.members), page.has_shelf, has_key
    )
