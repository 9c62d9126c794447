"""Debian's NetworkManager judges the gateway: `portal` before login, `full` after it, `limited` with the line cut."""

from collections.abc import Iterator
from ipaddress import IPv6Address

import pytest

from gateway.kernel.dhcp import lease_file
from gateway.lab.driver import Lab
from tests.lab.judges import line
from tests.lab.judges.ledger import end_and_read, the_one_session
from tests.lab.judges.networkmanager import PROBE_HOST, PROBE_PATH, Connectivity, NetworkManager, network_manager

CLIENT = "c3"


@pytest.fixture(scope="module")
def started(lab: Lab) -> Iterator[NetworkManager]:
    """One for all tests here, on a client that nobody else uses meanwhile."""
    with network_manager(lab, CLIENT) as manager:
        yield manager


@pytest.fixture
def manager(lab: Lab, started: NetworkManager) -> Iterator[NetworkManager]:
    """It finds nobody signed in, and nobody is left so."""
    lab.end_all_sessions()
    yield started
    lab.end_all_sessions()


def test_addresses_are_those_of_the_device(lab: Lab, manager: NetworkManager) -> None:
    (entry,) = [entry for entry in lab.status()["clients"] if entry["name"] == CLIENT]
    assert manager.addresses()[0] == entry["ipv4"]
    leases = [words.split() for words in lease_file(lab.config).read_text(encoding="ascii").splitlines()]
    assert [words[2] for words in leases if words[1] == entry["mac"]] == [entry["ipv4"]], "one device, one lease"
    assert lab.config.lan.ipv6 is not None
    assert any(IPv6Address(address) in lab.config.lan.ipv6.network for address in manager.addresses()[1:])


def test_portal_before_login(lab: Lab, manager: NetworkManager) -> None:
    before = _probes(lab)
    assert manager.check() == Connectivity("portal", "portal", "portal")
    assert lab.sessions() == []
    assert _probes(lab) == before, "the site that is asked has heard nothing"


def test_full_after_login(lab: Lab, manager: NetworkManager) -> None:
    manager.wait_for("portal")
    before = len(_probes(lab))
    assert lab.login(CLIENT).status == 200
    assert manager.check() == Connectivity("full", "full", "full"), "at once: nothing of before login is in the way"
    askers = _probes(lab)[before:]
    assert any("." in asker for asker in askers)
    assert any(":" in asker for asker in askers)
    up_bytes, down_bytes = end_and_read(lab, the_one_session(lab, CLIENT))
    assert up_bytes > 0
    assert down_bytes > 0


def test_portal_then_full_where_there_is_ipv6_alone(lab: Lab, manager: NetworkManager) -> None:
    with manager.ipv6_alone():
        lab.wait_until(lambda: manager.check().ipv6 == "portal", 10, "NetworkManager saying portal")
        assert manager.check().whole == "portal"
        before = len(_probes(lab))
        assert lab.login(CLIENT).status == 200
        told = manager.check()
        assert (told.whole, told.ipv6) == ("full", "full")
        assert all(":" in asker for asker in _probes(lab)[before:])
        up_bytes, down_bytes = end_and_read(lab, the_one_session(lab, CLIENT))
        assert up_bytes > 0 and down_bytes > 0
    manager.wait_for("portal")


def test_portal_again_when_the_session_has_ended(lab: Lab, manager: NetworkManager) -> None:
    lab.login(CLIENT)
    manager.wait_for("full")
    end_and_read(lab, the_one_session(lab, CLIENT))
    assert manager.check() == Connectivity("portal", "portal", "portal")


def test_limited_with_the_line_cut_and_full_when_it_is_back(lab: Lab, manager: NetworkManager) -> None:
    lab.login(CLIENT)
    manager.wait_for("full")
    session = the_one_session(lab, CLIENT)
    with line.cut(lab):
        assert manager.check() == Connectivity("limited", "limited", "limited")
        assert the_one_session(lab, CLIENT) == session, "a broken line ends nobody's session"
    manager.wait_for("full")
    assert the_one_session(lab, CLIENT) == session


def _probes(lab: Lab) -> list[str]:
    """Who asked the probe's site, one entry a request."""
    lines = (entry.split() for entry in lab.log("isp-web").splitlines())
    return [words[2] for words in lines if len(words) == 3 and words[:2] == [PROBE_HOST, PROBE_PATH]]
