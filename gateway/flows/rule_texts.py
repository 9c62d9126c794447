"""The library's own lists as text: one name a line, comments kept; what is saved is the difference, all or none.

A list is what stands for good of one action in one scope; rules with an end are rows beside it.
"""

import asyncio
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.clock import Clock
from gateway.flows.rules import publish
from gateway.ports_rules import LocalRule, Overlay, RuleStore, RuleTextStore

MOST_NAMES = 5000
"""The overlay is small; more is a list of its own, which the compiler takes."""
_LONGEST_REASON = 200
_WIDE = frozenset(
    f"{each}.vn" for each in ("ac", "biz", "com", "edu", "gov", "health", "info", "int", "net", "org", "pro")
)
Normal = Callable[[str], str | None]
"""The normal form of a name, None where it is none."""


@dataclass(frozen=True, slots=True)
class LineProblem:
    """A line that can't be taken."""

    line: int
    text: str
    why: str
    """no_name, several, too_wide, twice, too_many"""


@dataclass(frozen=True, slots=True)
class Saved:
    """What a saved text came to: problems and nothing done, or the difference."""

    problems: tuple[LineProblem, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    is_stale: bool = False
    """Somebody else has changed the list since it was opened; nothing was done."""


@dataclass(frozen=True, slots=True)
class RuleText:
    """A list as it is shown."""

    text: str
    names: int

    @property
    def seal(self) -> str:
        """Sent back with the text: whether it is still the list that was opened."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


@dataclass(slots=True)
class _Read:
    names: dict[str, str] = field(default_factory=dict)
    """With the comment behind each."""
    problems: list[LineProblem] = field(default_factory=list)


class RuleTexts:
    """Both lists, for every profile or one."""

    def __init__(self, rules: RuleStore, overlay: Overlay, texts: RuleTextStore, clock: Clock, normal: Normal) -> None:
        self._rules = rules
        self._overlay = overlay
        self._texts = texts
        self._clock = clock
        self._normal = normal
        self._turn = asyncio.Lock()

    async def shown(self, action: str, profile: str | None) -> RuleText:
        """The text as it was typed, without names that are gone and with those that have come."""
        standing = await self._standing(action, profile)
        kept = await self._texts.text(action, profile or "")
        return RuleText(_brought_up(kept, standing, self._normal), len(standing))

    async def save(self, action: str, profile: str | None, text: str, seal: str, author: str) -> Saved:
        """Take the text over whole: new names become rules, names that are missing lose theirs."""
        async with self._turn:
            now = await self.shown(action, profile)
            if seal != now.seal:
                return Saved(is_stale=True)
            read = _read(text, self._normal)
            if read.problems:
                return Saved(tuple(read.problems))
            standing = await self._standing(action, profile)
            added = [name for name in read.names if name not in standing]
            said_anew = [name for name in read.names if name in standing and read.names[name] != standing[name]]
            removed = [name for name in standing if name not in read.names]
            at = self._clock.now()
            changed = [LocalRule(name, action, author, read.names[name], at, profile) for name in (*added, *said_anew)]
            changed += [LocalRule(name, "none", author, "", at, profile) for name in removed]
            if changed:
                await self._rules.set_rules(changed)
            await self._texts.put(action, profile or "", text)
            await publish(self._rules, self._overlay, at)
            return Saved((), tuple(added), tuple(removed))

    async def _standing(self, action: str, profile: str | None) -> dict[str, str]:
        found = await self._rules.standing_rules(self._clock.now())
        return {
            each.name: each.reason
            for each in found
            if each.until_at is None and each.action == action and each.profile == profile
        }


def is_too_wide(name: str) -> bool:
    """Whether a rule would reach whole countries: "vn", "gov.vn"."""
    return "." not in name or name in _WIDE


def name_in(text: str) -> str:
    """What people paste for a site: without scheme, path and port, "*." and the marks of ad blockers' lists."""
    bare = re.sub(r"^[a-z][a-z0-9+.-]*://", "", text.strip(), flags=re.IGNORECASE)
    bare = bare.removeprefix("||").partition("/")[0].partition("?")[0].partition("^")[0]
    bare = re.sub(r":\d+$", "", bare.rpartition("@")[2])
    return bare.removeprefix("*.").rstrip(".")


def _read(text: str, normal: Normal) -> _Read:
    found = _Read()
    for number, line in enumerate(text.splitlines(), start=1):
        said, _, comment = line.partition("#")
        if not said.strip() or said.lstrip().startswith("!"):
            continue
        name, why = _name(said, normal)
        why = "twice" if name in found.names else "too_many" if len(found.names) >= MOST_NAMES else why
        if why:
            found.problems.append(LineProblem(number, said.strip()[:80], why))
        else:
            found.names[name] = comment.strip()[:_LONGEST_REASON]
    return found


def _name(said: str, normal: Normal) -> tuple[str, str]:
    words = said.split()
    if len(words) == 2 and words[0] in ("0.0.0.0", "127.0.0.1", "::", "::1"):
        words = words[1:]  # a line of a hosts file
    if len(words) != 1:
        return "", "several"
    name = normal(name_in(words[0]))
    if name is None:
        return "", "no_name"
    return name, "too_wide" if is_too_wide(name) else ""


def _brought_up(kept: str, standing: Mapping[str, str], normal: Normal) -> str:
    lines: list[str] = []
    seen: set[str] = set()
    for line in kept.splitlines():
        said, _, _ = line.partition("#")
        name = "" if not said.strip() or said.lstrip().startswith("!") else _name(said, normal)[0]
        if not name or name in standing:
            lines.append(line.rstrip())
            seen.add(name)
    new: Sequence[str] = [name for name in standing if name not in seen]
    lines += [f"{name}  # {standing[name]}" if standing[name] else name for name in new]
    return "".join(f"{line}\n" for line in lines)
