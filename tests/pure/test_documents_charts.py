"""The axis of a chart: whole thousandths, so that a template only draws."""

from fractions import Fraction
from typing import Literal

import pytest

from gateway.documents.chart_tree import chart_tree
from gateway.papers.paper import Chart, Series


def drawn(form: Literal["bars", "stacked", "lines"], *rows: tuple[int | Fraction | None, ...]) -> dict[str, object]:
    series = tuple(Series(f"{n}", row) for n, row in enumerate(rows))
    return dict(chart_tree(Chart("c", "t", form, tuple("abc"[: len(rows[0])]), series), "vi", lambda text: text))


def values(tree: dict[str, object]) -> list[list[int | None]]:
    series = tree["series"]
    assert isinstance(series, list)
    return [one["values"] for one in series]


def test_columns_stand_on_zero() -> None:
    tree = drawn("bars", (500, 1000), (None, 250))
    assert (tree["least"], tree["most"], values(tree)) == ("", "1.000", [[500, 1000], [None, 250]])


def test_what_is_stacked_reaches_to_the_sum() -> None:
    tree = drawn("stacked", (30, 10), (10, None))
    assert (tree["most"], values(tree)) == ("40", [[750, 250], [250, None]])


def test_lines_stand_on_what_lies_below_all() -> None:
    tree = drawn("lines", (10_000, 10_600))
    assert (tree["least"], tree["most"], values(tree)) == ("9.700", "10.600", [[333, 1000]])


@pytest.mark.parametrize("form", ["bars", "stacked", "lines"])
def test_nothing_divides_by_zero(form: Literal["bars", "stacked", "lines"]) -> None:
    assert drawn(form, (0, 0), (None, 0))["most"] == "0"
    assert drawn("bars", (Fraction(27, 2),))["most"] == "13,5"
