"""The site's own block and allow rules: a small overlay over the lists, effective at once.

In: the JSON file the gateway's commands replace whole (settings.local_rules). Out: Rule, the one that decides a name.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filters.errors import FilterError
from filters.names import normal_form, suffixes
from filters.settings import Action

_HINT = "write it anew with any of: cong block, cong allow, cong unblock"


@dataclass(frozen=True, slots=True)
class Rule:
    """A local decision about a name and all below it."""

    name: str
    action: Action
    reason: str


class LocalRules:
    """All local rules; the longest name that covers a question decides."""

    __slots__ = ("_by_name", "generation")

    def __init__(self, rules: Iterable[Rule] = (), generation: int = 0) -> None:
        """A name that stands both blocked and allowed is allowed: opening it was somebody's wish, too."""
        self.generation = generation
        self._by_name: dict[str, Rule] = {}
        for rule in rules:
            known = self._by_name.get(rule.name)
            if known is None or known.action is Action.BLOCK:
                self._by_name[rule.name] = rule

    def __len__(self) -> int:
        return len(self._by_name)

    def match(self, name: str) -> Rule | None:
        """The rule that decides a normal name."""
        by_name = self._by_name
        if not by_name:
            return None
        return next((by_name[suffix] for suffix in suffixes(name) if suffix in by_name), None)


def parse_rules(text: str, *, where: str) -> LocalRules:
    """The overlay's JSON -> rules; FilterError when any part of it is not as agreed."""
    try:
        whole = json.loads(text)
        return LocalRules([_rule(each) for each in whole["rules"]], int(whole["generation"]))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FilterError(f"is no file of local rules: {error!r}", where=where, hint=_HINT) from error
    except FilterError as error:
        raise FilterError(error.message, where=where, hint=_HINT) from error


def _rule(each: dict[str, Any]) -> Rule:
    if not isinstance(each["name"], str):
        raise TypeError(f"a name is text, not {each['name']!r}")
    return Rule(normal_form(each["name"]), Action(each["action"]), str(each.get("reason", "")))


class RulesFile:
    """Follows the overlay file; a broken file keeps the last good rules and is reported once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, ...] | None = None
        self.rules = LocalRules()

    def refresh(self) -> bool:
        """Read the file if it was replaced; were the rules changed? FilterError once for each broken version."""
        try:
            stat = self._path.stat()
            seen: tuple[int, ...] = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        except FileNotFoundError:
            seen = ()  # no file is no rules: a site that has made none yet
        if seen == self._seen:
            return False
        self._seen = seen
        rules = LocalRules() if not seen else parse_rules(self._text(), where=str(self._path))
        self.rules = rules
        return True

    def _text(self) -> str:
        try:
            return self._path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise FilterError(f"can't be read: {error}", where=str(self._path), hint=_HINT) from error
