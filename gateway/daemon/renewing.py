"""Taking up what the desk has set: the gateway ends in order and starts anew, as the same process on the same sockets.

Admitted clients go on, for the kernel keeps what it has; whoever knocks meanwhile waits (kept_sockets).
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import NoReturn

from gateway.config.load import Stamp, look, read_layers, read_texts
from gateway.config.model import Config
from gateway.errors import ConfigError
from gateway.log import event
from gateway.ports_backup import unfinished

EVERY_S = 0.5
_BEFORE_RESTORE = 8
"""Looks from the decision to the stop: whoever decided it at the desk first sees the page that says so."""


class Renewal:
    """Looks at the desk's file, and for a restore; once there is something new, the gateway stops and begins again."""

    def __init__(self, path: Path, config: Config, stop: asyncio.Event) -> None:
        self.is_wanted = False
        self._path = path
        self._config = config
        self._stop = stop
        # None: it may have been written since `config` was read, so the first look reads it
        self._seen: Stamp | None = None
        self._plan_seen = 0

    async def look(self) -> None:
        """Once a turn."""
        if unfinished(self._config.state.directory):
            self._plan_seen += 1
            if self._plan_seen == _BEFORE_RESTORE:
                event("backup.restoring")
                self.is_wanted = True
                self._stop.set()
            return
        stamp = look(self._config.state.desk_settings)
        if stamp == self._seen:
            return
        self._seen = stamp
        try:
            config = await asyncio.to_thread(lambda: read_layers(read_texts(self._path)).config)
        except ConfigError as error:
            event("settings.kept_old", "error", where=error.where, error=error.message)
            return
        if config != self._config:
            event("settings.renewing")
            self.is_wanted = True
            self._stop.set()


def start_anew() -> NoReturn:
    """Become the same command again: same process number, environment and inheritable descriptors."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
