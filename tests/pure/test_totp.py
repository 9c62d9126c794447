"""RFC 6238 and RFC 4226: the vectors of both, and that a code is good once."""

import pytest

from gateway.staff.totp import code_at, fitting_step, shown

SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("at_s", "code"),
    [  # RFC 6238 appendix B, SHA-1, the last six of its eight digits
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_rfcs_vectors(at_s: int, code: str) -> None:
    assert code_at(SECRET, at_s // 30) == code
    assert fitting_step(SECRET, f"{code[:3]} {code[3:]}", at_s, 0) == at_s // 30


@pytest.mark.parametrize(
    ("step", "code"), list(enumerate(["755224", "287082", "359152", "969429", "338314", "254676"]))
)
def test_the_vectors_of_rfc_4226(step: int, code: str) -> None:
    assert code_at(SECRET, step) == code


def test_a_code_is_good_half_a_minute_early_or_late_and_once() -> None:
    now_s = 1_900_000_000
    step = now_s // 30
    for offset, fits in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        assert (fitting_step(SECRET, code_at(SECRET, step + offset), now_s, 0) == step + offset) is fits
    assert fitting_step(SECRET, code_at(SECRET, step), now_s, step) is None
    assert fitting_step(SECRET, code_at(SECRET, step - 1), now_s, step) is None, "an older one neither"


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "１２３４５６", "-12345", "12 34"])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert fitting_step(SECRET, typed, 59, 0) is None


def test_the_secret_is_told_in_base32() -> None:
    assert shown(SECRET) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
