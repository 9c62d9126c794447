"""A chart as SVG, drawn by hand: a pure function, no library, the same bytes each time.

In:  Chart.
Out: one <svg> of 400 units' width: its letters are readable on a phone of 360 px and on paper. Text and lines are in
     currentColor, fills are of middle lightness: they stand out from white and from black. A second series is told from
     the first by its outline, a third by a darker fill, so that grey print and colour-blind eyes lose nothing.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from html import escape

from gateway.documents.scale import Scale, scale_of, shown, values_of
from gateway.documents.svg_text import LETTER, LINE, legend, short, spoken, thinned, wrapped
from gateway.documents.wording import WORDS
from gateway.papers.paper import Chart, Language, Series

WIDTH = 400
PLOT_HEIGHT = 170
FILLS = ("#2a78c2", "#d9741c", "#6b7280", "#7c5cc4")
"""Contrast 3:1 and more against white and against #121212 (WCAG 1.4.11)."""
BAND_FILL = "#2e9e62"
_SHARE = 0.75
"""Of a label's room that its bars take."""
_WIDEST = 60
_MOST_VALUES = 14
"""Bars that carry their figure."""


def svg(chart: Chart, language: Language) -> str:
    """The chart; its title is spoken, not drawn: the page has it beside the picture."""
    names, top = legend(chart, language, WIDTH, [_swatch(n) for n in range(len(chart.series))], BAND_FILL)
    if not any(value is not None for one in chart.series for value in one.values):
        body, height = [_text(WIDTH / 2, top + 40, WORDS[language]["nothing"], "middle")], top + 80.0
    elif chart.form == "across":
        body, height = _across(chart, language, top)
    else:
        body, height = _upright(chart, language, top)
    code = escape("".join(one if one.isalnum() else "-" for one in chart.code))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="{code}-t {code}-d" '
        f'viewBox="0 0 {WIDTH} {_n(height)}" width="{WIDTH}" height="{_n(height)}" font-size="12" fill="currentColor">'
        f'<title id="{code}-t">{short(chart.title, None)}</title>'
        f'<desc id="{code}-d">{spoken(chart, language)}</desc>{"".join([*names, *body])}</svg>'
    )


# upright: bars, stacked bars, lines


def _upright(chart: Chart, language: Language, top: float) -> tuple[list[str], float]:
    scale = scale_of(chart)
    ticks = [(value, shown(value, scale, language)) for value in scale.ticks]
    left = max(len(text) for _, text in ticks) * LETTER + 8
    area = _Area(left, top + 14, WIDTH - 6 - left, PLOT_HEIGHT, scale, max(1, len(chart.labels)))
    foot = max(scale.low, 0)
    lines = [
        f'<path d="M{_n(left)} {_n(area.y(value))}H{WIDTH - 6}" stroke="currentColor" '
        f'stroke-opacity="{".7" if value == foot else ".15"}"/>{_text(left - 5, area.y(value) + 4, text, "end")}'
        for value, text in ticks
    ]
    drawn = [*(_band(chart.band, area, chart.form == "lines") if chart.band else ()), *lines]
    drawn += _lines(chart, area) if chart.form == "lines" else _bars(chart, area, language)
    labels, rows = _labels(chart, area)
    return [*drawn, *labels], area.bottom + 6 + rows * LINE + 4


class _Area:
    """Where figures are drawn; coordinates of values and labels."""

    def __init__(self, left: float, top: float, width: float, height: float, scale: Scale, count: int) -> None:
        self.left, self.top, self.width, self.bottom = left, top, width, top + height
        self.slot = width / count
        self._scale, self._height = scale, height

    def x(self, label: int) -> float:
        """The middle of a label's room."""
        return self.left + (label + 0.5) * self.slot

    def y(self, value: int | Fraction) -> float:
        """How high a value stands."""
        return self.bottom - float(self._scale.part(value)) * self._height


def _bars(chart: Chart, area: _Area, language: Language) -> Iterator[str]:
    is_stacked = chart.form == "stacked"
    beside = 1 if is_stacked else len(chart.series)
    wide = min(area.slot * _SHARE / beside, _WIDEST)
    ups, downs = [Fraction(0)] * len(chart.labels), [Fraction(0)] * len(chart.labels)
    has_values = beside * len(chart.labels) <= _MOST_VALUES and not is_stacked
    for n, series in enumerate(chart.series):
        rects = []
        for label, value in enumerate(values_of(series, len(chart.labels))):
            if value is None:
                continue
            heap = ups if value >= 0 else downs
            base = heap[label] if is_stacked else Fraction(0)
            heap[label] = base + value
            x = area.x(label) - beside * wide / 2 + (0 if is_stacked else n * wide)
            one, other = area.y(base), area.y(base + value)
            rects.append(_rect(x, min(one, other), wide, abs(one - other)))
            if has_values and (text := shown(value, scale_of(chart), language)) and len(text) * LETTER <= wide + 8:
                at = min(one, other) - 3 if value >= 0 else max(one, other) + 11
                rects.append(_text(x + wide / 2, at, text, "middle", plain=True))
        yield f"<g {_swatch(n)}>{''.join(rects)}</g>"


