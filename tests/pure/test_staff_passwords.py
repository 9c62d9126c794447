"""Passwords and names of staff."""

import pytest

from gateway.staff.passwords import problem, typed
from gateway.staff.user import name_of


@pytest.mark.parametrize(
    ("password", "key"),
    [
        ("ngắn quá", "password_short"),
        ("x" * 201, "password_long"),
        ("aaaaaaaaaaaa", "password_usual"),
        ("MatKhau12345", None),
        ("Thuvien1234", "password_usual"),
        ("nguyenlan1", "password_name"),
        ("ba con mèo xanh", None),
    ],
)
def test_what_is_wrong_with_a_password(password: str, key: str | None) -> None:
    assert problem(password, "nguyenlan") == key


def test_one_vietnamese_letter_is_one_password_however_it_is_typed() -> None:
    assert typed("mèo") == typed("me\u0300o") and typed(" a ") == " a "


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Lan.Anh ", "lan.anh"),
        ("a", None),
        ("lân", None),
        ("1lan", None),
        ("x" * 33, None),
        ("lan anh", None),
        ("", None),
    ],
)
def test_a_user_name_is_plain(text: str, name: str | None) -> None:
    assert name_of(text) == name
