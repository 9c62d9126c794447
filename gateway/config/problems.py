"""What pydantic says of a configuration -> problems an operator can act on, each with the path of its key."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gateway.config.model import Config


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong."""

    path: tuple[str | int, ...]
    """Keys and positions; () is the whole, ("mail",) what keys of a table are together."""
    kind: str
    """pydantic's name for it: "value_error", "less_than_equal"."""
    says: str

    def __str__(self) -> str:
        path = ".".join(str(part) for part in self.path)
        return f"{path}: {self.says}" if path else self.says


def problems_of(error: ValidationError) -> Iterator[Problem]:
    """All that is wrong."""
    for detail in error.errors(include_url=False):
        yield Problem(detail["loc"], detail["type"], _says(detail))


def _says(detail: ErrorDetails) -> str:
    if detail["type"] == "extra_forbidden":
        key = str(detail["loc"][-1])
        known = sorted(_keys_at(detail["loc"][:-1]))
        near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
        return f"unknown; did you mean {near[0]}?" if near else f"unknown; known here: {', '.join(known)}"
    if detail["type"] == "value_error":
        return str(detail["ctx"]["error"])
    if detail["type"] == "missing":
        return "is missing"
    shown = "" if isinstance(detail["input"], dict | list) else f" (it is {detail['input']!r})"
    return detail["msg"][:1].lower() + detail["msg"][1:] + shown


def _keys_at(path: tuple[int | str, ...]) -> set[str]:
    """Key names known in the section at a path; list positions and free names (profiles) lead to their section."""
    section: type[BaseModel] = Config
    inner: Any = None
    for part in path:
        if inner is None:
            field = next((f for name, f in section.model_fields.items() if part in (f.alias, name)), None)
            inner = field.annotation if field else None
        found = _section_in(inner)
        if found is None:
            continue
        if get_origin(inner) in (dict, tuple):
            inner = found  # the next part is a free name or a position
        else:
            section, inner = found, None
    if inner is not None and (found := _section_in(inner)):
        section = found
    return {field.alias or name for name, field in section.model_fields.items()}


def _section_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (tuple, dict, Union, UnionType):
        return next((found for inner in get_args(annotation) if (found := _section_in(inner))), None)
    return None
