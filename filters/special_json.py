"""Special lines as JSON and back, for segments and generations. Fields at their default are left out."""

import json
from dataclasses import fields
from typing import Any

from filters.settings import Action
from filters.special import Reach, Rewrite, Special

_SETS = ("types", "not_types", "tags", "not_tags")
_TUPLES = ("clients", "not_clients", "except_under")


def to_json(special: Special) -> bytes:
    """One line of JSON, ASCII."""
    said: dict[str, Any] = {}
    for field in fields(special):
        value = getattr(special, field.name)
        if value == field.default:
            continue
        if field.name in _SETS:
            value = sorted(value)
        elif isinstance(value, Rewrite):
            value = {
                "rcode": value.rcode,
                "target": value.target,
                "records": [[kind, data.hex()] for kind, data in value.records],
                "drop": value.drop,
                "tcp_only": value.tcp_only,
            }
        said[field.name] = value
    return json.dumps(said, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def from_json(line: bytes) -> Special:
    """The inverse of to_json."""
    said: dict[str, Any] = json.loads(line)
    for name in _SETS:
        if name in said:
            said[name] = frozenset(said[name])
    for name in _TUPLES:
        if name in said:
            said[name] = tuple(said[name])
    if "reach" in said:
        said["reach"] = Reach(said["reach"])
    if "action" in said:
        said["action"] = Action(said["action"])
    if "rewrite" in said:
        rewrite = said["rewrite"]
        rewrite["records"] = tuple((kind, bytes.fromhex(data)) for kind, data in rewrite["records"])
        said["rewrite"] = Rewrite(**rewrite)
    return Special(**said)
