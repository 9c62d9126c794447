"""Steps of a device, put together."""

from datetime import UTC, datetime, timedelta

from gateway.access.timeline import KEPT, MOST_STEPS, Moment, Step, since_last_on, stuck_at, with_step

START = datetime(2027, 3, 31, 1, 0, tzinfo=UTC)


def at(seconds: float, step: Step = Step.PROBE, detail: str = "") -> Moment:
    return Moment(START + timedelta(seconds=seconds), step, detail)


def test_the_same_step_within_a_minute_is_counted() -> None:
    moments: list[Moment] = []
    for new in (at(0), at(1, Step.NAME), at(20), at(59), at(70)):
        moments = with_step(moments, new)
    assert [(each.step, each.count) for each in moments] == [(Step.PROBE, 3), (Step.NAME, 1), (Step.PROBE, 1)]
    assert with_step(moments, at(71, Step.REFUSED, "wrong"))[-1].detail == "wrong"


def test_a_day_and_sixty_steps_are_kept() -> None:
    moments: list[Moment] = []
    for n in range(200):
        moments = with_step(moments, at(100 * n))
    assert len(moments) == MOST_STEPS + 1
    later = Moment(START + KEPT + timedelta(seconds=100 * 199), Step.PAGE)
    assert with_step(moments, later) == [later]


def test_how_far_a_device_came_since_it_was_last_on() -> None:
    assert stuck_at([]) is None
    way = [at(0, Step.LEASE), at(1, Step.NAME), at(2, Step.PROBE)]
    assert stuck_at(way) is Step.PROBE
    assert stuck_at([*way, at(3, Step.PAGE), at(4, Step.NAME)]) is Step.PAGE, "the furthest, not the last"
    on = [*way, at(5, Step.OPENED), at(6, Step.TRAFFIC)]
    assert stuck_at(on) is None
    assert since_last_on([*on, at(7, Step.CLOSED), at(8, Step.NAME)]) == [at(8, Step.NAME)]
    assert stuck_at([*on, at(7, Step.CLOSED), at(8, Step.NAME)]) is Step.NAME
    assert stuck_at([*on, at(7, Step.CLOSED)]) is None
