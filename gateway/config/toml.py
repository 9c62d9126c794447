"""TOML as plain values: read, laid over one another, written."""

import json
import tomllib
from typing import Any

from gateway.errors import ConfigError

Tree = dict[str, Any]


def read_tree(text: str, *, where: str) -> Tree:
    """The values of TOML text; ConfigError naming `where` otherwise."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError((f"is no TOML: {error}",), where=where) from error


def merged(under: Tree, over: Tree) -> Tree:
    """Tables are merged key by key, everything else is replaced."""
    result = dict(under)
    for key, value in over.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result


def at(tree: Tree, path: tuple[str, ...]) -> Any:
    """The value at a path; KeyError where none stands."""
    found: Any = tree
    for part in path:
        if not isinstance(found, dict):
            raise KeyError(part)
        found = found[part]
    return found


def with_value(tree: Tree, path: tuple[str, ...], value: Any) -> Tree:
    """The tree with another value at a path."""
    head, rest = path[0], path[1:]
    if not rest:
        return {**tree, head: value}
    inner = tree.get(head)
    return {**tree, head: with_value(inner if isinstance(inner, dict) else {}, rest, value)}


def without(tree: Tree, path: tuple[str, ...]) -> Tree:
    """The tree without what stands at a path, and without tables that are empty then."""
    head, rest = path[0], path[1:]
    inner = tree.get(head)
    left = without(inner, rest) if rest and isinstance(inner, dict) else inner if rest else None
    plain = {key: value for key, value in tree.items() if key != head}
    return tree if head not in tree else {**plain, head: left} if left else plain


def leaves(tree: Tree, above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The path of each value that is no table."""
    return [
        path
        for key, value in tree.items()
        for path in (leaves(value, (*above, key)) if isinstance(value, dict) else [(*above, key)])
    ]


def as_toml(tree: Tree) -> str:
    """TOML text of plain values."""
    return "".join(f"{_key(key)} = {_value(value)}\n" for key, value in tree.items() if not isinstance(value, dict)) + (
        "".join(_table(_key(key), value) for key, value in tree.items() if isinstance(value, dict))
    )


def _table(path: str, tree: Tree) -> str:
    inner = {f"{path}.{_key(key)}": value for key, value in tree.items() if isinstance(value, dict)}
    plain = {key: value for key, value in tree.items() if not isinstance(value, dict)}
    head = f"\n[{path}]\n" if plain or not inner else ""
    text = head + "".join(f"{_key(key)} = {_value(value)}\n" for key, value in plain.items())
    return text + "".join(_table(name, value) for name, value in inner.items())


def _key(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() and key.isascii() else _value(key)


def _value(value: Any) -> str:
    match value:
        case bool() | int() | float() | str():
            # a JSON string is a TOML string, but for DEL, which TOML wants escaped
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case list():
            return "[" + ", ".join(_value(item) for item in value) + "]"
        case dict():
            return "{ " + ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items()) + " }"
        case _:
            raise TypeError(f"no TOML form for {value!r}")
