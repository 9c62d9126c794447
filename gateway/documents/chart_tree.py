"""A chart as the templates draw it: whole numbers of an axis.

In:  Chart.
Out: a tree for JSON.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction

from gateway.papers.paper import Chart, Language, Number, Series
from gateway.papers.printed import printed

Text = Callable[[str], str]
"""Makes a text printable."""
Json = Mapping[str, object]

_NO_DECIMALS = 100


def chart_tree(chart: Chart, language: Language, text: Text) -> Json:
    """All that is drawn."""
    least, most = _bounds(chart)
    return {
        "kind": "chart",
        "title": text(chart.title),
        "form": chart.form,
        "unit": text(chart.unit),
        "labels": [text(one) for one in chart.labels],
        "series": [_series(one, least, most, text) for one in chart.series],
        "band": [_series(one, least, most, text) for one in chart.band or ()],
        "least": _mark(least, language) if least else "",
        "most": _mark(most, language),
    }


def _bounds(chart: Chart) -> tuple[Fraction, Fraction]:
    """What the axis shows: columns stand on 0, lines on what lies a little below all of them, or a band of 2 % of a
    figure would be as thin as the line."""
    shown = [*chart.series, *(chart.band or ())]
    values = [Fraction(value) for one in shown for value in one.values if value is not None]
    if chart.form == "stacked":
        columns = zip(*(one.values for one in chart.series), strict=True)
        values = [sum((Fraction(value or 0) for value in each), Fraction(0)) for each in columns]
    most = max(values, default=Fraction(0))
    least = min(values, default=Fraction(0)) if chart.form == "lines" else Fraction(0)
    return Fraction(max(0, (3 * least - most) // 2)), most


def _mark(value: Fraction, language: Language) -> str:
    return printed(Number(value, 0 if value.denominator == 1 or value >= _NO_DECIMALS else 1), language)


def _series(series: Series, least: Fraction, most: Fraction, text: Text) -> Json:
    """Values in thousandths of the axis: whole numbers, for a picture needs no more."""
    span = most - least
    scaled = [None if one is None else round(1000 * (one - least) / span) if span else 0 for one in series.values]
    return {"name": text(series.name), "values": scaled}
