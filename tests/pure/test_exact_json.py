"""Figures as JSON: exact, in order, the same bytes each time."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest

from gateway.reports.exact_json import json_tree, read_value
from gateway.reports.figures import Counted, Period
from gateway.reports.indicators import Indicator, Row, indicators
from gateway.service.hours import Cause, Service
from gateway.service.workstation import Share

NOW, BEFORE = Period(Counted(visits=1284), 410, Share(9, 10)), Period(Counted(visits=1207))


def test_a_row_of_the_table_with_its_exact_change() -> None:
    assert json_tree(indicators(NOW, BEFORE, NOW.counted)[0]) == {
        "row": "visits",
        "unit": "count",
        "plan": 1268,
        "actual": 1284,
        "before": 1207,
        "change": {"exact": "7700/1207", "shown": "6.38"},
        "to_date": 1284,
        "rating": "đạt",
    }


def test_fields_stand_in_the_order_of_their_definition_and_bytes_are_the_same() -> None:
    trees = [json.dumps(json_tree(indicators(NOW, BEFORE, NOW.counted)), ensure_ascii=False) for _ in range(2)]
    assert trees[0] == trees[1]
    assert [row["row"] for row in json.loads(trees[0])] == [row.value for row in Row]


def test_parts_dates_sets_and_keys() -> None:
    told = json_tree(Service(10, 5, 5, 0, ((Cause.POWER, 5),), 0))
    assert isinstance(told, dict)
    assert (told["lost_s"], told["objective_causes"]) == ([["mất điện", 5]], ["mất điện"])
    assert json_tree({date(2027, 3, 31): datetime(2027, 3, 31, 1, tzinfo=UTC)}) == {
        "2027-03-31": "2027-03-31T01:00:00+00:00"
    }
    assert json_tree(frozenset({Fraction(1, 2), Fraction(1, 3)})) == [
        {"exact": "1/3", "shown": "0.33"},
        {"exact": "1/2", "shown": "0.50"},
    ]
    assert json_tree((None, True, Fraction(-1234567, 1), b"\x01")) == [
        None,
        True,
        {"exact": "-1234567", "shown": "-1234567.00"},
        "01",
    ]


@pytest.mark.parametrize("value", [1.5, object(), Share, {"a": 0.1}])
def test_what_is_not_exact_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="is no exact figure"):
        json_tree(value)


@dataclass(frozen=True, slots=True)
class Later:
    """A value that got another field since it was written."""

    was: tuple[Fraction | None, int | Fraction, date | None]
    by: Mapping[date, int]
    new: frozenset[int] = frozenset({1})


@pytest.mark.parametrize(
    ("form", "value"),
    [
        (tuple[Indicator, ...], indicators(NOW, BEFORE, NOW.counted)),
        (Service, Service(10, 5, 5, 0, ((Cause.POWER, 5),), 0)),
        (Later, Later((None, Fraction(1, 3), date(2027, 3, 31)), {date(2027, 3, 31): 4})),
        (Later, Later((Fraction(2), 7, None), {}, frozenset())),
        (datetime, datetime(2027, 3, 31, 1, tzinfo=UTC)),
        (Mapping[int, bool], {3: True}),
    ],
)
def test_a_value_is_read_back_from_its_tree(form: Any, value: object) -> None:
    assert read_value(form, json.loads(json.dumps(json_tree(value)))) == value


def test_what_was_written_before_a_field_was_there_gets_its_default() -> None:
    assert read_value(Later, {"was": [None, 1, None], "by": {}}).new == frozenset({1})


@pytest.mark.parametrize(("form", "tree"), [(int, True), (int, "1"), (str, 1), (Row, "x"), (tuple[int, int], [1])])
def test_a_tree_of_another_value_is_refused(form: Any, tree: object) -> None:
    with pytest.raises(ValueError, match=r"is no|is not|zip"):
        read_value(form, tree)
