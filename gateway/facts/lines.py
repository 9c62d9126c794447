"""Facts as lines of JSON: read with every problem named by its line, and written the one way.

In:  lines; the first says the version.
Out: Fact; ProblemsError with up to MOST_PROBLEMS of them, so that nothing of such a file is taken.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Final

from gateway.errors import GatewayError
from gateway.facts.fact import Fact, Kind
from gateway.facts.fields import Type, Value, token, whole
from gateway.facts.kinds import KINDS

VERSION: Final = 1
HEADER: Final = "cong_facts"
MOST_PROBLEMS = 20
MOST_LINE = 200_000
_ENVELOPE = ("kind", "site", "rev", "void")
_MAC = re.compile(r"(?:[0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}|[0-9a-fA-F]{4}(?:\.[0-9a-fA-F]{4}){2}")


class ProblemsError(GatewayError):
    """Facts that can't be taken; `problems` has a line for each."""

    def __init__(self, problems: Iterable[str], *, where: str, hint: str = "") -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = f"{count} problem{'' if count == 1 else 's'}, nothing was imported"
        super().__init__("\n  ".join([head, *self.problems]), where=where, hint=hint)


def header() -> str:
    """The first line of a file."""
    return json.dumps({HEADER: VERSION})


def fact_line(fact: Fact) -> str:
    """The one text of a fact: fields in the order of their kind."""
    tree: dict[str, Value] = {"kind": fact.kind.name}
    if fact.site:
        tree["site"] = fact.site
    if fact.rev:
        tree["rev"] = fact.rev
    if fact.void:
        tree["void"] = True
    tree.update(fact.values)
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":"))


def body_of(fact: Fact) -> str:
    """Its values alone, as the register keeps them."""
    return json.dumps(fact.values, ensure_ascii=False, separators=(",", ":"))


def read_facts(lines: Iterable[bytes | str], where: str) -> Iterator[Fact]:
    """The facts of a file, lazily; at its end ProblemsError if any line was bad."""
    problems: list[str] = []
    empty = True
    for number, line in enumerate(lines, 1):
        try:
            if number == 1:
                empty = False
                _check_header(line)
            elif line.strip():
                yield fact_of(_tree(line), f"{where}:{number}")
        except ValueError as error:
            problems.append(f"line {number}: {error}")
            if number == 1 or len(problems) == MOST_PROBLEMS:
                break
    if empty:
        problems.append(f'line 1: the file is empty; the first line is {{"{HEADER}": {VERSION}}}')
    if problems:
        raise ProblemsError(problems, where=where, hint="cong facts describe tells every kind and field")


def fact_of(tree: Mapping[str, object], where: str = "") -> Fact:
    """One fact out of its JSON object; ValueError names the field."""
    kind = KINDS.get(str(tree.get("kind")))
    if kind is None:
        raise ValueError(f"kind: {_unknown(str(tree.get('kind')), KINDS)}")
    values = _values(kind, tree)
    site = _named("site", token, tree["site"]) if tree.get("site") else ""
    if bool(site) == kind.of_office:
        raise ValueError(f"site: {'a fact of the office has none' if site else 'is missing'}")
    rev = _named("rev", whole, tree.get("rev", 0))
    void = tree.get("void", False)
    if not isinstance(void, bool):
        raise ValueError("void: neither true nor false")
    fact = Fact(kind, str(site), values, int(rev), void, where)
    _check(fact)
    return fact


def _values(kind: Kind, tree: Mapping[str, object]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for field in kind.fields:
        value = tree.get(field.name)
        if value is not None:
            try:
                values[field.name] = field.normal(value)
            except ValueError as error:
                raise ValueError(f"{field.name}: {error}") from None
        elif field.required:
            raise ValueError(f"{field.name}: is missing; a {kind.name} needs it ({field.help})")
    for name in tree:
        if name not in kind.by_name and name not in _ENVELOPE:
            raise ValueError(f"{name}: {_unknown(name, kind.by_name)}")
    return values


def _check(fact: Fact) -> None:
    """What fields must be together."""
    for name in ("device", "person"):
        if fact.has(name) and _MAC.search(fact.text(name)):
            raise ValueError(f"{name}: is a MAC address; send a number that stands for it")
    begin, *rest = fact.kind.when or ("",)
    end = rest[0] if rest else ""
    if end and fact.has(end) and fact.has(begin) and fact.text(end) < fact.text(begin):
        raise ValueError(f"{end}: {fact.text(end)} is before {begin}, {fact.text(begin)}")
    if fact.kind.name == "session" and (fact.rev or fact.void):
        raise ValueError("rev: a session is never revised")
    if fact.kind.name == "rule":
        _check_rule(fact)
    if fact.kind.name == "contract" and fact.text("credit") == "bac" and not fact.rows("tiers"):
        raise ValueError('tiers: are missing; credit "bac" needs them')
    if fact.kind.name == "plan" and fact.number("low_percent") > fact.number("high_percent"):
        raise ValueError("high_percent: is below low_percent")


_RULE_NEEDS = {
    "percent": ("percent",),
    "fixed": ("month_vnd",),
    "subsidy": ("month_vnd",),
    "package": ("month_vnd",),
    "free_months": ("paid_months", "free_months", "total_vnd"),
    "clawback": ("percent", "before"),
}


def _check_rule(fact: Fact) -> None:
    for name in _RULE_NEEDS[fact.text("what")]:
        if not fact.has(name):
            raise ValueError(f"{name}: is missing; a rule of form {fact.text('what')} needs it")
    if fact.text("what") == "free_months" and not fact.number("paid_months"):
        raise ValueError("paid_months: is 0")


def _check_header(line: bytes | str) -> None:
    tree = _tree(line)
    version = tree.get(HEADER)
    if type(version) is not int or version < 1:
        raise ValueError(f'this is no file of facts: its first line is {{"{HEADER}": {VERSION}}}')
    if version > VERSION:
        raise ValueError(f"facts of version {version}; this program reads up to {VERSION}: install the newer program")


def _tree(line: bytes | str) -> Mapping[str, object]:
    if len(line) > MOST_LINE:
        raise ValueError(f"a line of {len(line)} bytes; {MOST_LINE} are the most")
    try:
        text = line if isinstance(line, str) else line.decode("utf-8-sig" if line[:1] == b"\xef" else "utf-8")
        tree = json.loads(text, object_pairs_hook=_once)
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"is no JSON: {error.msg}, column {error.colno}") from None
    except RecursionError:
        raise ValueError("is nested too deep") from None
    if not isinstance(tree, dict):
        raise ValueError("is no JSON object")
    return tree


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    tree = dict(pairs)
    if len(tree) != len(pairs):
        raise ValueError("a field stands twice")
    return tree


def _named(name: str, normal: object, value: object) -> str | int:
    assert callable(normal)
    try:
        result: str | int = normal(value)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    return result


def _unknown(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), 1)
    return f'"{name[:40]}" is unknown' + (f'; did you mean "{near[0]}"?' if near else "")


def field_type(kind: Kind, name: str) -> Type:
    """The type of a field; ValueError when the kind has none of this name."""
    if name not in kind.by_name:
        raise ValueError(f"{name}: {_unknown(name, kind.by_name)}")
    return kind.by_name[name].type
