"""A process that compiles lists again and again, each time in a child that dies at a line, or at a full disk.

In: a file with pickled settings as argument; by line on the standard input "NUMBER SIZE": SIGKILL at the line of the
program gone through as NUMBERth (0: at none), and no file larger than SIZE bytes (0: any). Out, by line: JSON with how
the child ended, how many lines it went through, and the error it told.
"""

import json
import os
import pickle
import resource
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from filters import aside, compile, generations, segments, sources, table
from filters.errors import FilterError
from filters.settings import FilterSettings

_WATCHED = frozenset(str(module.__file__) for module in (aside, compile, generations, segments, sources, table))


class _Lines:
    """Counts the lines of the rooms that write, and ends the process at one of them."""

    def __init__(self, last: int) -> None:
        self.passed = 0
        self._last = last

    def watch(self, frame: FrameType, what: str, _: object) -> Any:
        if frame.f_code.co_filename not in _WATCHED:
            return None
        if what == "line":
            self.passed += 1
            if self.passed == self._last:
                os.kill(os.getpid(), signal.SIGKILL)
        return self.watch


def _update(settings: FilterSettings, last_line: int, most_bytes: int) -> dict[str, Any]:
    if most_bytes:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
    lines = _Lines(last_line)
    sys.settrace(lines.watch)
    try:
        compile.update(settings)
    except FilterError as bad:
        return {"ended": "refused", "lines": lines.passed, "said": str(bad)}
    return {"ended": "done", "lines": lines.passed, "said": ""}


def main(path: Path) -> None:
    """Serve the orders."""
    settings: FilterSettings = pickle.loads(path.read_bytes())
    for order in sys.stdin:
        last_line, most_bytes = map(int, order.split())
        child = os.fork()
        if not child:
            _tell(_update(settings, last_line, most_bytes))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            _tell({"ended": signal.Signals(os.WTERMSIG(status)).name, "lines": last_line, "said": ""})


def _tell(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
