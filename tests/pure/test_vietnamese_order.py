"""Vietnamese names in the order of a dictionary."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from gateway.reports.vietnamese_order import vietnamese_key


def order(*names: str) -> list[str]:
    return sorted(set(names), key=vietnamese_key)


def test_letters_are_those_of_the_alphabet() -> None:
    alphabet = "aăâbcdđeêghiklmnoôơpqrstuưvxy"
    assert order(*alphabet) == [*alphabet]


def test_tones_stand_in_their_order_after_the_letters() -> None:
    tones = ["ma", "mà", "mả", "mã", "má", "mạ"]
    assert order(*tones) == tones
    # a later base letter weighs more than an earlier tone
    assert order("mạ an", "ma ăn") == ["mạ an", "ma ăn"]
    assert order("tạ", "tai", "tăm", "tâm", "tấm") == ["tạ", "tai", "tăm", "tâm", "tấm"]


def test_names_of_places() -> None:
    names = ["Đăk Tô", "Đắk Hà", "Kon Rẫy", "Ia H’Drai", "Sa Thầy", "Sa Sơn", "Mô Rai", "Ya Ly", "Dak Pxi", "Rờ Kơi"]
    assert sorted(names, key=vietnamese_key) == [
        "Dak Pxi", "Đắk Hà", "Đăk Tô", "Ia H’Drai", "Kon Rẫy", "Mô Rai", "Rờ Kơi", "Sa Sơn", "Sa Thầy", "Ya Ly",
    ]  # fmt: skip


def test_a_shorter_word_and_a_space_come_first() -> None:
    assert order("Sa", "Sa Thầy", "Sáo") == ["Sa", "Sa Thầy", "Sáo"]
    assert order("PC01", "PC02", "PC10", "PCa") == ["PC01", "PC02", "PC10", "PCa"]


def test_letters_of_gia_rai_stand_beside_their_base() -> None:
    assert order("Ba", "Bă", "Ƀa", "Ca", "Če", "Ci", "Ea", "Ĕb", "Ka") == [
        "Ba", "Bă", "Ƀa", "Ca", "Če", "Ci", "Ea", "Ĕb", "Ka",
    ]  # fmt: skip


def test_small_letters_before_capitals_and_both_forms_of_unicode_together() -> None:
    assert order("Sa", "sa") == ["sa", "Sa"]
    apart = unicodedata.normalize("NFD", "Sa Thầy")
    assert vietnamese_key(apart)[:4] == vietnamese_key("Sa Thầy")[:4]


@given(st.lists(st.text(max_size=8), max_size=8))
def test_any_texts_have_one_order(names: list[str]) -> None:
    backwards = names.copy()
    backwards.reverse()
    assert sorted(names, key=vietnamese_key) == sorted(backwards, key=vietnamese_key)
