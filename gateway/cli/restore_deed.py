"""Who restores, for the row in the trail: whoever runs the command, or whom the desk names with address and role."""

import json
from pathlib import Path

from gateway.clock import SystemClock
from gateway.errors import UsageError
from gateway.ports_staff import Deed

_FIELDS = ("who", "role", "via", "address", "act", "asked")


def by_command(who: str, file: Path | None, *, other_site: bool) -> Deed:
    """A restore that was typed at the box."""
    act, asked = "backup.undo", {}
    if file is not None:
        act, asked = "backup.restore", {"name": path_name(file), "other_site": other_site}
    return Deed(SystemClock().now(), who, "", "command", "", act, json.dumps(asked, ensure_ascii=False))


def told_by_desk(said: str) -> Deed:
    """JSON of the row the desk began; UsageError when it is none."""
    try:
        tree = json.loads(said)
        who, role, via, address, act, asked = (str(tree[name]) for name in _FIELDS)
    except (ValueError, LookupError, TypeError) as error:
        raise UsageError("this is no deed", where="--deed", hint="the desk gives it; type --by NAME") from error
    return Deed(SystemClock().now(), who, role, via, address, act, asked)


def path_name(file: Path | None) -> str:
    """What the trail calls the backup: no folder, for a stick's name says nothing later."""
    return file.name if file else "undo"
