"""The sheet as text: entries are put in, exchanged and taken out, all other lines stay as the librarian wrote them.

The new text is read back before it is used: what it says of every other entry must be what the old one said.
"""

import json
import re
import tomllib
from collections.abc import Mapping

from gateway.errors import FaultError

HEAD = """# The library's shelf. Each [[item]] is one thing on it, in the order of `order`, then of its title.
# Keys: file (in this folder) or link; title; title_en; language ("vi", "en"); author; licence; section; order; kind;
#       subtitles = { vi = "film.vi.srt" } (found by themselves when they are called so). Look it over: cong shelf check
"""
_BEGINS = re.compile(r"\s*\[\[\s*item\s*\]\]\s*(#.*)?")
Raw = Mapping[str, object]


def raw_items(text: str) -> list[Raw]:
    """The entries as they stand there, right or wrong; ValueError when it is no TOML."""
    told = tomllib.loads(text).get("item", [])
    return [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []


def written(entry: Mapping[str, object]) -> str:
    """An entry as TOML; what says nothing is left out."""
    lines = [f"{key} = {_toml(value)}" for key, value in entry.items() if value not in ("", 0) and value != {}]
    return "\n".join(["[[item]]", *lines]) + "\n"


def with_entry(text: str, entry: Mapping[str, object]) -> str:
    """The sheet with one more entry at its end."""
    return (text or HEAD).rstrip("\n") + "\n\n" + written(entry)


def exchanged(text: str, number: int, entry: Mapping[str, object] | None) -> str:
    """The sheet with its entry `number`, from 0, written anew; None: taken out. FaultError when it can't be told apart.

    Remarks above an entry belong to it, those in it go with it.
    """
    before = raw_items(text)
    lines = text.split("\n")  # and no other sign: TOML ends lines with this alone
    starts = [n for n, line in enumerate(lines) if _BEGINS.fullmatch(line)]
    if len(starts) != len(before):
        raise _by_hand()
    start, end = starts[number], [*starts, len(lines)][number + 1]
    while end > start and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1  # remarks before the next entry are that one's
    if entry is None:
        while start and lines[start - 1].lstrip().startswith("#") and number:
            start -= 1
    middle = [] if entry is None else written(entry).rstrip("\n").split("\n")
    new = "\n".join([*lines[:start], *middle, *lines[end:]]).rstrip("\n") + "\n"
    wanted = [*before[:number], *([] if entry is None else [_kept(entry)]), *before[number + 1 :]]
    try:
        after = raw_items(new)
    except ValueError:
        raise _by_hand() from None
    if after != wanted:
        raise _by_hand()
    return new


def _kept(entry: Mapping[str, object]) -> Raw:
    return {key: value for key, value in entry.items() if value not in ("", 0) and value != {}}


def _by_hand() -> FaultError:
    return FaultError("sheet_by_hand", "the sheet is written in a way that only people can change: edit it by hand")


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_toml(str(key))} = {_toml(each)}" for key, each in value.items()) + " }"
    # a JSON string is a TOML string, but for DEL, which TOML wants escaped
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
