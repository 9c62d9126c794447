"""What pydantic says of an input, in the user's language, field by field."""

from collections.abc import Mapping

from pydantic import ValidationError

from gateway.desk.table import Language
from gateway.pages import text

_SAME = {
    "string_too_short": "too_short",
    "string_too_long": "too_long",
    "too_short": "too_few",
    "too_long": "too_many",
    "greater_than_equal": "too_small",
    "greater_than": "too_small",
    "less_than_equal": "too_big",
    "less_than": "too_big",
    "int_parsing": "no_number",
    "int_type": "no_number",
    "int_from_float": "no_number",
    "float_parsing": "no_number",
    "bool_parsing": "no_choice",
    "literal_error": "no_choice",
    "enum": "no_choice",
    "missing": "missing",
    "extra_forbidden": "unknown",
    "string_pattern_mismatch": "pattern",
    "date_from_datetime_parsing": "no_day",
    "date_parsing": "no_day",
    "datetime_from_date_parsing": "no_moment",
    "datetime_parsing": "no_moment",
}
_OWN = frozenset(
    {
        "not_printable",
        "no_mac",
        "no_day",
        "no_moment",
        "unknown_name",
        "past",
        "order",
        "no_money",
        "no_percent",
        "no_invoice",
        "no_period",
        "no_mail",
    }
)
_LIMITS = ("min_length", "max_length", "ge", "gt", "le", "lt")


def problems(error: ValidationError, language: Language) -> Mapping[str, str]:
    """A sentence for each field; "" for the whole."""
    found: dict[str, str] = {}
    for detail in error.errors(include_url=False, include_input=False):
        name = str(detail["loc"][0]) if detail["loc"] else ""
        kind = detail["type"]
        key = kind if kind in _OWN else _SAME.get(kind, "wrong")
        context = detail.get("ctx", {})
        limit = next((context[name] for name in _LIMITS if name in context), "")
        if kind == "string_too_short" and limit == 1:
            key = "missing"
        found.setdefault(name, text(language, f"wrong.{key}", limit=str(limit)))
    return found
