"""Exact values to printed digits, rounded once, halves away from zero (counting 2.7, 14)."""

from fractions import Fraction

from gateway.units import half_away


def rounded(value: int | Fraction, places: int = 0, *, signed: bool = False) -> str:
    """Digits with "," between thousands and "." before `places` decimals; `signed` writes "+" too, but not on zero."""
    scale = 10**places
    units = half_away(Fraction(value) * scale)
    whole, rest = divmod(abs(units), scale)
    sign = "-" if units < 0 else "+" if signed and units > 0 else ""
    return f"{sign}{whole:,}" + (f".{rest:0{places}}" if places else "")


def amount_and_unit(count_bytes: int) -> tuple[Fraction, int, str]:
    """A byte count in the unit it is printed in (1 kB = 1000 bytes), and its decimals: (1.28, 1, "GB").

    GB and MB are what reports are read in; the smaller ones keep a quiet day from looking like none.
    """
    if count_bytes == 0:
        return Fraction(0), 0, "MB"
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        value = Fraction(count_bytes, size)
        if value >= Fraction(99995, 100000):  # 999.95 MB would be printed as 1000.0 MB
            return value, 1, unit
    return Fraction(count_bytes), 0, "B"


def below_goal(value: Fraction, goal: int = 100, places: int = 2) -> Fraction:
    """A percentage as it may be printed beside its goal: one below it never shows as reached (2.7, 11).

    99,996 is 99,99 here, where rounding alone would print 100,00.
    """
    least = Fraction(1, 10**places)
    return goal - least if goal - least < value < goal else value
