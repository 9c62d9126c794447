"""One line an event: JSON when a machine reads it, plain on a terminal.

Names are `room.past_tense`. No MAC, no patron's name, no name a client asked for ever goes in; a client appears as a
short keyed hash (`client_tag`). The list of names is checked against ARCHITECTURE.md by tests/test_docs.py.
"""

import hashlib
import hmac
import json
import secrets
import sys
from typing import Literal

Level = Literal["info", "warning", "error"]
Field = str | int | float | bool | None

_TAG_KEY = secrets.token_bytes(16)  # new each start: a tag links lines of one run, never of two


def event(name: str, level: Level = "info", **fields: Field) -> None:
    """Write one event to standard error."""
    if sys.stderr.isatty():
        tail = " ".join(f"{key}={value}" for key, value in fields.items())
        line = f"{level:7} {name} {tail}".rstrip()
    else:
        line = json.dumps({"level": level, "event": name, **fields}, ensure_ascii=False)
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - the log is this print


def client_tag(mac: str) -> str:
    """A short name for a client that means nothing outside this run."""
    return hmac.digest(_TAG_KEY, mac.encode(), hashlib.sha256)[:4].hex()
