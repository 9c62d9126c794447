"""Ready answers of all profiles share one space: a busy profile has what an idle one leaves."""

from hypothesis import given
from hypothesis import strategies as st

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


def _question(name: bytes) -> bytes:
    labels = b"".join(bytes([len(label)]) + label for label in name.split(b"."))
    return b"\1\0\0\1\0\0\0\0\0\0" + labels + b"\0\0\1\0\1"


def _kept(lane: Lane, name: bytes, until: float) -> bytes:
    question = _question(name)
    body = b"\x81\x80\0\1\0\1\0\0\0\0" + question[10:] + b"\xc0\x0c\0\1\0\1\0\0\0\x1e\0\4\xc6\x33\x64\x0a"
    lane.keep(question, Ready(body, until, "example.vn", "games"))
    return body


def test_a_question_in_another_spelling_gets_the_ready_answer_in_its_own() -> None:
    lane = _lane("adult", Space(_ROOM))
    body = _kept(lane, b"www.example.vn", 10.0)
    ready = lane.respelled(b"id" + _question(b"wWw.EXAMPLE.vN"), 5.0)
    assert ready is not None
    assert bytes(ready.body) == body.replace(b"\3www\7example\2vn", b"\3wWw\7EXAMPLE\2vN")
    assert (ready.domain, ready.category) == ("example.vn", "games")
    assert lane.ready[_question(b"www.example.vn")].body == body, "the kept one keeps its spelling"
    assert len(lane.ready) == 1


def test_only_a_living_answer_to_the_very_question_is_respelled() -> None:
    lane = _lane("adult", Space(_ROOM))
    _kept(lane, b"www.example.vn", 10.0)
    assert lane.respelled(b"id" + _question(b"WWW.example.vn"), 10.0) is None, "its life is over"
    assert lane.respelled(b"id" + _question(b"www.example.vn"), 5.0) is None, "the plain one is looked for before"
    assert lane.respelled(b"id" + _question(b"WWW.example.com"), 5.0) is None
    assert lane.respelled(b"id" + _question(b"WWW.example.vn").replace(b"\0\1\0\1", b"\0\x41\0\1"), 5.0) is None


@given(st.binary(max_size=80))
def test_no_packet_is_too_odd_to_be_looked_for(packet: bytes) -> None:
    lane = _lane("adult", Space(_ROOM))
    _kept(lane, b"www.example.vn", 10.0)
    assert lane.respelled(packet, 5.0) is None
