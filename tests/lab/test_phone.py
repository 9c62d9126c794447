"""cong doctor --portal: the fake phone's walk on the real box, what it says when something is broken, and that neither
its end nor its death leaves anything."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.lab.driver import Lab
from gateway.phone.cable import PLUG, TO_ALL, TO_PHONE
from tests.lab.reconfigured import reconfigured

_BY_FILTERS = """
import sys
from pathlib import Path
from gateway.cli.self_check import self_check, told
from gateway.config.load import load_config
kept = self_check(load_config(Path(sys.argv[1])), lambda step: print(told(step, "en"), flush=True), as_port=False)
sys.exit(0 if kept.is_good else 1)
"""
_BLOCKED = "refused.example.net"
_WALK = ["firewall", "lease", "ipv6", "garden", "captive", "https", "page"]
_SIGNED_IN = ["sign_in", "filter", "online", "blocked", "end", "ledger"]


@pytest.fixture(autouse=True)
def nobody_in(lab: Lab) -> Iterator[None]:
    lab.end_all_sessions()
    lab.cong("block", _BLOCKED)
    yield
    lab.cong("unblock", _BLOCKED)
    lab.end_all_sessions()


def _doctor(lab: Lab) -> dict[str, Any]:
    done = lab.cong("doctor", "--portal", "--json", check=False)
    assert done.stdout, done.stderr
    tree: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == (0 if tree["good"] else 1), done.stderr
    return tree


def _outcomes(tree: dict[str, Any]) -> dict[str, str]:
    return {step["step"]: step["outcome"] for step in tree["steps"]}


def _faults(tree: dict[str, Any]) -> dict[str, str]:
    return {step["step"]: step["said"] for step in tree["steps"] if step["outcome"] == "fault"}


def _left(lab: Lab) -> str:
    """What of a run is on the box."""
    lan = lab.config.lan.interface
    look = f"ip -o link show | grep -F {PLUG}; tc filter show dev {lan} egress; tc qdisc show dev {lan} clsact"
    return lab.run("gw", ["sh", "-c", look]).stdout.strip()


def _by_filters(lab: Lab) -> list[str]:
    return [sys.executable, "-P", "-c", _BY_FILTERS, str(lab.files.config)]


def _end(lab: Lab, name: str, by: signal.Signals) -> None:
    state = lab.files.load()
    assert state
    os.kill(state.processes[name].pid, by)


def _rows(lab: Lab) -> list[tuple[Any, ...]]:
    return lab.sql("SELECT state, cause, counted, method FROM sessions ORDER BY id DESC LIMIT 1")


class TestInOrder:
    def test_the_phone_walks_through_and_the_ledger_says_so(self, lab: Lab) -> None:
        others = lab.login("c1").title, [session["id"] for session in lab.sessions()]
        attempts = lab.sql("SELECT count(*) FROM attempts")
        tree = _doctor(lab)
        assert _faults(tree) == {}
        assert [step["step"] for step in tree["steps"]] == _WALK + _SIGNED_IN
        # the shipped profile refuses consoles' makers: a note
        assert {step for step, outcome in _outcomes(tree).items() if outcome != "ok"} <= {"online"}
        assert _rows(lab) == [("closed", "user-request", 0, "terms")]
        assert [session["id"] for session in lab.sessions()] == others[1], "another device's session is as it was"
        assert lab.sql("SELECT count(*) FROM attempts")[0][0] == attempts[0][0] + 1, "of a device that is not counted"
        assert _left(lab) == ""
        said = lab.cong("doctor").stdout
        assert "self-check: today" in said and "in order" in said

    def test_in_vietnamese_for_the_staff(self, lab: Lab) -> None:
        said = lab.cong("doctor", "--portal", "--language", "vi").stdout
        assert "Trang đăng nhập: mở được" in said and f"{_BLOCKED} bị chặn" in said

    def test_on_an_interface_that_is_no_bridge(self, lab: Lab) -> None:
        done = lab.run("gw", _by_filters(lab), timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Ending the session" in done.stdout and _rows(lab) == [("closed", "user-request", 0, "terms")]
        assert _left(lab) == ""

    def test_without_rights_but_those_of_its_unit(self, lab: Lab) -> None:
        # the last stands for owning the state's files, which are root's here
        caps = "+net_admin,+net_raw,+dac_override"
        kept = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        kept += [f"--bounding-set=-all,{caps}", f"--inh-caps=-all,{caps}", f"--ambient-caps=-all,{caps}"]
        done = lab.run("gw", [*kept, *_by_filters(lab)], timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Ending the session" in done.stdout and _left(lab) == ""

    def test_before_opening_it_gets_in_and_readers_do_not(self, lab: Lab) -> None:
        hours = {"enforce": True, "mon": ["00:00-00:01"]}
        with reconfigured(lab, {"hours": hours}):
            assert _faults(_doctor(lab)) == {}
            assert "<form" not in lab.run("c1", ["curl", "-sL", "--max-time", "5", "http://www.example.com/"]).stdout

    def test_where_terms_are_not_enough_it_looks_at_the_page_alone(self, lab: Lab) -> None:
        with reconfigured(lab, {"login": {"methods": ["voucher"]}}):
            attempts = lab.sql("SELECT count(*) FROM attempts")
            tree = _doctor(lab)
            assert _faults(tree) == {} and _outcomes(tree)["sign_in"] == "note" and "end" not in _outcomes(tree)
            assert lab.sql("SELECT count(*) FROM attempts") == attempts


class TestBroken:
    def test_the_gateway_is_down(self, lab: Lab) -> None:
        _end(lab, "gateway", signal.SIGKILL)
        try:
            faults = _faults(_doctor(lab))
        finally:
            lab.restart("gateway")
        assert "garden" in faults and set(faults) <= {"garden", "ipv6"}
        done = lab.cong("doctor", check=False)
        assert done.returncode == 1 and "FAULT  self-check: today" in done.stdout
        assert "cong-gateway" in done.stdout

    def test_the_filter_is_down(self, lab: Lab) -> None:
        _end(lab, "dns", signal.SIGTERM)
        try:
            tree = _doctor(lab)
        finally:
            lab.restart("dns")
        assert set(_faults(tree)) == {"filter"} and _outcomes(tree)["end"] == "ok"
        assert _rows(lab) == [("closed", "user-request", 0, "terms")]

    def test_the_ruleset_is_gone(self, lab: Lab) -> None:
        """With nobody there to put it back: a gateway that runs does so within a moment."""
        _end(lab, "gateway", signal.SIGKILL)
        lab.run("gw", ["nft", "flush", "ruleset"])
        try:
            faults = _faults(_doctor(lab))
        finally:
            lab.cong("firewall", "load")
            lab.restart("gateway")
        assert next(iter(faults)) == "firewall" and set(faults) <= {"firewall", "ipv6", "garden"}

    def test_the_ruleset_comes_back_and_the_walk_goes_well(self, lab: Lab) -> None:
        lab.run("gw", ["nft", "flush", "ruleset"])
        assert set(_faults(_doctor(lab))) <= {"firewall"}

    def test_nobody_gives_addresses(self, lab: Lab) -> None:
        _end(lab, "dhcp", signal.SIGTERM)
        try:
            faults = _faults(_doctor(lab))
        finally:
            lab.restart("dhcp")
        assert faults == {"lease": "nobody gave an address"}

    def test_the_line_is_down_and_the_portal_not_at_fault(self, lab: Lab) -> None:
        with reconfigured(lab, {"dns": {"upstreams": ["192.0.2.1"], "forward": []}}):  # leads to nobody
            tree = _doctor(lab)
        assert _faults(tree) == {} and _outcomes(tree)["filter"] == "note"


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGTERM])
def test_what_a_killed_run_left_is_cleared(lab: Lab, by: signal.Signals) -> None:
    with subprocess.Popen([*lab.inside("gw"), *_by_filters(lab)], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        for line in running.stdout:  # in the midst of it
            if line.startswith("('Signing in"):
                break
        running.send_signal(by)
    if by is signal.SIGTERM:
        assert _left(lab) == ""
        return
    lab.wait_until(lambda: PLUG + "@" not in _left(lab), what="the cable is gone with the phone")
    assert str(TO_PHONE) in _left(lab) and str(TO_ALL) in _left(lab)
    assert _faults(_doctor(lab)) == {}
    assert _left(lab) == ""
    assert _rows(lab) == [("closed", "user-request", 0, "terms")]
    assert lab.sessions() == []
