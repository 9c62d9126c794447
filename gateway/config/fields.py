"""The kinds of values that stand in the TOML file, with their checks and units."""

import re
from datetime import date, timedelta
from ipaddress import IPv4Interface, IPv6Interface, ip_address, ip_network
from pathlib import Path
from typing import Annotated, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, model_validator

from gateway.access.client import parse_mac
from gateway.units import parse_duration_s, parse_rate_kbit_s, parse_size_bytes, parse_utc_offset


def _duration(value: object) -> int:
    if not isinstance(value, str):
        raise ValueError('a duration is text with a unit, such as "90s", "15m", "2h", "7d"')
    return parse_duration_s(value)


def _size(value: object) -> int:
    if not isinstance(value, str):
        raise ValueError('a size is text with a unit, such as "500kB", "64MB", "2GB"')
    return parse_size_bytes(value)


def _rate(value: object) -> int:
    if not isinstance(value, str):
        raise ValueError('a rate is text with a unit, such as "512kbit", "2Mbit"')
    return parse_rate_kbit_s(value)


def _interface_name(value: str) -> str:
    # the kernel's own limits (IFNAMSIZ 16 with the NUL); it also goes into the ruleset text, so no quote may pass
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,15}", value):
        raise ValueError(f'"{value}" is no interface name: 1 to 15 letters, digits, ".", "_" or "-"')
    return value


def _hostname(value: str) -> str:
    if len(value) > 253 or not re.fullmatch(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*", value):
        raise ValueError(f'"{value}" is no host name: lower-case labels with dots, such as "wifi.internal"')
    return value


def _token(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", value):
        raise ValueError(f'"{value}" is no short name: lower-case letters, digits and "-", beginning with a letter')
    return value


def _network(value: str) -> str:
    return str(ip_network(value))


def _address(value: str) -> str:
    return str(ip_address(value))


def holiday_dates(text: str) -> frozenset[date]:
    """The days of "2026-09-02" or, both ends with it, "2027-02-05..2027-02-11"; ValueError otherwise."""
    first, dots, last = text.partition("..")
    try:
        begin = date.fromisoformat(first)
        end = date.fromisoformat(last) if dots else begin
    except ValueError:
        raise ValueError(f'"{text}" is no day and no range: "2026-09-02" or "2027-02-05..2027-02-11"') from None
    if not 0 <= (end - begin).days <= 366:
        raise ValueError(f'"{text}": the range ends before it begins, or is longer than a year')
    return frozenset(begin + timedelta(days=n) for n in range((end - begin).days + 1))


def _lan_ipv4(value: object) -> IPv4Interface:
    interface = IPv4Interface(str(value))
    if not 16 <= interface.network.prefixlen <= 30:
        raise ValueError("the library network is between /16 and /30")
    if interface.ip in (interface.network.network_address, interface.network.broadcast_address):
        raise ValueError("this is the network's own or broadcast address: give the gateway's, such as 10.77.0.1/24")
    return interface


def _lan_ipv6(value: object) -> IPv6Interface:
    interface = IPv6Interface(str(value))
    if interface.network.prefixlen != 64:
        raise ValueError("devices form their own addresses only in a /64 (RFC 4862 section 5.5.3)")
    return interface


DurationS = Annotated[int, BeforeValidator(_duration)]
SizeBytes = Annotated[int, BeforeValidator(_size)]
RateKbitS = Annotated[int, BeforeValidator(_rate)]
InterfaceName = Annotated[str, AfterValidator(_interface_name)]
Hostname = Annotated[str, AfterValidator(_hostname)]
Token = Annotated[str, AfterValidator(_token)]
Network = Annotated[str, AfterValidator(_network)]
Address = Annotated[str, AfterValidator(_address)]
HolidayText = Annotated[str, AfterValidator(lambda text: holiday_dates(text) and text)]
UtcOffset = Annotated[str, AfterValidator(lambda text: parse_utc_offset(text) and text)]
MacText = Annotated[str, AfterValidator(parse_mac)]
LanIpv4 = Annotated[IPv4Interface, BeforeValidator(_lan_ipv4)]
LanIpv6 = Annotated[IPv6Interface, BeforeValidator(_lan_ipv6)]

__all__ = [
    "Address",
    "DurationS",
    "HolidayText",
    "Hostname",
    "InterfaceName",
    "LanIpv4",
    "LanIpv6",
    "MacText",
    "Network",
    "Path",
    "RateKbitS",
    "Section",
    "SizeBytes",
    "Token",
    "UtcOffset",
    "holiday_dates",
]


class Section(BaseModel):
    """A table of the file: unknown keys are errors, values do not change once read.

    TOML has no null: "" stands for it where a value may be left out.
    """

    # deferred: a table's checks are built once, as part of the whole file's; alone they are a sixth of loading
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_none(cls, values: object) -> object:
        if not isinstance(values, dict):
            return values
        fields = cls.model_fields.items()
        optional = {field.alias or name for name, field in fields if type(None) in get_args(field.annotation)}
        return {key: None if value == "" and key in optional else value for key, value in values.items()}
