"""Figures and bills as plain values for programs, exact and the same each time: every figure with its parts.

In:  any of the figures' frozen values: Period, Indicator, Service, Expected, Variance and their parts.
Out: a tree for json.dumps: fields in the order of their definition, None as null.

Integers stay integers: counts, seconds, bytes, dong. A fraction is {"exact": "7700/1207", "shown": "6.38"}: text, for a
float would show other digits than the documents. Dates and instants are ISO 8601; choices are their values.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from fractions import Fraction
from typing import Any, Union, get_args, get_origin, get_type_hints

from gateway.reports.rounding import rounded

Json = dict[str, "Json"] | list["Json"] | str | int | bool | None


def json_tree(value: object) -> Json:
    """The tree of a value; TypeError for what no figure is made of, floats above all."""
    match value:
        case None | bool():
            return value
        case Enum():
            return json_tree(value.value)
        case int() | str():
            return value
        case Fraction():
            return {"exact": str(value), "shown": rounded(value, 2).replace(",", "")}
        case date():
            return value.isoformat()
        case bytes():
            return value.hex()
        case frozenset():
            return [json_tree(one) for one in sorted(value)]
        case tuple() | list():
            return [json_tree(one) for one in value]
        case dict():
            return {str(json_tree(key)): json_tree(one) for key, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: json_tree(getattr(value, one.name)) for one in fields(value)}
    raise TypeError(f"{type(value).__name__} is no exact figure")


_NOTHING, _UNION = type(None), type(int | str)


def read_value(form: Any, tree: Any) -> Any:
    """The value of a type that `json_tree` made this tree of; ValueError or KeyError where the tree is not one of it.

    A field that the tree lacks, for it was written before there was one, gets its default.
    """
    origin, inner = get_origin(form), get_args(form)
    if origin in (Union, _UNION):
        return _read_choice(inner, tree)
    if origin in (tuple, list, Sequence):
        return _read_row(origin, inner, tree)
    if origin is frozenset:
        return frozenset(read_value(inner[0], one) for one in tree)
    if origin in (dict, Mapping):
        return {_read_key(inner[0], key): read_value(inner[1], one) for key, one in tree.items()}
    if is_dataclass(form):
        hints = get_type_hints(form)
        told = [one.name for one in fields(form) if one.init and one.name in tree]
        make: Any = form
        return make(**{name: read_value(hints[name], tree[name]) for name in told})
    return _read_plain(form, tree)


def _read_plain(form: Any, tree: Any) -> Any:
    if form is Fraction:
        return Fraction(tree["exact"])
    if form is datetime or form is date:
        return form.fromisoformat(tree)
    if isinstance(form, type) and issubclass(form, Enum):
        return form(tree)
    if form in (int, str, bool) and type(tree) is form:
        return tree
    raise ValueError(f"{tree!r} is no {form}")


def _read_choice(forms: tuple[Any, ...], tree: Any) -> Any:
    if tree is None and _NOTHING in forms:
        return None
    # of the unions figures have, only int | Fraction has two that are something
    fitting = [
        one
        for one in forms
        if one is not _NOTHING and (one is Fraction) == (isinstance(tree, dict) and "exact" in tree)
    ]
    return read_value(fitting[0], tree)


def _read_row(origin: Any, inner: tuple[Any, ...], tree: Any) -> Any:
    if origin is tuple and inner[-1] is not Ellipsis:
        return tuple(read_value(form, one) for form, one in zip(inner, tree, strict=True))
    return tuple(read_value(inner[0], one) for one in tree)


def _read_key(form: Any, key: str) -> Any:
    return int(key) if form is int else read_value(form, key)
