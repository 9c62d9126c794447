"""Devices: keys that cannot be linked, days, and the range of visitors."""

import hashlib
import hmac
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.access.client import AccessKind, ClientId, Mac
from gateway.access.session import SessionId
from gateway.visits.devices import (
    DeviceKey,
    Visitors,
    device_key,
    devices_by_day,
    is_locally_administered,
    key_ends,
    keys_per_person,
    visitors,
)
from gateway.visits.visit import CountedSession

ZONE = timezone(timedelta(hours=7))
MARCH, APRIL = b"a month's key, random", b"another month's key"


def key(number: int) -> DeviceKey:
    return device_key(MARCH, Mac(f"00:00:5e:00:53:{number:02x}"))


def test_a_key_is_the_first_8_bytes_of_the_hmac_of_the_octets() -> None:
    whole = hmac.new(MARCH, bytes.fromhex("02005e100001"), hashlib.sha256).digest()
    assert device_key(MARCH, Mac("02:00:5e:10:00:01")) == whole[:8]
    assert device_key(APRIL, Mac("02:00:5e:10:00:01")) != whole[:8]


def test_a_key_is_destroyed_seven_days_after_its_period() -> None:
    assert key_ends(date(2027, 3, 31), ZONE) == datetime(2027, 4, 8, tzinfo=ZONE)


@pytest.mark.parametrize(("mac", "local"), [("00:00:5e:00:53:01", False), ("02:00:5e:00:53:01", True)])
def test_a_made_up_address_says_so_in_its_second_bit(mac: str, local: bool) -> None:
    assert is_locally_administered(Mac(mac)) is local


def test_a_device_belongs_to_the_days_on_which_a_counted_session_of_it_starts() -> None:
    def session(number: int, device: int, start: str, **more: bool) -> CountedSession:
        begin = datetime.fromisoformat(f"2027-{start}:00+07:00")
        stop = begin + timedelta(hours=2)
        return CountedSession(SessionId(number), AccessKind.WIFI, ClientId(device), None, begin, stop, **more)

    told = [
        session(1, 1, "03-31T23:00"),  # over midnight: of the day it starts
        session(2, 1, "03-31T08:00"),
        session(3, 2, "03-31T08:00"),
        session(4, 3, "03-31T08:00", staff=True),
        session(5, 4, "03-31T08:00", accepted=False),
        session(6, 2, "04-01T08:00"),
    ]
    assert devices_by_day(told, ZONE) == {date(2027, 3, 31): {1, 2}, date(2027, 4, 1): {2}}


def test_the_range_reaches_from_the_busiest_day_to_the_months_keys() -> None:
    month = {key(n): n >= 6 for n in range(10)}  # six bought addresses, four made up
    days = [frozenset({key(0), key(1)}), frozenset({key(2), key(3), key(4)})]
    assert visitors(month, days, 2, None) == Visitors(3, 10, None)
    assert visitors(month, days, 5, Fraction(2)) == Visitors(5, 10, Fraction(8))


def test_more_persons_than_devices_lift_both_ends() -> None:
    assert visitors({key(1): False}, [frozenset({key(1)})], 7, Fraction(1)) == Visitors(7, 7, Fraction(7))
    assert visitors({}, [], 0, None) == Visitors(0, 0, None)


def test_keys_per_person_need_thirty_persons() -> None:
    logins = [(f"person {n}", key(n)) for n in range(29)]
    assert keys_per_person(logins) is None
    assert keys_per_person([*logins, ("person 29", key(29)), *logins]) == 1
    assert keys_per_person([*logins, ("person 29", key(29)), ("person 29", key(30))]) == Fraction(31, 30)


@given(
    st.dictionaries(st.integers(0, 60).map(key), st.booleans(), max_size=30),
    st.integers(0, 40),
    st.fractions(1, 5),
)
def test_the_central_figure_is_within_the_range(month: dict[DeviceKey, bool], persons: int, k: Fraction) -> None:
    told = visitors(month, [frozenset(list(month)[::2])], persons, k)
    assert told.central is not None
    assert told.lower <= told.central <= told.upper
