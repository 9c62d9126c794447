"""What class a session gets, for every mix of line rate and own rate."""

import pytest

from gateway.config.load import parse_config
from gateway.config.model import Config
from gateway.kernel.qdisc import LINE, HtbClass
from gateway.kernel.ruleset import ruleset
from gateway.kernel.shaper import QUANTUM_BYTES, UP, Wire, wires

_Q = QUANTUM_BYTES


@pytest.mark.parametrize(
    ("line_kbit_s", "own_kbit_s", "wanted"),
    [
        (None, None, None),
        (None, 2000, HtbClass(0, 250_000, 250_000, _Q)),
        (20_000, None, HtbClass(LINE, 4638, 2_375_000, _Q)),  # 95 % of the line, and a 512th of it for its own
        (20_000, 2000, HtbClass(LINE, 4638, 250_000, _Q)),
        (20_000, 50_000, HtbClass(LINE, 4638, 2_375_000, _Q)),  # not above the line
        (256, None, HtbClass(LINE, 1000, 30_400, _Q)),
    ],
)
def test_a_session_has_a_class_where_the_line_or_it_has_a_rate(
    line_kbit_s: int | None, own_kbit_s: int | None, wanted: HtbClass | None
) -> None:
    assert Wire("wan0", line_kbit_s, _Q).wanted(own_kbit_s) == wanted


def test_up_leaves_to_the_line_and_down_to_the_library() -> None:
    both = wires(parse_config('[wan]\nup = "10Mbit"\n', where="x"))
    assert {way: (wire.interface, wire.line_kbit_s) for way, wire in both.items()} == {
        "up": ("wan0", 10_000),
        "down": ("lan0", None),
    }
    assert both[UP].line == HtbClass(0, 1_187_500, 1_187_500, _Q)


@pytest.mark.parametrize(
    ("text", "looked_up"),
    [
        ("", False),
        ('[wan]\ndown = "10Mbit"\n', True),
        ('[login.limits.adult]\nup = "512kbit"\n', True),
    ],
)
def test_without_any_rate_no_packet_is_looked_up(text: str, looked_up: bool) -> None:
    config = parse_config(text, where="x")
    assert config.may_shape == looked_up == ("priority set" in ruleset(config))


def test_no_rate_is_the_default() -> None:
    assert not Config().may_shape and Config().wan.up_kbit_s is None
