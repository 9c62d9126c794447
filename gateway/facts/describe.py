"""The reference of all kinds and fields, made of the kinds themselves."""

from collections.abc import Iterator

from gateway.facts.fact import Kind
from gateway.facts.fields import UNITS, Field
from gateway.facts.kinds import KINDS
from gateway.facts.lines import VERSION, header

_INTRO = f"""# Facts

What `cong facts export` writes and `cong facts import` reads: JSON Lines in UTF-8, version {VERSION}. The first line is
`{header()}`; each other line is one fact, a JSON object with `kind`, `site` (short name of the site; facts of the
office have none), its fields, and where need be `rev` and `void`.

- A fact is known by its kind, site and key. The same fact told twice is one, and the order of lines does not matter.
- `rev` (whole number, 0 if missing): a higher one takes the place of lower ones; those stay in the trail. The same key
  and `rev` with other values is refused. `void: true` says that the fact does not stand any more.
- A file is taken as a whole or not at all; problems are told with their line.
- No MAC address and no name of a patron may stand in a file.

This page is made by `cong facts describe --markdown`.
"""


def markdown() -> str:
    """The whole reference."""
    return _INTRO + "".join(f"\n{_section(kind)}" for kind in KINDS.values())


def table(kind: Kind) -> Iterator[tuple[str, str, str, str]]:
    """Name, whether it must be told, unit, what it means."""
    for field in kind.fields:
        yield field.name, "yes" if field.required else "", unit(field), field.help


def unit(field: Field) -> str:
    """What a value is and is counted in."""
    return ", ".join(f"`{word}`" for word in field.words) if field.words else UNITS[field.type]


def _section(kind: Kind) -> str:
    rows = "".join(f"| `{name}` | {must} | {what} | {help} |\n" for name, must, what, help in table(kind))
    key = ", ".join(f"`{name}`" for name in kind.key)
    of = "the office" if kind.of_office else "a site"
    head = f"## {kind.name}\n{kind.help} Of {of}; key: {key}; kept {kind.term}.\n\n"
    return f"{head}| field | required | value | means |\n|---|---|---|---|\n{rows}"
