"""Durations, sizes and instants: parsed from text and shown to people."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from fractions import Fraction

_DURATION = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SIZE = {"B": 1, "kB": 1000, "MB": 1000**2, "GB": 1000**3}


def parse_duration_s(text: str) -> int:
    """Seconds of "90s", "15m", "2h", "7d" or a sum such as "1h30m"; ValueError with the reason otherwise."""
    if not re.fullmatch(r"(\d+[smhd])+", text):
        raise ValueError(f'"{text}" is no duration: write a number with its unit, such as "90s", "15m", "2h", "7d"')
    return sum(int(number) * _DURATION[unit] for number, unit in re.findall(r"(\d+)([smhd])", text))


def last_second(text: str, local: datetime, to_day: Callable[[str], date]) -> datetime:
    """Of a day, or of the one on which a span ("365d") from `local` on is over; `to_day` reads a day."""
    if re.fullmatch(r"(\d+[smhd])+", text):
        day = (local + timedelta(seconds=min(parse_duration_s(text), 10**9))).date()
    else:
        day = to_day(text)
    return datetime.combine(day, time(23, 59, 59), tzinfo=local.tzinfo)


def parse_size_bytes(text: str) -> int:
    """Bytes of "500B", "64MB", "2GB"; 1 kB = 1000 bytes."""
    match = re.fullmatch(r"(\d+)(B|kB|MB|GB)", text)
    if not match:
        raise ValueError(f'"{text}" is no size: write a number with its unit, such as "500kB", "64MB", "2GB"')
    return int(match[1]) * _SIZE[match[2]]


def parse_rate_kbit_s(text: str) -> int:
    """Kilobits (1000 bits) a second of "512kbit", "2Mbit", "1Gbit"."""
    match = re.fullmatch(r"(\d+)(kbit|Mbit|Gbit)", text)
    if not match:
        raise ValueError(f'"{text}" is no rate: write a number with its unit, such as "512kbit", "2Mbit"')
    return int(match[1]) * {"kbit": 1, "Mbit": 1000, "Gbit": 1000**2}[match[2]]


def parse_utc_offset(text: str) -> timezone:
    """The zone of "+07:00"; a fixed offset, for Viet Nam has no daylight saving time."""
    match = re.fullmatch(r"([+-])(\d\d):([0-5]\d)", text)
    if not match or int(match[2]) > 14:
        raise ValueError(f'"{text}" is no offset from UTC: write it as "+07:00"')
    span = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return timezone(-span if match[1] == "-" else span)


def utc_offset_s(zone: timezone) -> int:
    """Seconds by which a fixed zone is ahead of UTC."""
    return int(zone.utcoffset(None).total_seconds())


def show_bytes(count: int) -> str:
    """Short text of a byte count, decimal units: 1.5 MB."""
    if count < 1000:
        return f"{count} B"
    value = float(count)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 999.95:
            return f"{value:.1f} {unit}"
    return f"{value:.1f} TB"


def epoch_s(at: datetime) -> int:
    """Integer UTC seconds, as the store keeps instants."""
    return int(at.timestamp())


def from_epoch_s(seconds: int) -> datetime:
    """The aware UTC instant of integer seconds."""
    return datetime.fromtimestamp(seconds, UTC)


def half_away(value: Fraction) -> int:
    """The nearest integer, halves away from zero: how money and figures are rounded (counting 2.7, 14 and 3.4)."""
    units = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return -units if value < 0 else units
