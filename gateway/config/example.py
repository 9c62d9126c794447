"""Config's defaults -> the documented TOML file."""

import json
from ipaddress import IPv4Interface, IPv4Network, IPv6Interface, IPv6Network
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from gateway.config.fields import DurationS, SizeBytes
from gateway.config.model import Config


def example_config() -> str:
    """Every key with its help and default; reading it gives Config()."""
    lines = ["# Cổng: configuration. Every key is shown with its default; a key left out keeps it.", ""]
    for name, field in Config.model_fields.items():
        lines += [f"# {field.description}", *_section(name, getattr(Config(), name)), ""]
    return "\n".join(lines).rstrip() + "\n"


def _section(path: str, section: BaseModel) -> list[str]:
    lines = [f"[{path}]"]
    tables: list[str] = []
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        key = field.alias or name
        if isinstance(value, dict):
            tables += ["", f"# {field.description}"]
            for entry, inner in value.items():
                tables += _section(f"{path}.{key}.{entry}", inner)
        elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
            tables += ["", f"# {field.description}"]
            for inner in value:
                tables += [f"[[{path}.{key}]]", *_section(path, inner)[1:]]
        else:
            lines += [f"# {field.description}", f"{key} = {_toml(value, field.metadata)}"]
    return lines + tables


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
