"""What the desk has set of the configuration: one file, replaced whole."""

import asyncio
import fcntl
import os
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from gateway.config.load import read_texts
from gateway.errors import StoreError
from gateway.ports_settings import SettingsTexts
from gateway.store.aside import replace_whole

_TRIES, _PAUSE_S = 400, 0.025
_MODE = 0o640
"""For the gateway's user and its group alone, in which the DNS filter is too."""


class DeskSettingsFiles:
    """The SettingsFiles port over the two TOML files."""

    def __init__(self, config: Path) -> None:
        self._config = config

    async def read(self) -> SettingsTexts:
        """See SettingsFiles."""
        texts = await asyncio.to_thread(read_texts, self._config)
        return SettingsTexts(texts.base, str(texts.path), texts.desk, str(texts.desk_path))

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """See SettingsFiles. StoreError when another has held it for ten seconds."""
        handle = await asyncio.to_thread(self._open_lock)
        try:
            # asked again and again: threads that wait for it could leave none for the one that has it
            for _ in range(_TRIES):
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    await asyncio.sleep(_PAUSE_S)
            else:
                raise StoreError("somebody else is changing settings; nothing was changed", hint="try again")
            yield
        finally:
            os.close(handle)

    async def write(self, desk: str) -> None:
        """See SettingsFiles."""
        await asyncio.to_thread(self._write, desk)

    def _open_lock(self) -> int:
        path = read_texts(self._config).desk_path.with_suffix(".toml.lock")
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _MODE)
        except OSError as error:
            hint = "only the gateway's user and root set it"
            raise StoreError(f"can't be written: {error.strerror}", where=str(path), hint=hint) from error

    def _write(self, desk: str) -> None:
        path = read_texts(self._config).desk_path
        if not _is_toml(path):
            with suppress(OSError):
                path.replace(path.with_suffix(".toml.broken"))
        replace_whole(
            path,
            desk,
            what="the file of the desk's settings",
            hint="check free space and rights; nothing was changed",
            mode=_MODE,
        )


def _is_toml(path: Path) -> bool:
    try:
        tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False
    return True
