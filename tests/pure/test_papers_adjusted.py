"""Adjustments on paper: what was told, what it is now, the difference; every figure has a name in both languages."""

from dataclasses import fields, replace
from datetime import date

from gateway.papers.adjusted import FIGURES, adjusted
from gateway.papers.annexes import method_annex
from gateway.papers.office import Office
from gateway.papers.paper import Number, Table
from gateway.papers.tongue import Tongue
from gateway.reports.figures import Counted
from gateway.reports.lock import Adjustment
from tests.paper_material import month

VI = Tongue("vi")


def test_a_report_without_any_has_no_table() -> None:
    assert adjusted(month(), VI) == ()
    assert not [one for one in method_annex(month(), Office(), VI) if isinstance(one, Table)]


def test_each_stands_with_its_site_month_and_difference() -> None:
    made = replace(month(), adjustments=(Adjustment(date(2027, 2, 1), "visits", 1284, 1290, "sa-thay"),))
    (table,) = (one for one in method_annex(made, Office(), VI) if isinstance(one, Table))
    (row,) = table.rows
    told = (Number(1284), Number(1290), Number(6, is_signed=True))
    assert row == (Number(1), "Thư viện Sa Thầy", "02/2027", "Lượt người sử dụng", *told)


def test_every_figure_that_may_be_adjusted_has_a_name() -> None:
    assert set(FIGURES) == {one.name for one in fields(Counted)}
