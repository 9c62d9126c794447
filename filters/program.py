"""The filter as a program of its own: `python -m filters.program FD`, what `cong dns` becomes.

In: a descriptor with the pickled settings, written by the process this one replaces (see hand_over). Its modules are
few: neither the configuration's libraries nor the command line's are loaded, and ssl only where an upstream needs it.
"""

import os
import pickle
import sys
from typing import NoReturn

from filters.errors import FilterError
from filters.settings import FilterSettings, Transport


def hand_over(settings: FilterSettings) -> NoReturn:
    """Replace this process by a lean one that serves `settings`; its number, sockets and environment stay."""
    fd = os.memfd_create("filter-settings", 0)  # inherited: no close-on-exec
    os.write(fd, pickle.dumps(settings))
    os.lseek(fd, 0, os.SEEK_SET)
    os.execv(sys.executable, [sys.executable, "-P", "-m", "filters.program", str(fd)])


def _received(fd: int) -> FilterSettings:
    with os.fdopen(fd, "rb") as handed:
        settings: FilterSettings = pickle.load(handed)
    return settings


def _needs_tls(settings: FilterSettings) -> bool:
    upstreams = [*settings.upstreams, *(each for zone in settings.forward_zones for each in zone.upstreams)]
    return any(upstream.transport is not Transport.PLAIN for upstream in upstreams)


def _main() -> int:
    settings = _received(int(sys.argv[1]))
    if not _needs_tls(settings):
        # asyncio imports ssl where there is one: 4.6 MB resident in each process for nothing
        sys.modules["ssl"] = None  # type: ignore[assignment]  # documented: "None" makes the import fail
    from filters import server  # only now, for the line above

    try:
        return server.run(settings)
    except FilterError as error:
        sys.stderr.write(f"cong: {error}\n")
        return error.exit_code


if __name__ == "__main__":
    sys.exit(_main())
