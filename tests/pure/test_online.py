"""What the fake phone tells of the answers after login."""

from gateway.phone.findings import Outcome, Why, listed, why
from gateway.phone.judging import STILL_LED
from gateway.phone.online import Beliefs
from gateway.probe_table import PROBES, Probe

APPLE = next(probe for probe in PROBES if probe.client == "Apple")
OTHER = next(probe for probe in PROBES if probe.client not in ("Apple", "Android", "Windows", "Firefox"))
LED, STATUS, REFUSED = [why(STILL_LED)], [why("status", 500)], [why("refused_name")]


def beliefs(*answers: tuple[Probe, list[Why]]) -> Beliefs:
    gathered = Beliefs()
    for probe, fault in answers:
        gathered.add(probe, fault)
    return gathered


def test_one_good_answer_is_enough_for_a_kind() -> None:
    assert beliefs((APPLE, STATUS), (APPLE, [])).told(line_is_up=True) == (Outcome.OK, "ok", {"good": 1})


def test_who_is_led_to_the_portal_is_told_of_whatever_else_was_answered() -> None:
    gathered = beliefs((APPLE, STATUS), (APPLE, LED), (APPLE, [why("status", 404)]), (APPLE, []))
    assert gathered.led == {"Apple": LED}
    assert gathered.told(line_is_up=False) == (Outcome.FAULT, "led", {"kinds": listed({"Apple": LED})})


def test_a_kind_of_most_readers_must_be_online_while_the_line_is_up() -> None:
    gathered = beliefs((APPLE, STATUS), (OTHER, REFUSED))
    assert gathered.told(line_is_up=True) == (Outcome.FAULT, "fault", {"kinds": listed({"Apple": STATUS})})
    assert gathered.told(line_is_up=False) == (Outcome.NOTE, "line", {})


def test_a_rare_kind_is_a_note() -> None:
    kinds = listed({OTHER.client: REFUSED})
    assert beliefs((APPLE, []), (OTHER, REFUSED)).told(line_is_up=True) == (
        Outcome.NOTE,
        "some",
        {"good": 1, "kinds": kinds},
    )
