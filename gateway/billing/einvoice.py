"""What the values of an electronic invoice mean: amounts, VAT rates, and lines that foot (counting 3.6).

In:  texts of the elements, taken out of the XML by an edge.
Out: exact numbers, and the one reading of the lines under which they add up.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction

from gateway.units import half_away


class Nature(IntEnum):
    """TChat of a line."""

    GOODS = 1
    PROMOTION = 2
    """Given free: its amount is in no sum."""
    DISCOUNT = 3
    """Vendors write its amount with either sign."""
    NOTE = 4
    """Text alone."""
    SPECIAL = 5


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One line (HHDVu) with its ThTien."""

    nature: Nature
    amount: Fraction


@dataclass(frozen=True, slots=True)
class Footed:
    """The lines as one list price and one reduction, in dong."""

    list_vnd: int
    discount_vnd: int


def parse_amount(text: str) -> Fraction:
    """A number of at most 21 digits and 6 decimals with a point; ValueError otherwise."""
    plain = text.strip()
    if not re.fullmatch(r"-?[0-9]{1,21}(\.[0-9]{1,6})?", plain):
        raise ValueError(f'"{text[:40]}" is no amount: digits, and a point before at most six decimals')
    return Fraction(plain)


def parse_vat_rate(text: str) -> Fraction | None:
    """TSuat: "10%", "KHAC:5.26%"; None for what is not taxed (KCT, KKKNT); ValueError otherwise."""
    plain = text.strip().upper()
    if plain in ("KCT", "KKKNT"):
        return None
    match = re.fullmatch(r"(?:KHAC:)?([0-9]{1,2}(?:\.[0-9]{1,4})?)%", plain)
    if not match:
        raise ValueError(f'"{text[:40]}" is no VAT rate: write it as "10%", "KCT", "KKKNT" or "KHAC:5.26%"')
    return Fraction(match[1]) / 100


def foot(lines: Iterable[ItemLine], before_vat: Fraction) -> Footed | None:
    """The reading of the lines that adds up to TgTCThue within 1 dong a line; None: "không khớp tổng".

    Discounts are tried as amounts to be taken off, then as amounts that carry their sign already.
    """
    told = list(lines)
    counted = [one for one in told if one.nature in (Nature.GOODS, Nature.SPECIAL, Nature.DISCOUNT)]
    goods = sum((one.amount for one in counted if one.nature is not Nature.DISCOUNT), Fraction(0))
    given = sum((one.amount for one in counted if one.nature is Nature.DISCOUNT), Fraction(0))
    for discount in (given, -given):
        if abs(goods - discount - before_vat) <= len(counted):
            return Footed(half_away(goods), half_away(discount))
    return None
