"""A chart's value axis: from where to where, and the figures beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from gateway.papers.paper import Chart, Language, Number, Series
from gateway.papers.printed import printed

_MOST_STEPS = 5


@dataclass(frozen=True, slots=True)
class Scale:
    """From `low` to `high`, both multiples of `step`.

    0 is in it, for a bar's length is its value. Lines that lie close together begin below the lowest, or nobody would
    see five percent; shares of a hundred do not.
    """

    low: Fraction
    high: Fraction
    step: Fraction

    @property
    def ticks(self) -> Sequence[Fraction]:
        """Each step."""
        return [self.low + n * self.step for n in range(int((self.high - self.low) / self.step) + 1)]

    @property
    def places(self) -> int:
        """Decimals that tell the steps apart."""
        return next(places for places in range(10) if (self.step * 10**places).denominator == 1)

    def part(self, value: int | Fraction) -> Fraction:
        """How far up a value is: 0 at `low`, 1 at `high`."""
        return (value - self.low) / (self.high - self.low)


def scale_of(chart: Chart) -> Scale:
    """The scale that holds all of a chart's values and its band."""
    count = len(chart.labels)
    rows = [values_of(one, count) for one in [*chart.series, *(chart.band or ())]]
    ends = [Fraction(0), *(Fraction(value) for row in rows for value in row if value is not None)]
    if chart.form == "stacked":
        for at in range(count):
            here = [Fraction(row[at] or 0) for row in rows[: len(chart.series)]]
            ends += [
                sum((one for one in here if one > 0), Fraction(0)),
                sum((one for one in here if one < 0), Fraction(0)),
            ]
    if chart.form == "lines" and chart.unit != "%" and _are_close(ends[1:]):
        del ends[0]
    is_whole = all(one.denominator == 1 for one in ends)
    step = _step(max(ends) - min(ends), is_whole)
    low, high = floor(min(ends) / step) * step, ceil(max(ends) / step) * step
    return Scale(low, high if high > low else low + step, step)


def _are_close(values: Sequence[Fraction]) -> bool:
    return bool(values) and 0 < max(values) < 2 * min(values) and len(set(values)) > 1


def shown(value: int | Fraction, scale: Scale, language: Language) -> str:
    """A value beside the chart: as many decimals as its axis has, one more if it is none of the axis."""
    places = (
        scale.places if (value / scale.step).denominator == 1 else scale.places + (Fraction(value).denominator != 1)
    )
    return printed(Number(value, places), language)


def values_of(series: Series, count: int) -> Sequence[int | Fraction | None]:
    """A value a label, whatever the series has."""
    return [*series.values[:count], *[None] * (count - len(series.values))]


def _step(reach: Fraction, is_whole: bool) -> Fraction:
    """The smallest of 1, 2, 5, 10, 20 … (0,1 for shares) that makes few steps."""
    size = Fraction(1)
    while not is_whole and reach and size * _MOST_STEPS > reach and size > Fraction(1, 1000):
        size /= 10
    while True:
        for digit in (1, 2, 5):
            if digit * size * _MOST_STEPS >= reach:
                return digit * size
        size *= 10
