"""Figures and bills as plain values for programs, exact and the same each time: every figure with its parts.

In:  any of the figures' frozen values: Period, Indicator, Service, Expected, Variance and their parts.
Out: a tree for json.dumps: fields in the order of their definition, None as null.

Integers stay integers: counts, seconds, bytes, dong. A fraction is {"exact": "7700/1207", "shown": "6.38"}: text, for a
float would show other digits than the documents. Dates and instants are ISO 8601; choices are their values.
"""

from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from fractions import Fraction

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
