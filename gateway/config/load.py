"""TOML text -> Config, or every problem at once."""

import difflib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gateway.config.model import Config
from gateway.errors import ConfigError


def load_config(path: Path) -> Config:
    """Read and check the file; ConfigError names every problem with its key path."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        hint = f"there is no such file; make one with: cong example-config > {path}"
        raise ConfigError((hint,), where=str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError((f"can't be read: {error}",), where=str(path)) from error
    return parse_config(text, where=str(path))


def parse_config(text: str, *, where: str) -> Config:
    """Check TOML text; `where` names it in errors."""
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError((f"is no TOML: {error}",), where=where) from error
    try:
        return Config.model_validate(tree)
    except ValidationError as error:
        raise ConfigError(tuple(_problems(error)), where=where) from error


def _problems(error: ValidationError) -> Iterator[str]:
    for detail in error.errors(include_url=False):
        path = ".".join(str(part) for part in detail["loc"])
        yield f"{path}: {_says(detail)}" if path else _says(detail)


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
