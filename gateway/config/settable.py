"""Which keys the desk may set, each with what its form needs to know; help, units and limits are the model's own.

Network, ports, files' places and secrets stay the administrator's: by them one could lock oneself out, or read a file.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le, MaxLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from gateway.config.fields import DurationS, RateKbitS, SizeBytes
from gateway.config.model import Config

Path = tuple[str, ...]
SETTABLE: tuple[Path, ...] = tuple(
    tuple(key.split("."))
    for key in (
        "site.name", "site.run_by", "site.phone", "site.mail", "site.holidays", "site.language",
        "hours",
        "session.limit", "session.idle", "session.profile",
        "login.methods", "login.limits.*",
        "dns.profiles.*.block", "dns.profiles.*.games", "dns.profiles.*.schedules", "dns.profiles.*.safe_search",
        "dns.profiles.*.youtube", "dns.profiles.*.refusal",
        "dns.school_hours", "dns.lists", "dns.shipped_lists",
        "mail.recipients",
        "portal.purpose", "portal.garden.names",
        "shelf.downloads_per_device",
    )
)  # fmt: skip
"""A table stands for all keys in it; "*" is a profile."""


class Form(StrEnum):
    """What a value is put in by."""

    TEXT = "text"
    FLAG = "flag"
    NUMBER = "number"
    DURATION = "duration"
    SIZE = "size"
    RATE = "rate"
    CHOICE = "choice"
    CHOICES = "choices"
    """Several of them, in an order."""
    LINES = "lines"
    """Texts, one a line."""
    ROWS = "rows"
    """Tables alike; `columns` tells what stands in each."""


@dataclass(frozen=True, slots=True)
class Column:
    """One key of a row, or the key itself."""

    key: str
    help: str
    form: Form
    choices: tuple[str, ...] = ()
    """Of CHOICE and CHOICES; () where the values are free names."""
    least: int | None = None
    most: int | None = None
    longest: int | None = None
    may_be_empty: bool = False
    """"" stands for "none"."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One key the desk may set."""

    path: Path
    column: Column
    columns: tuple[Column, ...] = ()

    @property
    def key(self) -> str:
        """As the file would have it: "session.limit"."""
        return ".".join(self.path)


def is_settable(path: Sequence[str | int]) -> bool:
    """Whether the desk may set what stands at this path."""
    return any(
        len(path) >= len(rule) and all(part in ("*", there) for part, there in zip(rule, path, strict=False))
        for rule in SETTABLE
    )


@cache
def settings(profiles: tuple[str, ...]) -> Mapping[str, Setting]:
    """Every key the desk may set, where there are these profiles."""
    found = [each for rule in SETTABLE for path in _named(rule, profiles) for each in _at(path)]
    return MappingProxyType({each.key: each for each in found})


def _named(rule: Path, profiles: Sequence[str]) -> Iterator[Path]:
    if "*" not in rule:
        yield rule
        return
    for name in profiles:
        yield tuple(name if part == "*" else part for part in rule)


def _at(path: Path) -> Iterator[Setting]:
    section: type[BaseModel] | None = Config
    field: FieldInfo | None = None
    for part in path:
        if section is None:  # a free name: what the table's entries are
            section = _section(field)
            continue
        field = _field(section, part)
        section = None if get_origin(field.annotation) is dict else _section(field)
    assert field is not None
    if section is not None and get_origin(field.annotation) is not tuple:
        for name, inner in section.model_fields.items():
            yield from _at((*path, inner.alias or name))
        return
    rows = section.model_fields.items() if section is not None else ()
    yield Setting(path, _column(path[-1], field), tuple(_column(each.alias or name, each) for name, each in rows))


def _field(section: type[BaseModel], key: str) -> FieldInfo:
    return next(field for name, field in section.model_fields.items() if (field.alias or name) == key)


def _section(field: FieldInfo | None) -> type[BaseModel] | None:
    for held in (field.annotation, *get_args(field.annotation)) if field else ():
        if isinstance(held, type) and issubclass(held, BaseModel):
            return held
    return None


def _column(key: str, field: FieldInfo) -> Column:
    annotation, metadata, may_be_empty = _bare(field)
    limits = {type(each): each for each in (*field.metadata, *metadata)}
    form, choices = _form(annotation, [*field.metadata, *metadata])
    low, high, long = (limits.get(kind) for kind in (Ge, Le, MaxLen))
    return Column(
        key,
        field.description or "",
        form,
        choices,
        int(str(low.ge)) if isinstance(low, Ge) else None,
        int(str(high.le)) if isinstance(high, Le) else None,
        long.max_length if isinstance(long, MaxLen) else None,
        may_be_empty or (form in (Form.TEXT, Form.LINES, Form.ROWS) and not field.is_required()),
    )


def _bare(field: FieldInfo) -> tuple[Any, list[Any], bool]:
    """The annotation without "or None" and its checks, the checks, and whether None is among it."""
    annotation: Any = field.annotation
    may_be_empty = False
    if get_origin(annotation) in (Union, UnionType):
        may_be_empty = type(None) in get_args(annotation)
        annotation = next(each for each in get_args(annotation) if each is not type(None))
    checks = list(getattr(annotation, "__metadata__", ()))
    return (get_args(annotation)[0] if checks else annotation), checks, may_be_empty


def _form(annotation: Any, checks: Sequence[Any]) -> tuple[Form, tuple[str, ...]]:
    functions = {getattr(each, "func", None) for each in checks}
    for unit, form in ((DurationS, Form.DURATION), (SizeBytes, Form.SIZE), (RateKbitS, Form.RATE)):
        if functions & {getattr(each, "func", None) for each in unit.__metadata__}:  # type: ignore[attr-defined]
            return form, ()
    if annotation is bool:
        return Form.FLAG, ()
    if annotation is int:
        return Form.NUMBER, ()
    if get_origin(annotation) is Literal:
        return Form.CHOICE, get_args(annotation)
    if get_origin(annotation) is tuple:
        held = get_args(annotation)[0]
        if get_origin(held) is Literal:
            return Form.CHOICES, get_args(held)
        is_row = isinstance(held, type) and issubclass(held, BaseModel)
        return (Form.ROWS if is_row else Form.LINES), ()
    return Form.TEXT, ()
