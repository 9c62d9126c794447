"""Config's defaults -> the documented TOML file."""

import json
from ipaddress import IPv4Interface, IPv4Network, IPv6Interface, IPv6Network
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from gateway.config.fields import DurationS, SizeBytes
from gateway.config.model import Config


def example_config() -> str:
    """Every key with its help and default; reading it gives Config(). Of tables alike only the first is explained."""
    lines = ["# Cổng: configuration. Every key is shown with its default; a key left out keeps it.", ""]
    for name, field in Config.model_fields.items():
        lines += [f"# {field.description}", *_section(name, getattr(Config(), name)), ""]
    return "\n".join(lines).rstrip() + "\n"


def _section(path: str, section: BaseModel, *, brief: bool = False) -> list[str]:
    """A table; brief: one like it stands above with its help, so only what differs from the defaults."""
    lines = [f"[{path}]"]
    tables: list[str] = []
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        key = field.alias or name
        if brief and value == field.default:
            continue
        help_line = [] if brief else [f"# {field.description}"]
        if isinstance(value, dict):
            tables += ["", *help_line]
            for n, (entry, inner) in enumerate(value.items()):
                tables += _section(f"{path}.{key}.{entry}", inner, brief=n > 0)
        elif isinstance(value, BaseModel):
            tables += ["", *help_line, *_section(f"{path}.{key}", value)]
        elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
            tables += ["", *help_line]
            for n, inner in enumerate(value):
                tables += [f"[[{path}.{key}]]", *_section(f"{path}.{key}", inner, brief=n > 0)[1:]]
        elif value == () and (form := _table_of(field)):
            tables += ["", *help_line, *_commented(f"{path}.{key}", form)]
        else:
            lines += [*help_line, f"{key} = {_toml(value, field.metadata)}"]
    return lines + tables


def _table_of(field: FieldInfo) -> type[BaseModel] | None:
    """What a key that may hold several tables holds."""
    held = get_args(field.annotation)
    return held[0] if held and isinstance(held[0], type) and issubclass(held[0], BaseModel) else None


def _commented(path: str, form: type[BaseModel]) -> list[str]:
    """A table of which there is none by default: to be copied, filled in, and written as often as wanted."""
    lines = [f"# [[{path}]]"]
    for name, field in form.model_fields.items():
        required = '["..."]' if get_origin(field.annotation) is tuple else '"..."'
        shown = required if field.is_required() else _toml(field.default, field.metadata)
        lines += [f"# # {field.description}", f"# {field.alias or name} = {shown}"]
    return lines


def _toml(value: Any, metadata: list[Any]) -> str:
    validators = {getattr(item, "func", None) for item in metadata}
    if validators & _functions(DurationS):
        return json.dumps(_shown_duration(value))
    if validators & _functions(SizeBytes):
        return json.dumps(_shown_size(value))
    match value:
        case None:
            return '""'
        case bool() | int():
            return json.dumps(value)
        case str() | Path() | IPv4Network() | IPv6Network() | IPv4Interface() | IPv6Interface():
            return json.dumps(str(value), ensure_ascii=False)
        case tuple():
            return "[" + ", ".join(_toml(item, []) for item in value) + "]"
        case _:
            raise TypeError(f"no TOML form for {value!r}")


def _functions(annotated: Any) -> set[Any]:
    return {getattr(item, "func", None) for item in annotated.__metadata__}


def _shown_duration(seconds: int) -> str:
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if (seconds >= 2 * size and seconds % size == 0) or (seconds == size and size > 60):
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _shown_size(count: int) -> str:
    for unit, size in (("GB", 1000**3), ("MB", 1000**2), ("kB", 1000)):
        if count >= size and count % size == 0:
            return f"{count // size}{unit}"
    return f"{count}B"