def _lines(chart: Chart, area: _Area) -> Iterator[str]:
    for n, series in enumerate(chart.series):
        colour, dash = FILLS[n % len(FILLS)], "" if n == 0 else f' stroke-dasharray="{(5, 2, 7)[n % 3]} 3"'
        runs: list[list[str]] = [[]]
        marks = []
        for label, value in enumerate(values_of(series, len(chart.labels))):
            if value is None:  # a gap is a gap: no line says what nobody measured
                runs.append([])
                continue
            x, y = _n(area.x(label)), _n(area.y(value))
            runs[-1].append(f"{x} {y}")
            marks.append(f'<circle cx="{x}" cy="{y}" r="3"/>')
        path = "".join(f"M{'L'.join(run)}" for run in runs if len(run) > 1)
        yield f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2.5"{dash}/>' if path else ""
        yield f'<g fill="{colour}">{"".join(marks)}</g>'


def _band(band: tuple[Series, Series], area: _Area, is_path: bool) -> Iterator[str]:
    """A step at each label behind bars; behind lines a path from label to label."""
    sides = (0,) if is_path and len(band[0].values) > 1 else (-1, 1)
    run: list[tuple[float, float, float]] = []
    low, high = band
    for label, (one, other) in enumerate(zip(low.values, high.values, strict=False)):
        if one is None or other is None:
            yield _band_path(run)
            run = []
            continue
        run += [(area.x(label) + side * area.slot / 2, area.y(one), area.y(other)) for side in sides]
    yield _band_path(run)


def _band_path(run: Sequence[tuple[float, float, float]]) -> str:
    if not run:
        return ""
    lower = [f"{_n(x)} {_n(low)}" for x, low, _ in run]
    upper = [f"{_n(x)} {_n(high)}" for x, _, high in reversed(run)]
    return f'<path d="M{"L".join([*lower, *upper])}Z" fill="{BAND_FILL}" fill-opacity=".35"/>'


def _labels(chart: Chart, area: _Area) -> tuple[list[str], int]:
    every = thinned(chart.labels, area.slot)
    if every > 1 and len(chart.labels) <= 8:
        rows = [wrapped(label, area.slot) for label in chart.labels]
        texts = [
            _text(area.x(n), area.bottom + 16 + at * LINE, line, "middle")
            for n, lines in enumerate(rows)
            for at, line in enumerate(lines)
        ]
        return texts, max(len(lines) for lines in rows)
    shown_ones = [(n, label) for n, label in enumerate(chart.labels) if n % every == 0]
    return [_text(area.x(n), area.bottom + 16, short(label, None), "middle") for n, label in shown_ones], 1


# across: bars lying down, the label above them


def _across(chart: Chart, language: Language, top: float) -> tuple[list[str], float]:
    scale = scale_of(chart)
    texts = [
        [None if one is None else shown(one, scale, language) for one in values_of(series, len(chart.labels))]
        for series in chart.series
    ]
    room = max((len(text) for row in texts for text in row if text), default=1) * LETTER + 8
    thick, y, drawn = 13.0, top + 4, []
    for label, name in enumerate(chart.labels):
        drawn.append(_text(0, y + 11, short(name, WIDTH), "start"))
        y += 16
        for n, series in enumerate(chart.series):
            value, text = values_of(series, len(chart.labels))[label], texts[n][label]
            if value is None or text is None:
                continue
            at, long = _lying(value, scale, WIDTH - room)
            drawn.append(f"<g {_swatch(n)}>{_rect(at, y, long, thick)}</g>")
            drawn.append(_text(at + long + 4, y + 11, text, "start"))
            y += thick + 2
        y += 6
    return drawn, y


def _lying(value: int | Fraction, scale: Scale, width: float) -> tuple[float, float]:
    ends = sorted((float(scale.part(0)) * width, float(scale.part(value)) * width))
    return ends[0], ends[1] - ends[0]


# parts


def _swatch(n: int) -> str:
    """How a series is filled: full, outlined, dark, outlined."""
    colour = FILLS[n % len(FILLS)]
    return f'fill="{colour}"' if n % 2 == 0 else f'fill="{colour}" fill-opacity=".3" stroke="{colour}"'


def _rect(x: float, y: float, width: float, height: float) -> str:
    return f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}"/>'


def _text(x: float, y: float, text: str, anchor: str, *, plain: bool = False) -> str:
    own = ' fill="currentColor" fill-opacity="1" stroke="none" font-size="10"' if plain else ""
    return f'<text x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}"{own}>{text}</text>'


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
