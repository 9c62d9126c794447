"""strict = "log-only": everything passes, and the operator reads how much would not."""

import json
from collections.abc import Iterator

import pytest

from gateway.lab.driver import Lab
from tests.lab.reaching import attempts
from tests.lab.reconfigured import reconfigured

TARGETS = ("tcp:198.51.100.11:443", "tcp:2001:db8:100::11:443", "udp:198.51.100.11:9999")


@pytest.fixture(autouse=True)
def looking(lab: Lab) -> Iterator[None]:
    profile = {"port": 5301, "block": ["bypass"], "games": "all", "strict": "log-only"}
    with reconfigured(lab, {"dns": {"profiles": {"adult": profile}}}):
        lab.login("c1", "http://news.example.vn/")
        yield


def by_address(lab: Lab) -> int:
    told = json.loads(lab.cong("dns", "stats", "--json").stdout)["today"]["profiles"]
    return int(told.get("adult", {}).get("refusals", {}).get("by-address", 0))


def _told(lab: Lab) -> int:
    events = (json.loads(line) for line in lab.log("gateway").splitlines() if "strict.would_refuse" in line)
    return sum(each["tries"] for each in events)


def test_an_address_nobody_answered_is_reached_and_told_without_its_name(lab: Lab) -> None:
    before, refused = _told(lab), by_address(lab)
    assert set(attempts(lab, "c1", *TARGETS).values()) <= {"open", "echo"}
    lab.wait_until(lambda: _told(lab) == before + len(TARGETS), 20, "the tries in the log")
    assert "198.51.100.11" not in lab.log("gateway")
    assert by_address(lab) == refused, "what passed is no refusal"
