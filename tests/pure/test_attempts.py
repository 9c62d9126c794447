"""Attempts: 30 minutes from the first view, and what was shown last."""

from datetime import date, datetime, timedelta, timezone
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.access.client import ClientId
from gateway.visits.attempts import Outcome, View, attempts_of, rejected_share

ZONE = timezone(timedelta(hours=7))
SEEN, REFUSED, ADMITTED = Outcome.SEEN, Outcome.REFUSED, Outcome.ADMITTED
EIGHT = datetime(2027, 3, 31, 8, tzinfo=ZONE)


def view(minute: float, outcome: Outcome = SEEN, device: int = 1, *, staff: bool = False) -> View:
    return View(int(minute * 60), ClientId(device), EIGHT + timedelta(minutes=minute), outcome, staff)


def test_a_phone_that_opens_the_page_by_itself_each_5_minutes_makes_one_attempt_in_30() -> None:
    attempts = attempts_of(view(minute) for minute in range(0, 65, 5))
    assert [attempt.start - EIGHT for attempt in attempts] == [timedelta(minutes=n) for n in (0, 30, 60)]
    assert not any(attempt.rejected for attempt in attempts)


def test_the_window_is_half_open_and_begins_at_the_first_view() -> None:
    assert len(attempts_of([view(0), view(29 + 59 / 60)])) == 1
    assert len(attempts_of([view(0), view(20), view(30)])) == 2


@pytest.mark.parametrize(
    ("outcomes", "rejected"),
    [
        ([SEEN], False),  # joined, looked and went away
        ([REFUSED], True),
        ([REFUSED, ADMITTED], False),  # a typing error
        ([ADMITTED, REFUSED], True),
        ([REFUSED, SEEN], True),  # the page alone tells nothing new
        ([ADMITTED], False),  # it is an attempt whether or not it gets in
    ],
)
def test_the_last_outcome_shown_decides(outcomes: list[Outcome], rejected: bool) -> None:
    (attempt,) = attempts_of(view(minute, outcome) for minute, outcome in enumerate(outcomes))
    assert attempt.rejected is rejected


def test_devices_have_attempts_of_their_own_and_staff_have_none() -> None:
    attempts = attempts_of([view(0), view(1, device=2), view(2, REFUSED, device=3, staff=True)])
    assert [attempt.device for attempt in attempts] == [1, 2]


def test_share_of_the_rejected_and_the_day_of_the_first_view() -> None:
    attempts = attempts_of([view(0, REFUSED), view(0, device=2), view(0, device=3), view(16 * 60 - 1, device=4)])
    assert rejected_share(attempts) == Fraction(1, 4)
    assert rejected_share([]) is None
    assert [attempt.day(ZONE) for attempt in attempts] == [date(2027, 3, 31)] * 4


VIEWS = st.lists(
    st.builds(view, st.integers(0, 200), st.sampled_from(Outcome), st.integers(1, 3), staff=st.booleans()), max_size=12
)


@given(VIEWS, st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(views: list[View], chance: object) -> None:
    told = [View(number, one.device, one.at, one.outcome, one.staff) for number, one in enumerate(views)]
    again = told * 2
    chance.shuffle(again)  # type: ignore[attr-defined]  # hypothesis' own Random; the module is banned here
    assert attempts_of(again) == attempts_of(told)
    assert len(attempts_of(told)) <= len(told)
