"""One line an event on standard error: JSON when a machine reads it, plain on a terminal.

Names are `room.past_tense`. No name a client asked for and no client address ever goes in.
"""

import json
import sys
from typing import Literal

Level = Literal["info", "warning", "error"]


def event(name: str, level: Level = "info", **fields: str | int | float | bool | None) -> None:
    """Write one event."""
    if sys.stderr.isatty():
        line = " ".join([f"{level:7} {name}", *(f"{key}={value}" for key, value in fields.items())])
    else:
        line = json.dumps({"level": level, "event": name, **fields}, ensure_ascii=False)
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
