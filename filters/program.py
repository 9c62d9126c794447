"""The filter as a program of its own: `python -m filters.program FD`, what `cong dns` becomes.

In: a descriptor with the pickled settings, written by the process this one replaces (see hand_over). Its modules are
few: neither the configuration's libraries nor the command line's are loaded, and ssl only where an upstream needs it.
With other settings it becomes itself anew, over the same sockets: questions wait in them meanwhile.
"""

import os
import pickle
import sys
from collections.abc import Sequence
from typing import NoReturn

from filters.errors import FilterError
from filters.renewal import Handed, Origin
from filters.settings import FilterSettings, Transport


def hand_over(settings: FilterSettings, origin: Origin | None = None, sockets: Sequence[int] = ()) -> NoReturn:
    """Replace this process by a lean one that serves `settings`; its number, sockets and environment stay.

    `origin`: where settings come from, watched from then on. `sockets`: those to serve, beside what systemd holds.
    """
    fd = os.memfd_create("filter-settings", 0)  # inherited: no close-on-exec
    os.write(fd, pickle.dumps(Handed(settings, origin, tuple(sockets))))
    os.lseek(fd, 0, os.SEEK_SET)
    for each in sockets:
        os.set_inheritable(each, True)
    os.execv(sys.executable, [sys.executable, "-P", "-m", "filters.program", str(fd)])


def _received(fd: int) -> Handed:
    with os.fdopen(fd, "rb") as handed:
        received: Handed = pickle.load(handed)
    return received


def _needs_tls(settings: FilterSettings) -> bool:
    upstreams = [*settings.upstreams, *(each for zone in settings.forward_zones for each in zone.upstreams)]
    return any(upstream.transport is not Transport.PLAIN for upstream in upstreams)


def _main() -> int:
    handed = _received(int(sys.argv[1]))
    if not _needs_tls(handed.settings):
        # asyncio imports ssl where there is one: 4.6 MB resident in each process for nothing
        sys.modules["ssl"] = None  # type: ignore[assignment]  # documented: "None" makes the import fail
    from filters import server  # only now, for the line above

    try:
        renewed = server.run(handed.settings, handed.origin, handed.sockets)
    except FilterError as error:
        sys.stderr.write(f"cong: {error}\n")
        return error.exit_code
    if renewed is None:
        return 0
    hand_over(renewed.settings, renewed.origin, [each.fileno() for each in renewed.sockets])


if __name__ == "__main__":
    sys.exit(_main())
