"""The site's own block and allow rules and its grants: a small overlay over the lists, effective at once.

In: the JSON file the gateway's commands replace whole (settings.local_rules), a profile, a moment.
Out: the rules that hold for that profile then; Rule, the one that decides a name.

A rule with an end stops by itself: nobody has to write the file again. The file is
`{"generation": n, "rules": [{"name", "action", "reason", "profiles": [...] or null, "until": epoch seconds or null,
"by": who}]}`; reason, profiles, until and by may be left out.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
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
    reason: str = ""
    profiles: frozenset[str] | None = None
    """None: every profile."""
    until_s: int | None = None
    """UTC seconds at which it ends by itself; None: it stands until it is taken back."""
    by: str = ""
    """Who signed it: staff, as the commands' users are called; for staff's eyes only."""
    ends: str = ""
    """`until_s` as the site's people read it: "15:00", or with the day; LocalRules.for_profile fills it."""

    @property
    def why(self) -> str:
        """For staff: "opened by hoa until 15:00: homework"."""
        verb = "opened" if self.action is Action.ALLOW else "blocked"
        who = self.by or "this library"
        until = f" until {self.ends}" if self.ends else ""
        return f"{self.name}: {verb} by {who}{until}" + (f": {self.reason}" if self.reason else "")

    def _rank(self) -> tuple[bool, bool, bool]:
        return self.until_s is not None, self.profiles is not None, self.action is Action.ALLOW


class LocalRules:
    """Rules, the longest name that covers a question deciding.

    Of several for one name the passing one stands over the standing one, that for named profiles over that for all,
    and allowing over blocking: opening it was somebody's wish, too.
    """

    __slots__ = ("_all", "_by_name", "generation")

    def __init__(self, rules: Iterable[Rule] = (), generation: int = 0) -> None:
        self.generation = generation
        self._all = tuple(rules)
        self._by_name: dict[str, Rule] = {}
        for rule in self._all:
            known = self._by_name.get(rule.name)
            if known is None or known._rank() < rule._rank():
                self._by_name[rule.name] = rule

    def __len__(self) -> int:
        return len(self._by_name)

    @property
    def all(self) -> tuple[Rule, ...]:
        """Every rule, those that have ended too."""
        return self._all

    def for_profile(self, profile: str, now_s: float, utc_offset_s: int = 0) -> "LocalRules":
        """Those that hold for one profile at a moment (UTC seconds); the offset is the site's, for texts."""
        holding = (
            replace(rule, ends=_shown(rule.until_s, now_s, utc_offset_s))
            for rule in self._all
            if (rule.profiles is None or profile in rule.profiles) and (rule.until_s is None or now_s < rule.until_s)
        )
        return LocalRules(holding, self.generation)

    def next_expiry(self, now_s: float) -> int | None:
        """The next moment (UTC seconds) after now at which a rule ends by itself; None when none will."""
        return min((r.until_s for r in self._all if r.until_s is not None and now_s < r.until_s), default=None)

    def match(self, name: str) -> Rule | None:
        """The rule that decides a normal name."""
        by_name = self._by_name
        if not by_name:
            return None
        return next((by_name[suffix] for suffix in suffixes(name) if suffix in by_name), None)


def _shown(until_s: int | None, now_s: float, utc_offset_s: int) -> str:
    if until_s is None:
        return ""
    offset = timedelta(seconds=utc_offset_s)
    end, now = (datetime.fromtimestamp(s, UTC) + offset for s in (until_s, now_s))
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    if end == midnight:
        return "midnight"
    return f"{end:%H:%M}" if end < midnight else f"{end:%Y-%m-%d %H:%M}"


def parse_rules(text: str, *, where: str) -> LocalRules:
    """The overlay's JSON -> all its rules; FilterError when any part of it is not as agreed."""
    try:
        whole = json.loads(text)
        return LocalRules([_rule(each) for each in whole["rules"]], int(whole["generation"]))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FilterError(f"is no file of local rules: {error!r}", where=where, hint=_HINT) from error
    except FilterError as error:
        raise FilterError(error.message, where=where, hint=_HINT) from error


def _rule(each: dict[str, Any]) -> Rule:
    name, profiles, until_s = each["name"], each.get("profiles"), each.get("until")
    if not isinstance(name, str):
        raise TypeError(f"a name is text, not {name!r}")
    if profiles is not None and not (isinstance(profiles, list) and all(isinstance(p, str) for p in profiles)):
        raise TypeError(f"profiles are a list of names, not {profiles!r}")
    if until_s is not None and (type(until_s) is not int or not 0 <= until_s < _LAST_S):
        raise TypeError(f"an end is whole seconds of UTC, not {until_s!r}")
    return Rule(
        normal_form(name),
        Action(each["action"]),
        str(each.get("reason", "")),
        None if profiles is None else frozenset(profiles),
        until_s,
        str(each.get("by", "")),
    )


_LAST_S = 253_402_214_400
"""9999-12-31: a day before the last that datetime knows, so that every zone can show it."""


class RulesFile:
    """Follows the overlay file; a broken file keeps the last good rules and is reported once.

    One that can't be read (no descriptor is free, the disk fails) is tried again at each look: it may be whole.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, ...] | None = None
        self._unread: tuple[int, ...] | None = None
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
        try:
            raw = self._path.read_bytes() if seen else b""
        except OSError as error:
            if seen == self._unread:
                return False  # told already
            self._unread = seen
            hint = "the rules before it stand; it is tried again until it can be read"
            raise FilterError(f"can't be read: {error}", where=str(self._path), hint=hint) from error
        self._seen, self._unread = seen, None
        self.rules = parse_rules(self._text(raw), where=str(self._path)) if seen else LocalRules()
        return True

    def _text(self, raw: bytes) -> str:
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise FilterError(f"can't be read: {error}", where=str(self._path), hint=_HINT) from error
