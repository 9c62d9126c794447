"""Figures as JSON: exact, in order, the same bytes each time."""

import json
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from gateway.reports.exact_json import json_tree
from gateway.reports.figures import Counted, Period
from gateway.reports.indicators import Row, indicators
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
