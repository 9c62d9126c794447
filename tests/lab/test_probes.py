"""Each device's own question (gateway.probe_table) as the device asks it: led to the portal before login, its exact
online answer after. One login for the whole table."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from gateway.lab.driver import Lab
from gateway.lab.plan import WEB_IPV6
from gateway.phone.asking import Question, Reply
from gateway.phone.findings import Why
from gateway.phone.judging import captive_fault, online_fault
from gateway.probe_table import PROBES, Probe
from tests.lab.reconfigured import reconfigured

PORTAL = "http://wifi.internal/"
PLAYED = (
    "nintendo.net",
    "accounts.nintendo.net",
    "cdn.nintendo.net",
    "playstation.net",
    "steampowered.com",
    "store.steampowered.com",
    "x.test.steampowered.com",
)
# the shipped list of games holds consoles' makers: nothing is refused while the portal's own part is judged
_NO_FILTER = {"dns": {"profiles": {"adult": {"port": 5301, "block": ["gambling"], "games": "open"}}}}


@dataclass(frozen=True, slots=True)
class Case:
    """A row, by one family, as one program."""

    probe: Probe
    family: int
    agent: str
    before: Reply
    after: Reply

    def __str__(self) -> str:
        return f"{self.probe.client}: {self.probe.host}{self.probe.target} IPv{self.family} {self.agent[:24]}"


@dataclass(frozen=True, slots=True)
class Told:
    """All of it, and what the ledger says of it."""

    cases: list[Case]
    sessions: tuple[int, int, int]
    """Rows before the first question, after the captive round, after the online round; visits are counted from them."""
    live: int
    names: dict[str, str]
    """What the name Windows looks up led to, captive and online."""


def _questions() -> list[tuple[Probe, Question]]:
    """All of the table over IPv4 by name; and over IPv6, where a name may have no address before login, by address."""
    found = []
    for family, address in ((4, ""), (6, WEB_IPV6)):
        for probe in PROBES:
            if family == 4 and probe.host.startswith("ipv6."):
                continue
            for agent in probe.agents:
                question = Question(
                    address=address,
                    family=family,
                    https=probe.https,
                    host=probe.host,
                    target=probe.target,
                    agent=agent,
                )
                found.append((probe, question))
    return found


def _asked(lab: Lab, questions: list[Question]) -> list[Reply]:
    done = lab.run("c1", [sys.executable, "-m", "gateway.phone.asking"], stdin=json.dumps(questions), timeout=60)
    assert done.returncode == 0, done.stderr
    replies: list[Reply] = json.loads(done.stdout)
    return replies


def _rows(lab: Lab) -> int:
    return int(lab.sql("SELECT count(*) FROM sessions")[0][0])


def _windows_name(lab: Lab) -> str:
    return lab.run("c1", ["dig", "+short", "+tries=1", "+timeout=3", "dns.msftncsi.com", "A"]).stdout.strip()


@pytest.fixture(scope="class")
def told(lab: Lab) -> Iterator[Told]:
    with reconfigured(lab, _NO_FILTER):
        yield _round(lab)


def _round(lab: Lab) -> Told:
    asked = _questions()
    questions = [question for _, question in asked]
    first, captive_name = _rows(lab), _windows_name(lab)
    before = _asked(lab, questions)
    second = _rows(lab)
    lab.login("c1")
    after = _asked(lab, questions)
    cases = [
        Case(probe, question["family"], question["agent"], captive, online)
        for (probe, question), captive, online in zip(asked, before, after, strict=True)
    ]
    names = {"before": captive_name, "after": _windows_name(lab)}
    return Told(cases, (first, second, _rows(lab)), len(lab.sessions()), names)


def _captive_fault(case: Case) -> list[Why]:
    return captive_fault(case.probe, case.before, PORTAL)


def _online_fault(case: Case) -> list[Why]:
    return online_fault(case.probe, case.after, PORTAL)


class TestTheTable:
    """All of it, with one login."""

    def test_before_login_every_device_is_led_to_the_portal(self, told: Told) -> None:
        assert len(told.cases) > 100
        assert {str(case): fault for case in told.cases if (fault := _captive_fault(case))} == {}

    def test_after_login_every_device_gets_its_online_answer(self, told: Told) -> None:
        assert {str(case): fault for case in told.cases if (fault := _online_fault(case))} == {}

    def test_windows_gets_the_address_it_looks_up(self, told: Told) -> None:
        assert told.names["before"] != "131.107.255.255" == told.names["after"]

    def test_the_ledger_holds_the_login_and_nothing_of_probes(self, told: Told) -> None:
        first = told.sessions[0]
        assert told.sessions == (first, first, first + 1) and told.live == 1


def test_where_games_are_refused_consoles_still_learn_that_they_are_online(lab: Lab) -> None:
    """The shipped profile refuses these makers' names as a whole (games = "all"), but for their questions."""
    lab.end_all_sessions()
    lab.login("c1")
    rows = [each for each in _questions() if each[1]["family"] == 4]
    replies = _asked(lab, [question for _, question in rows])
    played = {name: lab.run("c1", ["dig", "+short", name]).stdout.strip() for name in PLAYED}
    lab.end_all_sessions()
    assert {probe.host for (probe, _), reply in zip(rows, replies, strict=True) if "failed" in reply} == set()
    assert played == dict.fromkeys(PLAYED, "0.0.0.0")
