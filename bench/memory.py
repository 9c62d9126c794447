"""Resident memory of processes, and its peak while something goes on. Sizes in MB of 10^6 bytes."""

import contextlib
import re
import resource
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

_PAGE = resource.getpagesize()


def family(pid: int) -> list[int]:
    """A process and all below it; none when it is gone."""
    found: list[int] = []
    waiting = [pid]
    while waiting:
        each = waiting.pop()
        with contextlib.suppress(OSError):
            for thread in Path(f"/proc/{each}/task").iterdir():
                waiting += [int(child) for child in (thread / "children").read_text(encoding="ascii").split()]
            found.append(each)
    return found


def resident(pid: int) -> tuple[float, float]:
    """Resident and proportional set size of a process."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    sizes = dict(re.findall(r"^(Rss|Pss): +(\d+) kB", text, re.MULTILINE))
    return int(sizes["Rss"]) * 1.024 / 1000, int(sizes["Pss"]) * 1.024 / 1000


def resident_sum(pids: Sequence[int]) -> tuple[float, float]:
    """The same of several, added; pages they share count once each in the first, once in all in the second."""
    sizes = [resident(pid) for pid in pids]
    return sum(rss for rss, _ in sizes), sum(pss for _, pss in sizes)


class Peak:
    """The highest sum of resident sizes seen while the block runs, looked at each 50 ms.

    statm is read, not smaps: walking a gigabyte's pages would hold up the server that is being measured.
    """

    def __init__(self, pids: Callable[[], Sequence[int]]) -> None:
        self.mb = 0.0
        self._pids = pids
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Peak":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            pages = 0
            for pid in self._pids():
                with contextlib.suppress(OSError, IndexError):
                    pages += int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
            self.mb = max(self.mb, pages * _PAGE / 1e6)
