"""Names and passwords as people type them."""

import unicodedata

import pytest

from gateway.access.account import checked_name, checked_password, checked_words, key_of, typed_password

NAME, PASSWORD = "Nguyễn Thị Lan", "thư viện huyện"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_one_letter_written_in_two_ways_is_one_letter(form: str) -> None:
    typed = unicodedata.normalize(form, NAME)  # type: ignore[arg-type]
    assert key_of(f"  {typed.upper()} ") == key_of(NAME)
    assert typed_password(unicodedata.normalize(form, PASSWORD) + " ") == PASSWORD  # type: ignore[arg-type]


def test_passwords_keep_their_case_and_their_blanks() -> None:
    assert typed_password("A b") != typed_password("a b") != typed_password("ab")


@pytest.mark.parametrize("name", ["", "   ", "a" * 65, "a\0b", "a\u202eb", "a\u200b"])
def test_names_nobody_could_type_are_refused(name: str) -> None:
    with pytest.raises(ValueError):
        checked_name(name)


@pytest.mark.parametrize("password", ["", "12345", "x" * 129, "abc\x07def", "Lan.Anh", " lan.anh "])
def test_weak_passwords_are_refused_without_saying_them(password: str) -> None:
    with pytest.raises(ValueError) as refused:
        checked_password(password, "lan.anh")
    assert not password.strip() or password not in str(refused.value)


def test_long_notes_are_refused() -> None:
    with pytest.raises(ValueError, match="120 is the most"):
        checked_words("note", "x" * 121)
