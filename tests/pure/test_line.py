"""Probes of the line: three in a row, from the first failure to the first success."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.service.line import (
    Kind,
    Round,
    Spell,
    begin_of,
    evidence_of,
    is_failure,
    is_kept,
    is_outage,
    outage_number,
    spells,
    written,
)

ZERO = datetime(2027, 3, 31, 1, tzinfo=UTC)
YES, NO = (True, True, True, True), (False, False, False, False)


def at(number: float) -> datetime:
    return ZERO + timedelta(seconds=30 * number)


def good(number: float) -> Round:
    return Round(at(number), True, True, YES, (True, True))


def down(number: float, *, carrier: bool = True, first_hop: bool = True) -> Round:
    return Round(at(number), carrier, first_hop, NO, (False, False))


def cut_off(number: float) -> Round:
    return down(number, carrier=False, first_hop=False)


def abroad(number: float) -> Round:
    return Round(at(number), True, True, (False, False, True, False), (False, False))


def test_down_from_the_first_failure_to_the_first_success() -> None:
    rounds = [good(0), down(1), down(2), down(3), down(4), good(5)]
    assert spells([*rounds[::-1], *rounds]) == (Spell(Kind.ISP_DOWN, at(1), at(5)),)


def test_two_failures_in_a_row_are_none() -> None:
    assert spells([down(0), down(1), good(2), down(3), down(4), good(5)]) == ()


@pytest.mark.parametrize(
    ("rounds", "kind"),
    [
        ([down(n, first_hop=False) for n in range(3)], Kind.ISP_DOWN),  # carrier up
        ([down(n, carrier=False) for n in range(3)], Kind.ISP_DOWN),  # first hop up
        ([cut_off(n) for n in range(3)], Kind.LINE_DOWN),
        ([cut_off(0), down(1), cut_off(2)], Kind.ISP_DOWN),
        ([down(0), *(cut_off(n) for n in range(1, 3))], Kind.ISP_DOWN),  # the modem was started anew in it
        ([*(cut_off(n) for n in (0, 1, 2)), down(2.5)], Kind.LINE_DOWN),  # it came back and still starts
        ([abroad(n) for n in range(3)], Kind.ABROAD_DEGRADED),
    ],
)
def test_kinds(rounds: list[Round], kind: Kind) -> None:
    assert spells([*rounds, good(3)]) == (Spell(kind, at(0), at(3)),)
    assert is_outage(Spell(kind, at(0), at(3))) is (kind is not Kind.ABROAD_DEGRADED)


def test_one_target_that_answers_anywhere_is_no_outage() -> None:
    only_abroad = [Round(at(n), True, True, NO, (True, False)) for n in range(5)]
    assert spells(only_abroad) == ()


def test_trouble_that_changes_is_two_spells() -> None:
    rounds = [*(abroad(n) for n in range(3)), *(down(n) for n in range(3, 6)), good(6)]
    assert spells(rounds) == (Spell(Kind.ABROAD_DEGRADED, at(0), at(3)), Spell(Kind.ISP_DOWN, at(3), at(6)))


def test_what_the_gateway_did_not_see_is_not_claimed() -> None:
    rounds = [*(down(n) for n in range(3)), *(down(n) for n in range(40, 43)), good(43)]
    assert spells(rounds) == (Spell(Kind.ISP_DOWN, at(0), at(2)), Spell(Kind.ISP_DOWN, at(40), at(43)))
    assert spells([down(0), down(1), down(40), good(41)]) == ()


def test_one_round_that_was_left_out_breaks_no_spell() -> None:
    assert spells([down(0), down(2), down(4), good(6)]) == (Spell(Kind.ISP_DOWN, at(0), at(6)),)


def test_a_spell_that_goes_on_reaches_to_the_last_round() -> None:
    assert spells([down(0), down(1), down(2), down(3)]) == (Spell(Kind.ISP_DOWN, at(0), at(3)),)
    assert spells([]) == ()


@given(st.lists(st.sampled_from([good, down, cut_off, abroad]), max_size=30))
def test_spells_are_apart_and_hold_failures_alone(kinds: list[object]) -> None:
    rounds = [make(number) for number, make in enumerate(kinds)]  # type: ignore[operator]  # one of the four above
    told = spells(rounds)
    assert all(first.stop <= second.start for first, second in pairwise(told))
    within = [one for one in rounds for spell in told if spell.start <= one.at < spell.stop]
    assert not any(all(one.at_home) for one in within)


def test_a_spell_rests_on_the_log_from_its_first_failure_to_its_first_success() -> None:
    rounds = [good(0), down(1), down(2, first_hop=False), down(3), good(4), good(5)]
    (spell,) = spells(rounds)
    evidence = evidence_of(spell, [*rounds, *rounds])
    assert (evidence.failed_rounds, evidence.asked, evidence.unanswered) == (3, 18, 18)
    assert evidence.log.splitlines() == [
        "2027-03-31T01:00:30Z 1 1 0000 00",
        "2027-03-31T01:01:00Z 1 0 0000 00",
        "2027-03-31T01:01:30Z 1 1 0000 00",
        "2027-03-31T01:02:00Z 1 1 1111 11",
    ]
    assert evidence.sha256 == hashlib.sha256(evidence.log.encode()).hexdigest()
    assert [is_failure(one) for one in (good(0), abroad(0), down(0))] == [False, True, True]
    assert written(Round(at(0), False, False, (True,), ())) == "2027-03-31T01:00:00Z 0 0 1 -"


@pytest.mark.parametrize("ends", [abroad, good])
@pytest.mark.parametrize("look", [down, cut_off])
def test_the_look_that_ends_a_spell_is_no_failure_of_it(
    look: Callable[[float], Round], ends: Callable[[float], Round]
) -> None:
    rounds = [*(look(n) for n in range(4)), ends(4), good(5)]
    (spell,) = spells(rounds)
    evidence = evidence_of(spell, rounds)
    assert (spell.stop, evidence.failed_rounds, evidence.unanswered) == (at(4), 4, 24)
    assert len(evidence.log.splitlines()) == 5


@given(st.lists(st.tuples(st.sampled_from([good, down, cut_off, abroad]), st.sampled_from([1, 1, 1, 2, 40]))))
def test_spells_are_made_of_the_rounds_that_are_kept(looks: list[tuple[Callable[[float], Round], int]]) -> None:
    number, rounds, kept = 0, list[Round](), list[Round]()
    for look, later in looks:
        number += later
        rounds.append(look(number))
        if is_kept(rounds[-1], kept[-1] if kept else None):
            kept.append(rounds[-1])
    assert spells(kept) == spells(rounds)
    for one in spells(kept):
        assert evidence_of(one, kept).failed_rounds >= 3


def test_an_outage_s_number_says_when_it_began() -> None:
    at = datetime(2027, 3, 31, 7, 0, 30, tzinfo=UTC)
    assert outage_number(at) == "L20270331T070030" and begin_of(outage_number(at)) == at
    assert begin_of("H20270331T070030") is None and begin_of("1") is None
