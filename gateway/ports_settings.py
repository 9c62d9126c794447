"""What setting keys of the configuration needs of the edges, in the domain's words."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
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

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Held from before a read to after the write: nobody else changes the desk's file meanwhile, in any process."""

    async def write(self, desk: str) -> None:
        """Replace the desk's file whole, on the flash before this returns; StoreError when that fails.

        What stood there and could not be read as TOML is kept beside it.
        """


@dataclass(frozen=True, slots=True)
class AcceptedText:
    """A version of the terms with how often it was accepted."""

    version: str
    language: str
    body: str
    first_used_at: datetime
    last_used_at: datetime | None
    """Of the consents that are kept: 90 days."""
    consents: int


class TermsTexts(Protocol):
    """The texts patrons accepted."""

    async def versions(self) -> Sequence[AcceptedText]:
        """All, the newest first."""
