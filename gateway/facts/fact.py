"""A kind of facts and one fact of it: what it is known by, when it holds, and its values in their normal form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from gateway.facts.fields import Field, Type, Value, share


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of facts."""

    name: str
    help: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    """The fields that, with the site, tell one fact from another; of a kind with one fact a site: none."""
    when: tuple[str, ...] = ()
    """The field with its begin, and the one with its end (missing: it goes on). None: it holds always."""
    of_office: bool = False
    """It concerns the office, not a site."""
    term: str = "10 years"
    """How long it is kept."""
    by_name: Mapping[str, Field] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {one.name: one for one in self.fields})


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact. `void` facts say that what an earlier revision told does not stand."""

    kind: Kind
    site: str
    values: Mapping[str, Value]
    rev: int = 0
    """A higher one takes the place of lower ones, which stay in the trail."""
    void: bool = False
    where: str = field(default="", compare=False)
    """Where it was read: file and line."""

    @property
    def key(self) -> str:
        """What it is known by within its kind and site."""
        return "|".join(str(self.values[name]) for name in self.kind.key)

    def has(self, name: str) -> bool:
        """Is the field told?"""
        return name in self.values

    def text(self, name: str) -> str:
        """A text, token, word or percentage; "" when it is not told."""
        value = self.values.get(name, "")
        assert isinstance(value, str)
        return value

    def number(self, name: str) -> int:
        """A count, or an amount; 0 when it is not told."""
        value = self.values.get(name, 0)
        assert isinstance(value, int)
        return value

    def known(self, name: str) -> int | None:
        """The same, None when it is not told."""
        return self.number(name) if name in self.values else None

    def flag(self, name: str, *, otherwise: bool = False) -> bool:
        """True or false."""
        value = self.values.get(name, otherwise)
        assert isinstance(value, bool)
        return value

    def rows(self, name: str) -> list[Value]:
        """A list; empty when it is not told."""
        value = self.values.get(name, [])
        assert isinstance(value, list)
        return value

    def share(self, name: str) -> Fraction:
        """The share of a percentage; 0 when it is not told."""
        return share(self.text(name) or "0")

    def day(self, name: str) -> date | None:
        """A day, None when it is not told."""
        return date.fromisoformat(self.text(name)) if name in self.values else None

    def day_of(self, name: str) -> date:
        """A day that is required."""
        return date.fromisoformat(self.text(name))

    def month_of(self, name: str) -> date:
        """The first day of a month that is required."""
        return date.fromisoformat(f"{self.text(name)}-01")

    def instant(self, name: str) -> datetime | None:
        """An instant in UTC, None when it is not told."""
        return datetime.fromisoformat(self.text(name)) if name in self.values else None

    def instant_of(self, name: str) -> datetime:
        """An instant that is required."""
        return datetime.fromisoformat(self.text(name))

    def span_s(self) -> tuple[int | None, int | None]:
        """From when to when it may matter, in UTC seconds; days with a day's margin on either side, for any zone."""
        ends = [_second(self, name, at_end=n == 1) for n, name in enumerate(self.kind.when)]
        if not ends:
            return None, None
        begin, end = ends[0], ends[-1]
        if len(ends) == 1:
            end = _second(self, self.kind.when[0], at_end=True)
        return begin, end


_MARGIN = timedelta(days=1)


def _second(fact: Fact, name: str, *, at_end: bool) -> int | None:
    if name not in fact.values:
        return None
    match fact.kind.by_name[name].type:
        case Type.INSTANT:
            return int(fact.instant_of(name).timestamp())
        case Type.MONTH:
            first = fact.month_of(name)
            at = datetime(first.year, first.month, 1, tzinfo=UTC)
            return int((at + 32 * _MARGIN if at_end else at - _MARGIN).timestamp())
        case _:
            on = fact.day_of(name)
            at = datetime(on.year, on.month, on.day, tzinfo=UTC)
            return int((at + 2 * _MARGIN if at_end else at - _MARGIN).timestamp())
