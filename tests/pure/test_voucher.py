"""Codes of vouchers, and what is left of one."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.access.voucher import (
    ALPHABET,
    CODE_LENGTH,
    EARLY,
    EXPIRED,
    REVOKED,
    USED,
    Allowance,
    Batch,
    BatchId,
    Code,
    Left,
    NewBatch,
    Use,
    Voucher,
    VoucherId,
    check_batch,
    code_of,
    is_spent,
    left_of,
    may_let_in,
    shown,
    state_of,
    typed_code,
)
from gateway.errors import FaultError

NOW = datetime(2027, 3, 31, 1, 0, tzinfo=UTC)
codes = st.integers(0, len(ALPHABET) ** (CODE_LENGTH - 1) - 1).map(code_of)


def voucher(allowance: Allowance, use: Use = Use(), **more: datetime) -> Voucher:  # noqa: B008 - frozen
    batch = Batch(BatchId(1), NOW, 1, "", "adult", "hoa", allowance, "00")
    return Voucher(VoucherId(1), 1, batch, use, more.get("first_used_at"), more.get("revoked_at"))


def until(days: int, **more: int | bool) -> Allowance:
    return Allowance(NOW + timedelta(days=days), **more)  # type: ignore[arg-type]


def test_the_alphabet_has_nothing_that_looks_or_types_alike() -> None:
    assert len(ALPHABET) == len(set(ALPHABET)) == 19
    for pair in ("0O", "0Q", "0D", "1I", "1L", "2Z", "5S", "6G", "8B", "UV", "VY", "IL"):
        assert not set(pair) <= set(ALPHABET), pair
    assert not set("AEIOUYDW") & set(ALPHABET)  # no words, and nothing Telex or VNI makes a letter of its own of


@given(codes)
def test_a_code_is_taken_as_people_type_it(code: Code) -> None:
    for typed in (code, code.lower(), shown(code), f"  {shown(code).lower()}\n", " ".join(code), code.translate(WIDE)):
        assert typed_code(typed) == code
    assert typed_code(shown(code).replace("8", "B").replace("5", "s").replace("2", "Z").replace("6", "g")) == code


WIDE = str.maketrans({letter: chr(ord(letter) + 0xFEE0) for letter in ALPHABET})


def test_every_wrong_letter_and_every_swap_is_found_in_codes_that_cover_every_letter_at_every_place() -> None:
    # the check is linear, so whether a slip shows hangs on places and letters alone: these codes have every pair
    tried = 0
    for number in range(0, 19**9, 19**9 // 60):
        code = code_of(number)
        for place, letter in itertools.product(range(CODE_LENGTH), ALPHABET):
            if letter != code[place]:
                tried += 1
                assert typed_code(code[:place] + letter + code[place + 1 :]) is None
    assert tried > 10_000


def test_every_swap_of_two_letters_is_found_for_every_pair_of_letters_and_places() -> None:
    for place, later in itertools.combinations(range(CODE_LENGTH), 2):
        free = next(each for each in range(CODE_LENGTH) if each not in (place, later))
        for one, two in itertools.permutations(range(19), 2):
            letters = [0] * CODE_LENGTH
            letters[place], letters[later] = one, two
            letters[free] = -((place + 1) * one + (later + 1) * two) * pow(free + 1, -1, 19) % 19
            assert typed_code("".join(ALPHABET[letter] for letter in letters)) is not None
            letters[place], letters[later] = two, one
            assert typed_code("".join(ALPHABET[letter] for letter in letters)) is None


@given(codes, st.integers(0, CODE_LENGTH - 1), st.sampled_from(ALPHABET))
def test_a_wrong_letter_is_found(code: Code, place: int, letter: str) -> None:
    typed = code[:place] + letter + code[place + 1 :]
    assert (typed_code(typed) is None) == (letter != code[place])


@given(codes, st.integers(0, CODE_LENGTH - 1), st.integers(0, CODE_LENGTH - 1))
def test_two_letters_that_changed_places_are_found(code: Code, one: int, two: int) -> None:
    letters = list(code)
    letters[one], letters[two] = letters[two], letters[one]
    assert (typed_code("".join(letters)) is None) == (code[one] != code[two])


@given(st.text(max_size=40))
def test_whatever_is_typed_gives_a_code_or_nothing(text: str) -> None:
    code = typed_code(text)
    assert code is None or typed_code(code) == code


@given(st.integers(0, 19**9 - 1), st.integers(0, 19**9 - 1))
def test_codes_of_different_numbers_differ(one: int, two: int) -> None:
    assert (code_of(one) == code_of(two)) == (one == two)


def test_what_is_left_is_what_its_sessions_have_not_used() -> None:
    allowance = until(30, time_s=7200, total_bytes=1000)
    assert left_of(voucher(allowance), NOW) == Left(7200, 1000)
    assert left_of(voucher(allowance, Use(7000, 999, 3)), NOW) == Left(200, 1)
    assert left_of(voucher(allowance, Use(7200, 0, 3)), NOW) == USED
    assert left_of(voucher(allowance, Use(0, 1000, 3)), NOW) == USED
    assert is_spent(voucher(allowance, Use(0, 990, 1)), more_bytes=10)
    assert not is_spent(voucher(until(1), Use(10**6, 10**12, 9)))


def test_one_session_is_all_of_a_voucher_for_once() -> None:
    allowance = until(30, time_s=7200, once=True)
    assert left_of(voucher(allowance, Use(60, 5, 0)), NOW) == Left(7140, None)  # a power cut ended the one before
    assert left_of(voucher(allowance, Use(60, 5, 1)), NOW) == USED


@pytest.mark.parametrize(
    ("moved", "left"),
    [(-1, EARLY), (0, Left(86400 * 2, None)), (86400 * 2 - 1, Left(1, None)), (86400 * 2, EXPIRED)],
)
def test_it_lets_in_between_its_days_and_a_session_ends_with_the_last(moved: int, left: Left | str) -> None:
    allowance = Allowance(NOW + timedelta(days=2), valid_from=NOW)
    assert left_of(voucher(allowance), NOW + timedelta(seconds=moved)) == left


def test_it_ends_some_time_after_its_first_use() -> None:
    allowance = until(30, lasts_s=3600)
    assert left_of(voucher(allowance), NOW) == Left(3600, None)
    used = voucher(allowance, Use(60, 0, 1), first_used_at=NOW)
    assert used.ends_at == NOW + timedelta(hours=1)
    assert left_of(used, NOW + timedelta(minutes=59)) == Left(60, None)
    assert left_of(used, NOW + timedelta(hours=1)) == EXPIRED
    late = voucher(allowance, Use(60, 0, 1), first_used_at=NOW + timedelta(days=30, minutes=-5))
    assert late.ends_at == NOW + timedelta(days=30)


def test_a_revoked_one_lets_nobody_in_whatever_is_left() -> None:
    assert left_of(voucher(until(30), revoked_at=NOW), NOW) == REVOKED


def test_how_a_voucher_stands_and_whether_it_is_worth_printing() -> None:
    used = Use(60, 0, 1)
    later = Allowance(NOW + timedelta(days=9), NOW + timedelta(days=1))
    cases: list[tuple[Voucher, str, bool]] = [
        (voucher(until(1)), "new", True),
        (voucher(until(1), used, first_used_at=NOW), "used", True),
        (voucher(later), "early", True),
        (voucher(until(0)), "expired", False),
        (voucher(until(1), used, first_used_at=NOW, revoked_at=NOW), "revoked", False),
        (voucher(until(1, once=True), used, first_used_at=NOW), "used-up", False),
        (voucher(until(1, time_s=60), used, first_used_at=NOW), "used-up", False),
    ]
    for each, state, worth in cases:
        assert (state_of(each, NOW), may_let_in(each, NOW)) == (state, worth)


@pytest.mark.parametrize(
    ("new", "key"),
    [
        (NewBatch(0, "", "adult", "hoa", until(1)), "voucher_count"),
        (NewBatch(1001, "", "adult", "hoa", until(1)), "voucher_count"),
        (NewBatch(1, "x" * 61, "adult", "hoa", until(1)), "voucher_label"),
        (NewBatch(1, "a\nb", "adult", "hoa", until(1)), "voucher_label"),
        (NewBatch(1, "", "adult", "hoa", until(0)), "voucher_over"),
        (NewBatch(1, "", "adult", "hoa", Allowance(NOW + timedelta(1), NOW + timedelta(2))), "voucher_over"),
        (NewBatch(1, "", "adult", "hoa", until(1099)), "voucher_long"),
        (NewBatch(1, "", "adult", "hoa", until(1, time_s=0)), "voucher_cap"),
        (NewBatch(1, "", "adult", "hoa", until(1, total_bytes=2**53)), "voucher_cap"),
    ],
)
def test_a_batch_that_lets_nobody_in_is_not_made(new: NewBatch, key: str) -> None:
    check_batch(NewBatch(1000, "x" * 60, "adult", "hoa", until(365, time_s=1)), NOW)
    with pytest.raises(FaultError) as found:
        check_batch(new, NOW)
    assert found.value.fault.key == key


def test_a_session_that_is_there_is_no_second_use_of_a_voucher_for_one() -> None:
    once = voucher(until(1, once=True, time_s=3600), Use(600, 0, 1))
    assert left_of(once, NOW) == USED
    assert left_of(once, NOW, goes_on=True) == Left(3000, None)
