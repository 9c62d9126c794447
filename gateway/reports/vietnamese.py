"""Numbers, dates and names as Vietnamese readers write them: 1.284; 6,38%; thứ Tư, 31/3/2027."""

from datetime import date
from fractions import Fraction

from gateway.reports.rounding import amount_and_unit, rounded

_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")

_CATEGORIES = {
    "games": "game nạp tiền",
    "gambling": "cờ bạc",
    "threats": "mã độc, lừa đảo",
    "own": "danh sách của đơn vị",
    "adult": "nội dung khiêu dâm",
    "malvertising": "quảng cáo độc hại",
    "bypass": "vượt bộ lọc",
    "fake-topup": "nạp thẻ giả",
    "topup": "nạp thẻ game",
    "search-unsafe": "tìm kiếm không an toàn",
    "by-address": "truy cập bằng địa chỉ",
    "tunnel": "dữ liệu giấu trong tên miền",
    "upstream": "máy chủ tên miền từ chối",
}


def number(value: int | Fraction, places: int = 0, *, signed: bool = False) -> str:
    """Points between thousands, a decimal comma; halves away from zero. `signed` writes "+" too."""
    return rounded(value, places, signed=signed).translate(_SWAPPED)


def plain_number(value: int | Fraction, places: int) -> str:
    """At most so many decimals, none that say nothing: 139,2; 161; 90."""
    told = number(value, places)
    return told.rstrip("0").rstrip(",") if "," in told else told


def count(value: int) -> str:
    """A small count in an official text has two digits: 01 máy."""
    return f"{value:02}" if value < 10 else number(value)


def percent_change(value: Fraction, places: int = 1) -> str:
    """A signed percentage: +7,0%."""
    return f"{number(value, places, signed=True)}%"


def amount(count_bytes: int) -> str:
    """A volume in GB or MB (kB and B below): 1,3 GB."""
    value, places, unit = amount_and_unit(count_bytes)
    return f"{number(value, places)} {unit}"


def day(value: date) -> str:
    """31/3/2027: without leading zeros, as the mail is written (counting 5.3)."""
    return f"{value.day}/{value.month}/{value.year}"


def short_day(value: date) -> str:
    """29/3: a day whose year is plain."""
    return f"{value.day}/{value.month}"


def official_day(value: date) -> str:
    """ngày 05 tháng 4 năm 2027: days below 10 and months 1 and 2 take a zero (Decree 30/2020, counting 2.3)."""
    day_, month = _decree(value)
    return f"ngày {day_} tháng {month} năm {value.year}"


def table_day(value: date) -> str:
    """05/4/2027: the same digits in a table."""
    return f"{'/'.join(_decree(value))}/{value.year}"


def _decree(value: date) -> tuple[str, str]:
    return f"{value.day:02}", f"{value.month:02}" if value.month <= 2 else str(value.month)


def weekday(value: date) -> str:
    """thứ Tư."""
    return _WEEKDAYS[value.weekday()]


def category(code: str) -> str:
    """A filter category's name; one of the site's own making keeps its code."""
    return _CATEGORIES.get(code, code)


_SWAPPED = str.maketrans({",": ".", ".": ","})
