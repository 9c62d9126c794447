"""What the fake phone tells of the answers after login."""

from gateway.phone.findings import Outcome
from gateway.phone.judging import STILL_LED
from gateway.phone.online import Beliefs
from gateway.probe_table import PROBES, Probe

APPLE = next(probe for probe in PROBES if probe.client == "Apple")
OTHER = next(probe for probe in PROBES if probe.client not in ("Apple", "Android", "Windows", "Firefox"))


def beliefs(*answers: tuple[Probe, str]) -> Beliefs:
    gathered = Beliefs()
    for probe, fault in answers:
        gathered.add(probe, fault)
    return gathered


def test_one_good_answer_is_enough_for_a_kind() -> None:
    assert beliefs((APPLE, "status 500"), (APPLE, "")).told(line_is_up=True) == (Outcome.OK, "ok", {"good": 1})


def test_who_is_led_to_the_portal_is_told_of_whatever_else_was_answered() -> None:
    gathered = beliefs((APPLE, "status 500"), (APPLE, STILL_LED), (APPLE, "status 404"), (APPLE, ""))
    assert gathered.led == {"Apple": STILL_LED}
    assert gathered.told(line_is_up=False) == (Outcome.FAULT, "led", {"kinds": f"Apple: {STILL_LED}"})


def test_a_kind_of_most_readers_must_be_online_while_the_line_is_up() -> None:
    gathered = beliefs((APPLE, "status 500"), (OTHER, "refused by name"))
    assert gathered.told(line_is_up=True) == (Outcome.FAULT, "fault", {"kinds": "Apple: status 500"})
    assert gathered.told(line_is_up=False) == (Outcome.NOTE, "line", {})


def test_a_rare_kind_is_a_note() -> None:
    kinds = f"{OTHER.client}: refused by name"
    assert beliefs((APPLE, ""), (OTHER, "refused by name")).told(line_is_up=True) == (
        Outcome.NOTE,
        "some",
        {"good": 1, "kinds": kinds},
    )
