"""Charts by hand: heights are values, gaps stay gaps, nothing of a text becomes markup."""

import re
import xml.etree.ElementTree as ET
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.documents.scale import scale_of, shown
from gateway.documents.svg import PLOT_HEIGHT, WIDTH, svg
from gateway.papers.paper import Chart, Series

NS = "{http://www.w3.org/2000/svg}"


def chart(*rows: tuple[int | Fraction | None, ...], form: str = "bars", band: bool = False) -> Chart:
    labels = tuple(f"T{n}" for n in range(1, len(rows[0]) + 1))
    series = tuple(Series(f"s{n}", row) for n, row in enumerate(rows))
    bounds = (Series("5%", (105,) * len(labels)), Series("7%", (107,) * len(labels))) if band else None
    return Chart("c1", "Lượt", form, labels, series, "lượt", bounds)  # type: ignore[arg-type]  # a form by parameter


def drawn(one: Chart) -> ET.Element:
    return ET.fromstring(svg(one, "vi"))


def bars(root: ET.Element, n: int = 0) -> list[dict[str, float]]:
    """The rectangles of a series."""
    groups = [group for group in root.findall(f"{NS}g") if group.find(f"{NS}rect") is not None]
    return [
        {key: float(one.attrib[key]) for key in ("x", "y", "width", "height")} for one in groups[n].findall(f"{NS}rect")
    ]


def texts(root: ET.Element) -> list[str]:
    return [one.text or "" for one in root.iter(f"{NS}text")]


def test_heights_are_the_values() -> None:
    """0 to 200 over 170 units: 0.85 a visit."""
    root = drawn(chart((100, 50, 0, 200)))
    assert [one["height"] for one in bars(root)] == [85, 42.5, 0, 170] and PLOT_HEIGHT == 170
    feet = {one["y"] + one["height"] for one in bars(root)}
    assert len(feet) == 1
    assert {"0", "50", "100", "150", "200"} <= set(texts(root))


def test_negative_growth_hangs_below_the_line() -> None:
    up, down = bars(drawn(chart((Fraction(10), Fraction(-5)))))
    assert up["height"] == pytest.approx(2 * down["height"], abs=0.02)
    assert down["y"] == pytest.approx(up["y"] + up["height"], abs=0.02)


def test_stacked_bars_stand_on_each_other() -> None:
    root = drawn(chart((30, 10), (20, 0), form="stacked"))
    below, above = bars(root, 0), bars(root, 1)
    assert above[0]["y"] + above[0]["height"] == pytest.approx(below[0]["y"], abs=0.02)
    assert below[0]["height"] + above[0]["height"] == PLOT_HEIGHT  # 50 of 50
    assert below[0]["x"] == above[0]["x"]


def test_bars_beside_each_other_do_not_overlap() -> None:
    root = drawn(chart((1, 2, 3), (3, 2, 1)))
    spans = sorted((one["x"], one["x"] + one["width"]) for n in (0, 1) for one in bars(root, n))
    assert all(spans[n][1] <= spans[n + 1][0] + 0.02 for n in range(len(spans) - 1))
    assert spans[0][0] > 0 and spans[-1][1] < WIDTH


def test_lying_bars_are_as_long_as_their_values() -> None:
    root = drawn(chart((1200, 300, 0), form="across"))
    long, short, none = (one[0]["width"] for one in (bars(root, 0), bars(root, 1), bars(root, 2)))
    assert long == pytest.approx(4 * short, abs=0.05) and none == 0
    assert {"1.200", "300", "0", "T1"} <= set(texts(root))


def test_a_line_has_a_gap_where_nobody_measured() -> None:
    root = drawn(chart((1, 2, None, 3, 4), form="lines"))
    line = next(one for one in root.findall(f"{NS}path") if one.get("stroke-width") == "2.5")
    assert line.attrib["d"].count("M") == 2 and line.attrib["d"].count("L") == 2
    assert len(list(root.iter(f"{NS}circle"))) == 4


def test_the_band_lies_between_its_bounds_and_behind_the_bars() -> None:
    root = drawn(chart((100, 110), band=True))
    band = next(one for one in root.findall(f"{NS}path") if one.get("fill") == "#2e9e62")
    ys = [float(y) for _, y in re.findall(r"([\d.]+) ([\d.]+)", band.attrib["d"])]
    top = min(one["y"] for one in bars(root))
    one_visit = (bars(root)[1]["height"]) / 110
    foot = bars(root)[0]["y"] + bars(root)[0]["height"]
    assert max(ys) == pytest.approx(foot - 105 * one_visit, abs=0.1)
    assert min(ys) == pytest.approx(foot - 107 * one_visit, abs=0.1) and min(ys) > top
    order = list(root)
    assert order.index(band) < min(n for n, each in enumerate(order) if each.tag == f"{NS}g")
    assert "5% – 7%" in texts(root)


