"""The line is cut: names asked before go on from the cache, new ones say why not, and all is well when it is back."""

from collections.abc import Iterator
from itertools import count

import pytest

from gateway.lab.driver import Lab

_WEB4 = "198.51.100.10"
_CUT = (
    "add table netdev cut; add chain netdev cut line { type filter hook ingress device line0 priority 0; policy drop; }"
)


@pytest.fixture
def cut_line(lab: Lab) -> Iterator[None]:
    lab.end_all_sessions()
    lab.login("c1")
    yield
    lab.run("isp", ["nft", "delete table netdev cut"])
    lab.wait_until(lambda: _WEB4 in _dig(lab, "v4only.example"), 60, "the line to be back")
    lab.end_all_sessions()


def _dig(lab: Lab, name: str, *more: str) -> str:
    return lab.run("c1", ["dig", "+tries=1", "+timeout=7", name, *more]).stdout


def _stale(lab: Lab, name: str) -> str:
    told = _dig(lab, name)
    return told if "EDE: 3 (Stale Answer)" in told else ""


def test_names_asked_before_go_on_when_the_line_is_cut(lab: Lab, cut_line: None) -> None:
    for _ in range(10):  # each worker has a cache of its own, and a new port may lead to either
        assert _WEB4 in _dig(lab, "short.example")  # lives for a second
        assert _WEB4 in _dig(lab, "news.example.vn")  # lives on
    assert "0.0.0.0" in _dig(lab, "garena.vn")
    cut = lab.run("isp", ["nft", _CUT])
    assert cut.returncode == 0, cut.stderr
    stale = lab.wait_until(lambda: _stale(lab, "short.example"), 15, "the old answer")
    assert _WEB4 in stale
    assert "\t30\tIN\tA\t" in stale.replace(" ", "")
    assert _WEB4 in _dig(lab, "news.example.vn")
    assert "0.0.0.0" in _dig(lab, "garena.vn")
    new = _dig(lab, "films.example")
    assert "SERVFAIL" in new
    assert "EDE: 22" in new or "EDE: 23" in new
    assert "upstream.rested" in lab.log("dns")
    lab.run("isp", ["nft", "delete table netdev cut"])
    lab.wait_until(lambda: _WEB4 in _dig(lab, "films.example"), 20, "a new name to resolve again")
    lab.wait_until(lambda: "EDE" not in _dig(lab, "short.example"), 5, "fresh answers for old names")

    types = count(1000)

    def told() -> bool:
        # a question of a type never asked before: of those that failed a worker asks again after 30 s only (RFC 8767)
        _dig(lab, "films.example", "-t", f"TYPE{next(types)}")
        return "upstream.returned" in lab.log("dns")

    lab.wait_until(told, 15, "the log to say so")
