"""What the desk has set of the configuration: one file, replaced whole."""

import asyncio
import tomllib
from contextlib import suppress
from pathlib import Path

from gateway.config.load import read_texts
from gateway.ports_settings import SettingsTexts
from gateway.store.aside import replace_whole

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

    async def write(self, desk: str) -> None:
        """See SettingsFiles."""
        await asyncio.to_thread(self._write, desk)

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