def test_a_path_leads_from_label_to_label() -> None:
    """GV-H3: three years from 10,000; the base year is one point."""
    low, high = Series("5%", (10_000, 10_500, 11_025, 11_576)), Series("7%", (10_000, 10_700, 11_449, 12_250))
    years = ("2026", "2027", "2028", "2029")
    made = Chart("c", "t", "lines", years, (Series("a", (10_000, 10_600, None, None)),), "", (low, high))
    band = next(one for one in drawn(made).findall(f"{NS}path") if one.get("fill") == "#2e9e62").attrib["d"]
    points = [(float(x), float(y)) for x, y in re.findall(r"([\d.]+) ([\d.]+)", band)]
    assert len(points) == 8 and points[0] == points[-1]
    assert [x for x, _ in points[:4]] == sorted(x for x, _ in points[:4])


def test_what_is_seen_is_said_too() -> None:
    root = drawn(chart((1284, 1207), (None, None)))
    title, desc = root.find(f"{NS}title"), root.find(f"{NS}desc")
    assert title is not None and desc is not None
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"] == f"{title.attrib['id']} {desc.attrib['id']}"
    assert title.text == "Lượt" and desc.text == "Đơn vị: lượt. s0: T1 1.284; T2 1.207. s1: Không có số liệu"
    many = drawn(chart(tuple(range(31)))).find(f"{NS}desc")
    assert many is not None and many.text == "Đơn vị: lượt. s0: cao nhất 30 (T31); thấp nhất 0 (T1)"


def test_no_figures_at_all_are_said() -> None:
    assert "Không có số liệu" in texts(drawn(chart((None, None))))
    assert "Không có số liệu" in texts(ET.fromstring(svg(Chart("c", "t", "bars", (), ()), "vi")))
    assert "0" in texts(drawn(chart((0, 0))))


def test_labels_never_touch() -> None:
    root = drawn(chart(tuple(range(1, 32))))
    at = [
        (float(one.attrib["x"]), one.text or "") for one in root.iter(f"{NS}text") if (one.text or "").startswith("T")
    ]
    assert 8 < len(at) < 31
    assert all(b[0] - a[0] > len(a[1]) * 6 for a, b in pairwise(at))


def test_hostile_words_stay_words() -> None:
    words = "<script>alert(1)</script>\"'&\x00\ud800"
    made = svg(Chart('"><x', words, "bars", (words,), (Series(words, (1,)), Series(words, (2,))), words), "en")
    root = ET.fromstring(made)
    assert {one.tag for one in root.iter()} <= {
        NS + tag for tag in ("svg", "title", "desc", "g", "rect", "path", "text")
    }
    assert not re.search(r"[\x00\ud800]", made)


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ((0, 1284), [0, 500, 1000, 1500]),
        ((0, 3), [0, 1, 2, 3]),
        ((0, 0), [0, 1]),
        ((Fraction(-5), Fraction(638, 100)), [-5, 0, 5, 10]),
        ((Fraction(1, 10), Fraction(3, 10)), [0, Fraction(1, 10), Fraction(2, 10), Fraction(3, 10)]),
        ((98, 100), [0, 20, 40, 60, 80, 100]),
    ],
)
def test_scales(values: tuple[int | Fraction, ...], ticks: list[int | Fraction]) -> None:
    assert list(scale_of(chart(values)).ticks) == ticks


def test_lines_that_lie_close_begin_where_they_do_and_bars_at_nothing() -> None:
    close = (Fraction(1607), Fraction(1584), Fraction(1719))
    assert list(scale_of(chart(close, form="lines")).ticks) == [1550, 1600, 1650, 1700, 1750]
    assert scale_of(chart(close)).low == 0
    assert scale_of(Chart("c", "t", "lines", ("a", "b"), (Series("s", (80, 100)),), "%")).low == 0
    assert scale_of(chart((5, 100), form="lines")).low == 0 and scale_of(chart((7, 7), form="lines")).low == 0


def test_values_are_told_as_exactly_as_their_axis() -> None:
    scale = scale_of(chart((Fraction(1392, 10), 161)))
    assert [shown(one, scale, "vi") for one in (Fraction(1392, 10), 161)] == ["139,2", "161"]


_VALUES = st.one_of(st.none(), st.integers(-(10**12), 10**12), st.fractions(-1000, 1000, max_denominator=3600))


@settings(max_examples=60)
@given(st.lists(_VALUES, min_size=1, max_size=40), st.sampled_from(["bars", "stacked", "lines", "across"]))
def test_any_chart_is_well_formed_and_stays_within_its_frame(values: list[int | Fraction | None], form: str) -> None:
    root = drawn(chart(tuple(values), tuple(values[::-1]), form=form))
    height = float(root.attrib["viewBox"].split()[3])
    for one in root.iter(f"{NS}rect"):
        x, y, width, tall = (float(one.attrib[key]) for key in ("x", "y", "width", "height"))
        assert x >= 0 and y >= 0 and x + width <= WIDTH + 0.1 and y + tall <= height + 0.1
