"""Pictures of the line: minutes, by whose they are."""

from datetime import date
from fractions import Fraction

from gateway.papers.line_charts import CAUSES, down_by_day, isp_down_by_month
from gateway.papers.tongue import Tongue
from gateway.service.outages import OutageCause


def test_causes_that_never_were_are_left_out() -> None:
    days = [(date(2027, 3, 1), {"isp": 90, "power": 0}), (date(2027, 3, 2), {"power": 3600})]
    chart = down_by_day(days, Tongue("en"))
    assert chart.labels == ("1", "2")
    assert [(one.name, one.values) for one in chart.series] == [
        ("ISP", (Fraction(3, 2), 0)),
        ("Power cut", (0, 60)),
    ]


def test_a_month_without_any_still_has_its_axis() -> None:
    chart = down_by_day([(date(2027, 3, 1), {})], Tongue("vi"))
    assert [(one.name, one.values) for one in chart.series] == [("Nhà mạng", (0,))]
    assert isp_down_by_month([(date(2026, 12, 1), 0), (date(2027, 1, 1), 120)], Tongue("vi")).labels == (
        "12/26",
        "1/27",
    )


def test_every_cause_has_its_words() -> None:
    assert set(CAUSES) == set(OutageCause)
