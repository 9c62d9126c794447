"""What setting keys of the configuration needs of the edges, in the domain's words."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SettingsTexts:
    """Both files as they stand."""

    base: str
    """The administrator's."""
    base_name: str
    """Where it lies, for messages."""
    desk: str | None
    """What the desk has set; None: nothing."""
    desk_name: str


class SettingsFiles(Protocol):
    """The administrator's file, and the desk's own beside the database."""

    async def read(self) -> SettingsTexts:
        """GatewayError when the administrator's can't be read."""

    async def write(self, desk: str) -> None:
        """Replace the desk's file whole, on the flash before this returns; StoreError when that fails.

        What stood there and could not be read as TOML is kept beside it.
        """
