"""Native charts of a workbook: their figures stand on a sheet of their own, so that the office can go on with them."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from gateway.documents.scale import scale_of, values_of
from gateway.documents.svg import BAND_FILL, FILLS
from gateway.documents.wording import band_name, clean
from gateway.papers.paper import Chart, Number
from gateway.papers.printed import printed

_ROWS_A_CHART = 19
_CHARTS_A_PAGE = 2
_SIZE = {"width": 560, "height": 360}
_KINDS = {
    "bars": {"type": "column"},
    "stacked": {"type": "column", "subtype": "stacked"},
    "lines": {"type": "line"},
    "across": {"type": "bar"},
}


def add_charts(workbook: Any, pictures: Any, figures: Any, charts: Sequence[Chart]) -> None:
    """Each chart under the one before; `figures` gets their values."""
    figures.set_column(0, 0, 24)
    figures.set_column(1, 6, 16)
    top = 0
    for n, chart in enumerate(charts):
        _write_figures(workbook, figures, chart, top)
        made = _made(workbook, figures.get_name(), chart, top)
        pictures.insert_chart(n * _ROWS_A_CHART, 0, made, {"description": clean(chart.title)[:255], "y_offset": 5})
        top += len(chart.labels) + 3
    pictures.set_h_pagebreaks([n * _ROWS_A_CHART for n in range(_CHARTS_A_PAGE, len(charts), _CHARTS_A_PAGE)])


def _write_figures(workbook: Any, sheet: Any, chart: Chart, top: int) -> None:
    """Title; names; a row a label: its values, then the band's lower bound and how far up it reaches.

    An area of one label has no width: then it is the band's two bounds.
    """
    bold = workbook.add_format({"bold": True})
    count = len(chart.labels)
    sheet.write_string(top, 0, clean(chart.title), bold)
    sheet.write_string(top + 1, 0, clean(chart.unit), bold)
    columns = [(one.name, values_of(one, count)) for one in chart.series]
    if chart.band:
        low, high = (values_of(one, count) for one in chart.band)
        if count == 1:
            columns += [(one.name, values) for one, values in zip(chart.band, (low, high), strict=True)]
        else:
            reach = [None if a is None or b is None else b - a for a, b in zip(low, high, strict=True)]
            columns += [(chart.band[0].name, low), (band_name(chart.band), reach)]
    for at, label in enumerate(chart.labels):
        sheet.write_string(top + 2 + at, 0, clean(label))
    for column, (name, values) in enumerate(columns, 1):
        sheet.write_string(top + 1, column, clean(name), bold)
        for at, value in enumerate(values):
            if value is not None:
                whole = Fraction(value).denominator == 1
                look = workbook.add_format({"num_format": "#,##0" if whole else "#,##0.00"})
                sheet.write_number(top + 2 + at, column, _number(value), look)


def _made(workbook: Any, sheet: str, chart: Chart, top: int) -> Any:
    count = len(chart.labels)
    made = workbook.add_chart(_KINDS[chart.form])
    for n, _ in enumerate(chart.series):
        made.add_series({**_place(sheet, top, n + 1, count), **_look(chart, n)})
    main = made
    legend: dict[str, object] = {"position": "bottom"}
    if chart.band and count == 1:
        made.combine(_bounds(workbook, sheet, chart, top))
    elif chart.band:
        main = _with_band(workbook, sheet, chart, top)
        main.combine(made)
        legend = {**legend, "delete_series": [0]}
    elif len(chart.series) == 1:
        legend = {"none": True}
    # names by reference: a title that begins with "=" would be taken for a formula
    main.set_title({"name": [sheet, top, 0], "name_font": {"size": 12}, "overlay": False})
    scale = scale_of(chart)  # set, for programs begin a bar's axis where they like
    axis: dict[str, object] = {
        "num_format": f"#,##0{'.' + '0' * scale.places if scale.places else ''}",
        "major_gridlines": {"visible": True, "line": {"color": "#d9d9d9"}},
        "min": float(scale.low),
        "max": float(scale.high),
        "major_unit": float(scale.step),
    }
    if chart.unit:
        axis["name"] = [sheet, top + 1, 0]
    if chart.form == "across":  # a lying chart begins at the foot
        main.set_y_axis({"reverse": True})
        main.set_x_axis(axis)
    else:
        main.set_y_axis(axis)
        main.set_x_axis({"label_position": "low"})
    main.show_blanks_as("gap")
    main.set_legend(legend)
    main.set_size(_SIZE)
    return main


def _with_band(workbook: Any, sheet: str, chart: Chart, top: int) -> Any:
    """An unseen area up to the lower bound, the band upon it; what is combined with it is drawn in front."""
    area = workbook.add_chart({"type": "area", "subtype": "stacked"})
    for column, fill in ((1, {"none": True}), (2, {"color": BAND_FILL, "transparency": 60})):
        area.add_series({**_place(sheet, top, len(chart.series) + column, len(chart.labels)), "fill": fill})
    return area


def _bounds(workbook: Any, sheet: str, chart: Chart, top: int) -> Any:
    line = workbook.add_chart({"type": "line"})
    for column in (1, 2):
        mark = {"type": "long_dash", "size": 30, "fill": {"color": BAND_FILL}, "border": {"color": BAND_FILL}}
        place = _place(sheet, top, len(chart.series) + column, 1)
        line.add_series({**place, "line": {"none": True}, "marker": mark})
    return line


def _place(sheet: str, top: int, column: int, count: int) -> dict[str, object]:
    last = top + 1 + max(1, count)
    return {
        "name": [sheet, top + 1, column],
        "categories": [sheet, top + 2, 0, last, 0],
        "values": [sheet, top + 2, column, last, column],
    }


def _look(chart: Chart, n: int) -> dict[str, object]:
    colour = FILLS[n % len(FILLS)]
    if chart.form == "lines":
        dash = "solid" if n == 0 else "dash"
        return {"line": {"color": colour, "width": 2.25, "dash_type": dash}, "marker": {"type": "automatic"}}
    fill = {"color": colour} if n % 2 == 0 else {"color": colour, "transparency": 70}
    return {"fill": fill, "border": {"color": colour}, "gap": 60}


def _number(value: int | Fraction) -> float:
    whole = Fraction(value).denominator == 1
    return float(printed(Number(value, 0 if whole else 2), "en").replace(",", ""))
