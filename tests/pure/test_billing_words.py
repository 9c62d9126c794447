"""Amounts in Vietnamese words."""

import pytest

from gateway.billing.words import dong_in_words, dong_text, in_words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "không"),
        (5, "năm"),
        (10, "mười"),
        (11, "mười một"),
        (14, "mười bốn"),
        (15, "mười lăm"),
        (20, "hai mươi"),
        (21, "hai mươi mốt"),
        (24, "hai mươi tư"),
        (55, "năm mươi lăm"),
        (100, "một trăm"),
        (101, "một trăm linh một"),
        (104, "một trăm linh bốn"),
        (105, "một trăm linh năm"),
        (115, "một trăm mười lăm"),
        (1_000, "một nghìn"),
        (1_005, "một nghìn không trăm linh năm"),
        (1_024, "một nghìn không trăm hai mươi tư"),
        (10_010, "mười nghìn không trăm mười"),
        (257_629, "hai trăm năm mươi bảy nghìn sáu trăm hai mươi chín"),
        (1_000_000, "một triệu"),
        (1_000_015, "một triệu không trăm mười lăm"),
        (1_001_000, "một triệu không trăm linh một nghìn"),
        (10**9, "một tỷ"),
        (10**9 + 1, "một tỷ không trăm linh một"),
        (1_250_000_000_000, "một nghìn hai trăm năm mươi tỷ"),
        (-38_500, "âm ba mươi tám nghìn năm trăm"),
    ],
)
def test_numbers_are_spelt_as_official_papers_do(number: int, words: str) -> None:
    assert in_words(number) == words


def test_an_amount_begins_with_a_capital_and_ends_with_dong() -> None:
    assert dong_in_words(257_629) == "Hai trăm năm mươi bảy nghìn sáu trăm hai mươi chín đồng"
    assert dong_in_words(-5) == "Âm năm đồng"
    assert dong_in_words(0) == "Không đồng"


def test_the_text_of_an_amount_is_that_of_the_specification() -> None:
    assert dong_text(257_629) == "257.629 đồng (Hai trăm năm mươi bảy nghìn sáu trăm hai mươi chín đồng)"
