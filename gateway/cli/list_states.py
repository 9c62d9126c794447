"""How each list stands: what its settings, its fetched copy and the generation in use say of it together.

In: settings, the generation in use. Out: values that go out as JSON or as a table.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from filters.blockset import Blockset, CompiledSource
from filters.errors import FilterError
from filters.fetched import State, is_due, read_state
from filters.settings import FilterSettings, Kind, Source
from filters.sources import (
    addresses_in,
    fetched_copy,
    fetched_directory,
    files_of,
    is_fetched,
    is_shipped,
    read_source,
    where_of,
)
from gateway.units import from_epoch_s, show_bytes

Rejected = Sequence[tuple[str, int, Sequence[tuple[int, str]]]]


class Standing(StrEnum):
    """What of a list is in use."""

    GOOD = "good"
    OLD = "old"
    """It can't be fetched: its last good copy is."""
    KEPT = "kept"
    """Its text can't be used as it is now: its last good names are."""
    UNUSED = "unused"
    """It was never good: nothing is."""
    NEW = "new"
    """It is not in the generation yet."""


@dataclass(frozen=True, slots=True)
class ListState:
    """One list; moments are UTC seconds, None is never or not known."""

    source: Source
    standing: Standing
    why: str
    """Why it is not good."""
    since: int | None
    format: str
    names: int
    """Names, or networks of a list of addresses."""
    size_bytes: int
    changed_at: int | None
    """When its text was last another one."""
    checked_at: int | None
    is_due: bool
    rejected: Rejected

    def as_json(self, now_s: int) -> dict[str, Any]:
        """With stable keys."""
        source = self.source
        return {
            "name": source.name,
            "category": source.category,
            "action": source.action.value,
            "kind": source.kind.value,
            "location": source.location,
            "state": self.standing.value,
            "why": self.why or None,
            "since": _moment(self.since),
            "format": self.format,
            "names": self.names,
            "bytes": self.size_bytes,
            "changed_at": _moment(self.changed_at),
            "age_s": max(0, now_s - self.changed_at) if self.changed_at else None,
            "checked_at": _moment(self.checked_at),
            "due": self.is_due,
            "rejected": {
                reason: {"lines": count, "first": [{"line": line, "text": text} for line, text in first]}
                for reason, count, first in self.rejected
            },
        }


def list_states(settings: FilterSettings, blockset: Blockset | None, now_s: int) -> list[ListState]:
    """Every configured list, in order."""
    compiled = {each.name: each for each in blockset.sources} if blockset else {}
    kept = {name: (why, since) for name, why, since in blockset.about["kept"]} if blockset else {}
    skipped: dict[str, str] = dict(blockset.about["skipped"]) if blockset else {}
    states = []
    for source in settings.sources:
        state = _State(settings, source, now_s)
        if source.kind is Kind.ADDRESSES:
            states.append(state.of_addresses())
        else:
            at = kept.get(source.name, (skipped.get(where_of(source), ""), None))
            states.append(state.of_names(compiled.get(source.name), *at))
    return states


class _State:
    """What is known of one list without its generation."""

    def __init__(self, settings: FilterSettings, source: Source, now_s: int) -> None:
        self._source = source
        self._fetched = fetched_directory(settings)
        copy = fetched_copy(source, self._fetched)
        self._http = read_state(copy) if is_fetched(source) else State()
        self._is_due = is_fetched(source) and is_due(source, copy, self._http, now_s)
        self._size_bytes, self._changed_at = self._text()

    def of_names(self, found: CompiledSource | None, why: str, since: int | None) -> ListState:
        """`why`, `since`: what the generation says against it."""
        if why:
            standing = Standing.UNUSED if found is None else Standing.KEPT
        else:
            standing = Standing.NEW if found is None else Standing.GOOD
        if found is None:
            return self._state(standing, why, since, "", 0, ())
        return self._state(standing, why, since, found.format, found.names, found.rejects)

    def of_addresses(self) -> ListState:
        """As the kernel's sets are given it."""
        try:
            listing = addresses_in(read_source(self._source, self._fetched))
        except FilterError as bad:
            return self._state(Standing.UNUSED, bad.message, None, "addresses", 0, ())
        rejected = [(each.reason, each.count, each.first) for each in listing.rejects]
        return self._state(Standing.GOOD, "", None, "addresses", len(listing.networks), rejected)

    def _state(
        self, standing: Standing, why: str, since: int | None, form: str, names: int, rejected: Rejected
    ) -> ListState:
        failing = f"can't be renewed: {self._http.error}" if self._http.error else ""
        if failing and standing is Standing.GOOD:
            standing = Standing.OLD
        return ListState(
            source=self._source,
            standing=standing,
            why="; ".join(each for each in (why, failing) if each),
            since=since or self._http.failing_since or None,
            format=form,
            names=names,
            size_bytes=self._size_bytes,
            changed_at=self._changed_at,
            checked_at=self._http.checked_at or None,
            is_due=self._is_due,
            rejected=rejected,
        )

    def _text(self) -> tuple[int, int | None]:
        """Size of the list as it lies here, and when it was last another one."""
        try:
            if is_shipped(self._source):
                return len(read_source(self._source, self._fetched)), None
            about = [path.stat() for path in files_of(self._source, self._fetched)]
        except (FilterError, OSError):
            return 0, None
        changed = self._http.fetched_at or max((int(each.st_mtime) for each in about), default=0)
        return sum(each.st_size for each in about), changed or None


def table(states: Sequence[ListState], now_s: int) -> Iterator[str]:
    """Lines for people; under a list why it is not good, and what of it is not used."""
    width = max((len(each.source.name) for each in states), default=4)
    head = f"{'category':<13}  {'does':<5}  {'format':<11}  {'size':>8}  age"
    yield f"  {'list':<{width}}  {'state':<6}  {'names':>9}  {head}"
    for each in states:
        age = show_age(now_s - each.changed_at) if each.changed_at else ""
        does = "block" if each.source.kind is Kind.ADDRESSES else each.source.action.value
        row = f"{each.source.category:<13}  {does:<5}  {each.format:<11}  {show_bytes(each.size_bytes):>8}  {age}"
        yield f"  {each.source.name:<{width}}  {each.standing:<6}  {each.names:>9}  {row}".rstrip()
        if each.why:
            since = f" (since {from_epoch_s(each.since):%Y-%m-%d %H:%M} UTC)" if each.since else ""
            yield f"  {'':<{width}}  {_printable(each.why)}{since}"
        for reason, count, first in each.rejected:
            at, text = first[0]
            told = (
                f"{'entry' if count == 1 else 'entries'} not used: {reason}; the first in line {at}: {_printable(text)}"
            )
            yield f"  {'':<{width}}  {'':<6}  {count:>9}  {told}"


def show_age(age_s: int) -> str:
    """Short text of a span."""
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if age_s >= 2 * size:
            return f"{age_s // size} {unit}"
    return f"{max(0, age_s)} seconds"


def _printable(text: str) -> str:
    """Others' text without what moves a terminal's cursor or colours it."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _moment(seconds: int | None) -> str | None:
    return from_epoch_s(seconds).isoformat() if seconds else None
