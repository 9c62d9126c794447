"""Passwords at rest: only the right one fits, and what is damaged fits nobody."""

import pytest

from gateway.local_accounts import passwords

SALT = bytes(range(16))
STORED = passwords.hash_password("mật khẩu", salt=SALT)


def test_only_the_right_password_fits() -> None:
    assert STORED.startswith("scrypt$16384$8$1$")
    assert passwords.is_right("mật khẩu", STORED)
    assert not passwords.is_right("mat khau", STORED)


def test_two_salts_make_two_texts() -> None:
    assert passwords.hash_password("1234", salt=SALT) != passwords.hash_password("1234", salt=SALT[::-1])


def test_nobodys_text_fits_no_password() -> None:
    assert not passwords.is_right("", passwords.nobodys(SALT))


@pytest.mark.parametrize(
    "stored",
    ["", "plain", "scrypt$", STORED[:-8], STORED.replace("16384", "16383"), STORED.replace("16384", str(2**40)),
     STORED.replace("16384", "x"), STORED.replace("$8$", "$-8$"), STORED.replace("$1$", "$99999999$"), STORED + "$"],
)  # fmt: skip
def test_a_damaged_text_is_nobodys_password(stored: str) -> None:
    assert not passwords.is_right("mật khẩu", stored)
