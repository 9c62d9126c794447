"""Service hours: the golden vector, causes, ratios, and what must hold for any day."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.reports.rounding import rounded
from gateway.service.hours import (
    Cause,
    Happened,
    extra_held,
    held,
    internet_held,
    lost,
    percent_of,
    served,
    service,
)
from gateway.service.intervals import Interval, common, length_s, united, without


def span(text: str) -> Interval:
    begin, end = (datetime.fromisoformat(f"2027-03-31T{one}:00+07:00") for one in text.split("-"))
    return begin, end


def spans(*texts: str) -> list[Interval]:
    return [span(text) for text in texts]


ALL_DAY = span("00:00-23:59")
CUT = spans("09:10-09:55")
P = spans("07:30-11:00", "13:30-17:00")


def golden(**more: Any) -> Happened:
    """GV-F (counting 2.6)."""
    fields: dict[str, Any] = {
        "promised": P,
        "opened": spans("07:42-11:05", "13:30-17:20"),
        "up": without([ALL_DAY], CUT),
        "isp_outages": spans("14:00-14:36"),
        "power_cuts": CUT,
    }
    return Happened(**fields | more)


def percent(value: Fraction | None) -> str:
    return "–" if value is None else rounded(value, 2)


def test_golden_vector_of_the_specification() -> None:
    figures = service(golden())
    assert (figures.promised_s, figures.held_s, figures.internet_s, figures.extra_s) == (
        420 * 60,
        363 * 60,
        327 * 60,
        25 * 60,
    )
    assert (percent(figures.hours_ratio), percent(figures.internet_ratio)) == ("86.43", "77.86")
    assert figures.is_met is False
    assert dict(figures.lost_s) == {
        Cause.SUDDEN_CLOSURE: 0,
        Cause.POWER: 45 * 60,
        Cause.EQUIPMENT: 0,
        Cause.NOT_OPENED: 12 * 60,
        Cause.UNKNOWN: 0,
    }


def test_objective_reasons_leave_the_promise_and_the_raw_ratio_decides() -> None:
    figures = service(golden())
    assert figures.objective_hours_ratio == Fraction(100 * 363, 420 - 45)
    assert figures.objective_internet_ratio == Fraction(100 * 327, 420 - 45 - 36)
    nothing = service(golden(), objective_causes=())
    assert nothing.objective_hours_ratio == nothing.hours_ratio
    whole = service(golden(opened=P))
    assert whole.objective_hours_ratio == 100
    assert whole.is_met is False


def test_each_lost_second_has_the_first_cause_that_fits() -> None:
    happened = golden(
        promised=spans("08:00-11:00"),
        opened=spans("08:20-11:00"),
        up=spans("08:00-09:00", "09:30-10:00", "10:50-11:00"),
        sudden_closures=spans("08:00-08:10"),
        power_cuts=spans("08:05-08:15", "09:00-09:20"),
        equipment_faults=spans("09:10-09:30"),
    )
    minutes = {cause: length_s(parts) // 60 for cause, parts in lost(happened).items()}
    assert minutes == {
        Cause.SUDDEN_CLOSURE: 10,
        Cause.POWER: 25,
        Cause.EQUIPMENT: 10,
        Cause.NOT_OPENED: 5,
        Cause.UNKNOWN: 50,
    }
    assert list(lost(happened)) == list(Cause)


def test_nothing_promised_has_no_ratio() -> None:
    figures = service(golden(promised=[]))
    assert (figures.hours_ratio, figures.objective_hours_ratio, figures.is_met) == (None, None, None)
    assert figures.extra_s == figures.served_s == (203 + 230 - 45) * 60
    off = service(golden(promised=CUT))  # all of the promise is an objective reason
    assert off.hours_ratio == 0
    assert off.objective_hours_ratio is None
    assert percent_of(1, 0) is None


def test_a_guest_in_the_yard_after_closing_is_in_the_extra_hours_alone() -> None:
    late = golden(opened=spans("07:30-11:00", "13:30-21:00"), up=[ALL_DAY])
    figures = service(late)
    assert figures.hours_ratio == 100
    assert figures.extra_s == 4 * 3600


ZERO = datetime(2027, 3, 31, tzinfo=UTC)
MOMENTS = st.integers(0, 200).map(lambda minute: ZERO + timedelta(minutes=minute))
SOME = st.lists(st.tuples(MOMENTS, MOMENTS), max_size=5)
DAYS = st.builds(Happened, SOME, SOME, SOME, SOME, SOME, SOME, SOME)


@given(DAYS)
def test_held_is_within_the_promise_and_apart_from_extra(day: Happened) -> None:
    inside, extra, internet = held(day), extra_held(day), internet_held(day)
    assert without(inside, day.promised) == []
    assert common(inside, extra) == []
    assert without(internet, inside) == []
    assert length_s(served(day)) == length_s(inside) + length_s(extra) == service(day).served_s


@given(DAYS)
def test_causes_add_up_to_what_was_lost_and_ratios_stay_within_a_hundred(day: Happened) -> None:
    figures = service(day)
    assert figures.held_s + sum(seconds for _, seconds in figures.lost_s) == figures.promised_s
    ratios = (figures.hours_ratio, figures.internet_ratio, figures.objective_hours_ratio)
    assert all(ratio is None or 0 <= ratio <= 100 for ratio in (*ratios, figures.objective_internet_ratio))
    assert united(part for parts in lost(day).values() for part in parts) == without(day.promised, held(day))


@given(DAYS)
def test_each_minute_goes_where_the_definition_says(day: Happened) -> None:
    """An oracle that knows nothing of intervals but whether a moment is in one."""
    counts = dict.fromkeys(["promised", "held", "internet", "extra", *Cause], 0)
    for minute in range(201):
        moment = ZERO + timedelta(minutes=minute)
        p, o, u, isp, sudden, power, equipment = (
            any(begin <= moment < end for begin, end in getattr(day, name)) for name in Happened.__slots__
        )
        counts["promised"] += p
        counts["held"] += p and o and u
        counts["internet"] += p and o and u and not isp
        counts["extra"] += o and u and not p
        if p and not (o and u):
            asked = zip((sudden, power, equipment, not o, True), Cause, strict=True)
            counts[next(cause for fits, cause in asked if fits)] += 1
    figures = service(day)
    told = (figures.promised_s, figures.held_s, figures.internet_s, figures.extra_s, *dict(figures.lost_s).values())
    assert [second // 60 for second in told] == list(counts.values())


@given(DAYS, st.integers(1, 199))
def test_days_add_up_to_the_month_wherever_they_are_cut(day: Happened, minute: int) -> None:
    middle = ZERO + timedelta(minutes=minute)
    halves = [
        Happened(*(common(getattr(day, name), [part]) for name in Happened.__slots__))
        for part in ((ZERO, middle), (middle, ZERO + timedelta(days=1)))
    ]
    first, second = (service(half) for half in halves)
    whole = service(day)
    for name in ("promised_s", "held_s", "internet_s", "extra_s", "isp_lost_s"):
        assert getattr(first, name) + getattr(second, name) == getattr(whole, name)


@given(DAYS)
def test_a_shift_by_a_week_and_another_order_change_nothing(day: Happened) -> None:
    week = timedelta(days=7)
    moved = Happened(*([(b + week, e + week) for b, e in getattr(day, name)] for name in Happened.__slots__))
    turned = Happened(*([*getattr(day, name)[::-1], *getattr(day, name)] for name in Happened.__slots__))
    assert service(moved) == service(turned) == service(day)
