"""Texts of a hand-written SVG: its legend, its labels and what a screen reader says of it.

A letter is taken for as wide as it is on average (12 units high); what would not fit is cut and marked by "…".
"""

from collections.abc import Iterator, Sequence
from html import escape

from gateway.documents.scale import scale_of, shown, values_of
from gateway.documents.wording import WORDS, band_name, clean
from gateway.papers.paper import Chart, Language, Series

LETTER = 6.8
LINE = 14
_MOST_LINES = 3
_MOST_SPOKEN = 12


def short(text: str, width: float | None) -> str:
    """A text, escaped, cut to a width; None: whole."""
    plain = clean(text)
    most = len(plain) if width is None else max(1, int(width / LETTER))
    return escape(plain if len(plain) <= most else f"{plain[: most - 1].rstrip()}…")


def legend(
    chart: Chart, language: Language, width: int, swatches: Sequence[str], band_fill: str
) -> tuple[list[str], float]:
    """Names of the series with their colours, and the unit; and where what is below begins."""
    entries = [(one.name, swatch) for one, swatch in zip(chart.series, swatches, strict=True)]
    entries = entries if len(entries) > 1 or chart.band else []
    if chart.band:
        entries.append((band_name(chart.band), f'fill="{band_fill}" fill-opacity=".35"'))
    drawn, x, y = [], 0.0, 0.0
    for name, swatch in entries:
        text = short(name, width - 22)
        wide = 16 + len(name) * LETTER + 12
        if x and x + wide > width:
            x, y = 0.0, y + 16
        drawn.append(f'<rect x="{x + 1:.0f}" y="{y + 2:.0f}" width="11" height="10" {swatch}/>')
        drawn.append(f'<text x="{x + 17:.0f}" y="{y + 11:.0f}">{text}</text>')
        x += wide
    y += 18 if entries else 0
    if chart.unit:
        drawn.append(f'<text x="0" y="{y + 11:.0f}" font-size="11">{short(_unit(chart, language), width)}</text>')
        y += 16
    return drawn, y


def thinned(labels: Sequence[str], slot: float) -> int:
    """Of how many labels one is printed, so that none touches the next."""
    widest = max((len(one) for one in labels), default=1) * LETTER + 5
    return next(
        every for every in (1, 2, 3, 5, 7, 10, 15, 31, 100, 10_000) if every * slot >= widest or every == 10_000
    )


def wrapped(text: str, width: float) -> list[str]:
    """A label in lines of words, escaped; what is too much is cut."""
    lines: list[str] = []
    width -= 4
    for word in clean(text).split():
        if lines and (len(lines[-1]) + 1 + len(word)) * LETTER <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], f"{lines[_MOST_LINES - 1]}…"]
    return [short(one, width) for one in lines]


def spoken(chart: Chart, language: Language) -> str:
    """What the picture says, for who does not see it: all values of a few, the ends of many."""
    parts = [_unit(chart, language)] if chart.unit else []
    parts += [f"{one.name}: {'; '.join(_told(one, chart, language))}" for one in chart.series]
    if chart.band:
        parts += [f"{one.name}: {'; '.join(_told(one, chart, language))}" for one in chart.band]
    return escape(clean(". ".join(parts)))


def _told(series: Series, chart: Chart, language: Language) -> Iterator[str]:
    scale = scale_of(chart)
    known = [
        (label, value)
        for label, value in zip(chart.labels, values_of(series, len(chart.labels)), strict=True)
        if value is not None
    ]
    if not known:
        yield WORDS[language]["nothing"]
    elif len(known) <= _MOST_SPOKEN:
        yield from (f"{label} {shown(value, scale, language)}" for label, value in known)
    else:
        for word, chosen in (("highest", max), ("lowest", min)):
            label, value = chosen(known, key=lambda pair: pair[1])
            yield f"{WORDS[language][word]} {shown(value, scale, language)} ({label})"


def _unit(chart: Chart, language: Language) -> str:
    return f"{WORDS[language]['unit']}: {chart.unit}"
