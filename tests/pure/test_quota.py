"""Caps, narrowed, less what was used today."""

import pytest

from gateway.access.quota import Caps, Narrowing, Used, is_spent, limits_today, narrowed
from gateway.access.session import Limits, Rates

CAPS = Caps(7200, 900, 500, 10_000, 800, 2, Rates(2000, 5000))


def test_a_voucher_takes_away_and_never_adds() -> None:
    by = Narrowing(session_s=1800, session_bytes=9999, devices=1, up_kbit_s=8000, down_kbit_s=1000)
    assert narrowed(CAPS, by) == Caps(1800, 900, 500, 10_000, 800, 1, Rates(2000, 1000))


def test_what_a_profile_leaves_open_a_voucher_may_cap() -> None:
    by = Narrowing(session_bytes=100, devices=3, down_kbit_s=64)
    assert narrowed(Caps(60, 60), by) == Caps(60, 60, 100, devices=3, rates=Rates(None, 64))


@pytest.mark.parametrize(
    ("used", "limits"),
    [
        (Used(), Limits(7200, 900, 500, CAPS.rates)),
        (Used(9000, 100), Limits(1000, 900, 500, CAPS.rates)),
        (Used(0, 700), Limits(7200, 900, 100, CAPS.rates)),
        (Used(10_000, 0), None),
        (Used(10_500, 0), None),
        (Used(0, 800), None),
    ],
)
def test_a_session_gets_what_is_left_of_the_day(used: Used, limits: Limits | None) -> None:
    assert limits_today(CAPS, used) == limits
    assert is_spent(CAPS, used) == (limits is None)


def test_without_caps_nothing_is_ever_spent() -> None:
    assert limits_today(Caps(60, 30), Used(10**9, 10**15)) == Limits(60, 30)
    assert not is_spent(Caps(60, 30), Used(10**9, 10**15))
