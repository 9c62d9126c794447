"""Values of electronic invoices: amounts, rates, lines that foot under one sign or the other."""

from fractions import Fraction

import pytest

from gateway.billing.einvoice import Footed, ItemLine, Nature, foot, parse_amount, parse_vat_rate


def line(amount: float | str, nature: Nature = Nature.GOODS) -> ItemLine:
    return ItemLine(nature, Fraction(amount))


@pytest.mark.parametrize(
    ("text", "amount"),
    [("350000", Fraction(350_000)), (" -70000.5 ", Fraction(-140_001, 2)), ("0.000001", Fraction(1, 10**6))],
)
def test_amounts_are_exact(text: str, amount: Fraction) -> None:
    assert parse_amount(text) == amount


@pytest.mark.parametrize("text", ["", "350.000.000", "350,5", "1e9", "1" * 22, "0.0000001", "٣", "NaN", "1/3", "-"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no amount"):
        parse_amount(text)


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("0%", Fraction(0)),
        ("5%", Fraction(1, 20)),
        ("8%", Fraction(2, 25)),
        ("10%", Fraction(1, 10)),
        ("KCT", None),
        ("kkknt", None),
        ("KHAC:5.26%", Fraction(526, 10_000)),
    ],
)
def test_rates(text: str, rate: Fraction | None) -> None:
    assert parse_vat_rate(text) == rate


@pytest.mark.parametrize("text", ["", "10", "ten%", "KHAC:", "100.5.1%", "-5%"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no VAT rate"):
        parse_vat_rate(text)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_discount_foots_with_either_sign(sign: int) -> None:
    lines = [line(350_000), line(sign * 105_000, Nature.DISCOUNT), line(0, Nature.NOTE)]
    assert foot(lines, Fraction(245_000)) == Footed(350_000, 105_000)


def test_promotions_and_notes_are_in_no_sum() -> None:
    lines = [line(350_000), line(50_000, Nature.PROMOTION), line(7, Nature.NOTE), line(1_000, Nature.SPECIAL)]
    assert foot(lines, Fraction(351_000)) == Footed(351_000, 0)


def test_a_dong_a_line_is_let_pass_and_no_more() -> None:
    lines = [line("100000.4"), line("200000.4")]
    assert foot(lines, Fraction(300_002)) == Footed(300_001, 0)
    assert foot(lines, Fraction(300_003)) is None
    assert foot([line(350_000)], Fraction(245_000)) is None
    assert foot([], Fraction(0)) == Footed(0, 0)
