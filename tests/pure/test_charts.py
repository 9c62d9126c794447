"""Pictures of a report: each value is one of the report's own."""

from datetime import date
from fractions import Fraction

from gateway.papers.charts import charts_of
from gateway.papers.paper import Chart
from gateway.reports.report_values import Report
from tests.paper_material import month, year


def named(made: Report, code: str) -> Chart:
    return next(one for one in charts_of(made, "vi") if one.code == code)


def test_a_months_pictures() -> None:
    made = month()
    assert [one.code for one in charts_of(made, "vi")] == [
        "growth", "hours", "pcs", "by_hour", "by_weekday", "traffic", "blocked",
    ]  # fmt: skip
    growth, total = named(made, "growth"), made.total.counted
    assert growth.labels == ("Th.3",)
    assert [one.values for one in growth.series] == [(total.visits,), (240,)]
    assert growth.band and [one.values for one in growth.band] == [(252,), (Fraction(2568, 10),)]
    assert growth.band[0].name == "Chỉ tiêu: tăng 5%"


def test_sums_of_the_pictures_are_the_reports_figures() -> None:
    made = month()
    total = made.total.counted
    hours, traffic = named(made, "hours"), named(made, "traffic")
    assert [sum(one for one in row.values if one) for row in hours.series] == [
        Fraction(total.held_s, 3600), Fraction(total.promised_s, 3600),
    ]  # fmt: skip
    assert total.promised_s == 161 * 3600  # 23 days of 7 hours (GV-F)
    assert [sum(one for one in row.values if one) for row in traffic.series] == [
        Fraction(total.down_bytes, 10**9), Fraction(total.up_bytes, 10**9),
    ]  # fmt: skip
    for code in ("by_hour", "by_weekday"):
        assert sum(one for one in named(made, code).series[0].values if one) == Fraction(total.use_s, 3600)
    assert traffic.unit == "GB" and len(traffic.labels) == 31


def test_pcs_have_no_share_on_days_without_service() -> None:
    shares = named(month(), "pcs").series[0].values
    assert shares[5] is None and shares[6] is None  # 6 and 7 March 2027 are a weekend
    assert min(one for one in shares if one is not None) == 80


def test_a_year_is_drawn_by_months_and_a_month_without_a_base_has_a_gap() -> None:
    growth = named(year(), "growth")
    assert growth.labels == tuple(f"Th.{n}" for n in range(1, 13))
    before = growth.series[1].values
    assert before[5] is None and all(before[n] for n in range(12) if n != 5)
    assert growth.band and growth.band[0].values[5] is None
    assert growth.band[0].values[0] == Fraction(105 * (before[0] or 0), 100)
    assert [one.visits for one in (each.counted for each in year().sites[0].months)] == list(growth.series[0].values)
    assert charts_of(year(), "en")[0].labels[:2] == ("Jan", "Feb")


def test_nobody_came_and_nothing_is_known_of_last_year() -> None:
    made = month(visitors=0, before=None)
    growth = named(made, "growth")
    assert growth.band is None and [one.values for one in growth.series] == [(0,), (None,)]
    assert {one.code for one in charts_of(made, "en")}.isdisjoint({"pcs", "blocked"})
    assert named(made, "by_hour").labels[0] == "7h" and named(made, "traffic").unit == "MB"


def test_blocked_groups_lie_most_first() -> None:
    blocked = named(month(), "blocked")
    assert blocked.form == "across" and blocked.labels[0] == "game nạp tiền"
    assert [one.values for one in blocked.series] == [(1200, 311, 97, 4), (600, 155, 48, 2)]


def test_one_site_alone_is_drawn_of_itself() -> None:
    made = month()
    assert charts_of(made, "vi", made.sites[0]) == charts_of(made, "vi")
    assert made.sites[0].months_before[0].month == date(2026, 3, 1)
