"""What is told of backups and restores, and where a restore that has not ended shows."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from gateway.errors import GatewayError

STAGING = ".restore"
"""In each folder that takes files back: what waits to be put in place."""
PLAN = "plan.json"
"""In the state directory's STAGING: with it the restore is decided, and is ended whatever happens."""


class BackupError(GatewayError):
    """A backup that can't be put back. `key`: damaged, not_one, other_site, newer, no_space."""

    def __init__(self, key: str, message: str, *, where: str = "", hint: str = "", theirs: str = "") -> None:
        """`theirs`: whose backup it is, for other_site."""
        says = message.partition(": ")[2] or message
        super().__init__(message, where=where, hint=hint, key=key, values={"says": says, "theirs": theirs})


def unfinished(state: Path) -> bool:
    """Is a restore decided but not yet in place? Nobody may open the database then."""
    return (state / STAGING / PLAN).exists()


@dataclass(frozen=True, slots=True)
class KeptBackup:
    """A backup in the backups' folder, as its own first page (manifest.json) tells it."""

    name: str
    size_bytes: int
    taken_at: datetime | None
    """None: the file can't be read; `problem` says why."""
    site: str = ""
    program: str = ""
    files: int = 0
    has_shelf: bool = False
    has_voucher_key: bool = False
    problem: str = ""


class BackupFolder(Protocol):
    """The folder the nightly backups are kept in. Its functions read files: call them in a thread."""

    def kept(self) -> tuple[KeptBackup, ...]:
        """Those there, the newest first; a folder that is not there has none. GatewayError when it can't be read."""

    def path_of(self, name: str) -> Path | None:
        """The file of this name in the folder; None when there is none, or the name is none of ours."""
