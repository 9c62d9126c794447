"""The pictures of the line at the desk: minutes it was down by day, and by month.

In:  seconds by cause. Out: Charts, exact values in minutes.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from gateway.papers.paper import Chart, Series
from gateway.papers.tongue import Tongue

CAUSES: Mapping[str, tuple[str, str]] = {
    "isp": ("Nhà mạng", "ISP"),
    "power": ("Mất điện", "Power cut"),
    "gateway": ("Thiết bị của thư viện", "The gateway"),
    "planned": ("Có kế hoạch", "Planned"),
    "unknown": ("Chưa rõ", "Not known"),
}


def down_by_day(days: Sequence[tuple[date, Mapping[str, int]]], say: Tongue) -> Chart:
    """Seconds by cause of each day; causes that never were are left out."""
    shown = [cause for cause in CAUSES if any(down.get(cause) for _, down in days)] or ["isp"]
    return Chart(
        code="down_by_day",
        title=say("Số phút mất kết nối theo ngày", "Minutes without connection by day"),
        form="stacked",
        labels=tuple(f"{day.day}" for day, _ in days),
        series=tuple(
            Series(say(*CAUSES[cause]), tuple(Fraction(down.get(cause, 0), 60) for _, down in days)) for cause in shown
        ),
        unit=say("phút", "minutes"),
    )


def isp_down_by_month(months: Sequence[tuple[date, int]], say: Tongue) -> Chart:
    """Seconds that count against the ISP, of each month."""
    return Chart(
        code="down_by_month",
        title=say("Số phút gián đoạn do nhà mạng theo tháng", "Minutes down by the ISP, by month"),
        form="bars",
        labels=tuple(f"{month.month}/{month:%y}" for month, _ in months),
        series=(Series(say(*CAUSES["isp"]), tuple(Fraction(seconds, 60) for _, seconds in months)),),
        unit=say("phút", "minutes"),
    )
