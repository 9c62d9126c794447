"""Durations, sizes, MACs: parsed, and refused with a reason."""

import pytest

from gateway.access.client import parse_mac
from gateway.units import parse_duration_s, parse_size_bytes, parse_utc_offset, show_bytes


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("15m", 900), ("2h", 7200), ("1h30m", 5400), ("7d", 604800)]
)
def test_durations(text: str, seconds: int) -> None:
    assert parse_duration_s(text) == seconds


@pytest.mark.parametrize("text", ["", "90", "m", "1.5h", "-3m", "15 m", "15min"])
def test_a_duration_needs_its_unit(text: str) -> None:
    with pytest.raises(ValueError, match="with its unit"):
        parse_duration_s(text)


def test_sizes_are_decimal() -> None:
    assert [parse_size_bytes(t) for t in ("500B", "64MB", "2GB")] == [500, 64_000_000, 2_000_000_000]
    with pytest.raises(ValueError, match="with its unit"):
        parse_size_bytes("64MiB")


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (999_960, "1.0 MB"), (5 * 10**8, "500.0 MB")]
)
def test_bytes_as_people_read_them(count: int, text: str) -> None:
    assert show_bytes(count) == text


def test_offsets() -> None:
    assert str(parse_utc_offset("+07:00")) == "UTC+07:00"
    assert str(parse_utc_offset("-03:30")) == "UTC-03:30"
    for wrong in ("7", "+7:00", "+15:00", "+07:60"):
        with pytest.raises(ValueError, match="offset"):
            parse_utc_offset(wrong)


def test_macs() -> None:
    assert parse_mac("02-00-5E-10-00-01") == "02:00:5e:10:00:01"
    for wrong in ("", "02:00:5e:10:00", "02:00:5e:10:00:0g", "01:00:5e:00:00:01", "ff:ff:ff:ff:ff:ff"):
        with pytest.raises(ValueError, match=r"MAC|group"):
            parse_mac(wrong)
