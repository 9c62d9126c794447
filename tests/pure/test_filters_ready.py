"""Ready answers of all profiles share one space: a busy profile has what an idle one leaves."""

from filters.counts import ProfileCounts, Recent
from filters.policy import View
from filters.ready import Lane, Ready, Space
from filters.rules import LocalRules
from tests.filter_material import TextLists

_ANSWER = bytes(100)
_ROOM = 100_000


def _lane(name: str, space: Space) -> Lane:
    return Lane(name, View({}, TextLists(), LocalRules(), {}), ProfileCounts(Recent()), space)


def _fill(lane: Lane, count: int) -> None:
    for number in range(count):
        lane.keep(b"%08d" % number, Ready(_ANSWER, 1.0))


def test_a_busy_profile_has_the_room_of_idle_ones() -> None:
    space = Space(_ROOM)
    busy, idle = _lane("adult", space), _lane("staff", space)
    _fill(idle, 3)
    _fill(busy, 1000)
    assert _ROOM * 0.8 < busy.used_bytes + idle.used_bytes <= _ROOM
    assert len(idle.ready) == 3
    assert b"%08d" % 999 in busy.ready and b"%08d" % 0 not in busy.ready


def test_what_is_forgotten_makes_room() -> None:
    space = Space(_ROOM)
    first, second = _lane("adult", space), _lane("staff", space)
    _fill(first, 1000)
    first.change(first.view)
    assert first.used_bytes == 0 and not first.ready
    _fill(second, 100)
    assert len(second.ready) == 100


def test_the_same_question_takes_its_room_once() -> None:
    lane = _lane("adult", Space(_ROOM))
    for _ in range(10):
        lane.keep(b"same", Ready(_ANSWER, 1.0))
    assert len(lane.ready) == 1 and lane.used_bytes < 1000
