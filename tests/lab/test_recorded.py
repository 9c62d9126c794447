"""What the gateway itself sees, on the true kernel: the line cut and back, PCs on and off, bytes at the line."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.clock import SystemClock, local_day
from gateway.lab.driver import Lab
from gateway.lab.plan import MODEM_IPV6, OUTSIDE_RESOLVER_IPV4, WAN_IPV6, ClientPlan
from tests.lab.witness import ledger_sum

_CUT = "table netdev cut { chain line { type filter hook ingress device line0 priority 0; policy drop; }; }"
_ABROAD = (
    f"table ip abroad {{ chain in {{ type filter hook input priority 0; ip daddr {OUTSIDE_RESOLVER_IPV4} drop; }}; }}"
)


@pytest.fixture(autouse=True)
def nobody_on(lab: Lab) -> Iterator[None]:
    lab.end_all_sessions()
    yield
    lab.end_all_sessions()
    for each in json.loads(lab.cong("devices", "--json").stdout):
        lab.cong("device", "forget", each["mac"])


@contextmanager
def table(lab: Lab, rules: str) -> Iterator[None]:
    done = lab.run("isp", ["nft", "-f", "-"], stdin=rules)
    assert done.returncode == 0, done.stderr
    try:
        yield
    finally:
        lab.run("isp", ["nft", "delete", "table", *rules.split()[1:3]])


@contextmanager
def pulled(lab: Lab) -> Iterator[None]:
    """The cable to the modem is out."""
    lab.run("isp", ["ip", "link", "set", "line0", "down"])
    try:
        yield
    finally:
        network = str(lab.config.lan.ipv6.network) if lab.config.lan.ipv6 else ""
        for words in (
            ["link", "set", "line0", "up"],
            ["addr", "add", f"{MODEM_IPV6}/64", "dev", "line0", "nodad"],
            ["route", "add", network, "via", WAN_IPV6],
        ):
            done = lab.run("isp", ["ip", *words])
            assert done.returncode == 0, (words, done.stderr)


def month(lab: Lab) -> str:
    return f"{local_day(SystemClock().now(), lab.config.site.zone):%Y-%m}"


def told(lab: Lab, *words: str) -> Any:
    return json.loads(lab.cong(*words, "--json").stdout)


def outages(lab: Lab, cause: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = told(lab, "line", "outages", month(lab), "--cause", cause)
    return found


def test_a_cut_line_is_an_outage_with_evidence_while_it_lasts_and_after(lab: Lab) -> None:
    before = {one["id"] for one in outages(lab, "isp")}
    with table(lab, _CUT):
        going_on = lab.wait_until(lambda: [one for one in outages(lab, "isp") if one["id"] not in before], 40)
        assert len(going_on) == 1 and "end" not in going_on[0]
        lab.restart("gateway")  # in the middle of it
        looks = going_on[0]["failed_rounds"]
        lab.wait_until(lambda: outages(lab, "isp")[-1]["failed_rounds"] > looks + 1, 40)
        assert lab.cong("line", "told", going_on[0]["id"], "--ticket", "SC-1", "--by", "Lan").returncode == 0
    over = lab.wait_until(
        lambda: [one for one in outages(lab, "isp") if one.get("end") and one["id"] not in before], 20
    )
    (one,) = over
    assert (one["id"], one["begin"], one["ticket"]) == (going_on[0]["id"], going_on[0]["begin"], "SC-1")
    assert one["unanswered"] == 4 * one["failed_rounds"] and one["rev"] == 1
    log = lab.cong("line", "evidence", one["id"]).stdout
    assert hashlib.sha256(log.encode()).hexdigest() == one["evidence_sha256"]
    assert all(line.split()[1] == "1" for line in log.splitlines())  # the carrier was there all the time
    assert "1" in log.splitlines()[-1].split()[3]
    assert [row["cause"] for row in told(lab, "report", "month", month(lab))["sites"][0]["incidents"]].count("isp") >= 1


def test_a_pulled_cable_is_nobodys_until_staff_say_so(lab: Lab) -> None:
    before = {one["id"] for one in outages(lab, "unknown")}
    with pulled(lab):
        lab.wait_until(lambda: [one for one in outages(lab, "unknown") if one["id"] not in before], 40)
    (one,) = lab.wait_until(lambda: [x for x in outages(lab, "unknown") if x.get("end") and x["id"] not in before], 30)
    assert one["note"] == "no carrier"
    log = lab.cong("line", "evidence", one["id"]).stdout.splitlines()
    assert [line.split()[1] for line in log[:3]] == ["0", "0", "0"]
    lab.cong("line", "cause", one["id"], "isp", "--note", "nhân viên nhà mạng rút cáp", "--by", "Lan")
    assert one["id"] in {each["id"] for each in outages(lab, "isp")}


def test_only_the_world_abroad_away_is_told_and_no_outage(lab: Lab) -> None:
    known, before = len(told(lab, "line", "abroad", month(lab))), outages(lab, "isp")
    with table(lab, _ABROAD):
        lab.wait_until(lambda: len(told(lab, "line", "abroad", month(lab))) > known, 40)
    lab.wait_until(lambda: told(lab, "line", "abroad", month(lab))[-1]["end"], 20)
    assert outages(lab, "isp") == before


def test_a_pc_that_is_on_is_seen_and_one_whose_cable_is_out_is_not(lab: Lab) -> None:
    for number in (2, 3):
        lab.cong("device", "kiosk", ClientPlan(number).mac, "--name", f"PC{number:02}")
    lab.run("gw", ["ip", "neigh", "flush", "dev", "lan0"])
    # its cable, not its interface: that would lose its routes for all tests after this one
    lab.run("gw", ["ip", "link", "set", ClientPlan(3).port, "down"])
    try:
        assert lab.patron("c2").get("http://www.example.com/").status == 302
        lab.wait_until(lambda: lab.sql("SELECT 1 FROM pc_presence WHERE pc = 'PC02'"), 60, "PC02 to be seen")
        lab.login("c2")
        assert lab.sql("SELECT kind, pc FROM sessions ORDER BY id DESC LIMIT 1") == [("kiosk", "PC02")]
        assert lab.sql("SELECT count(*) FROM pc_presence WHERE pc = 'PC03'") == [(0,)]
        assert ClientPlan(2).mac not in lab.cong("facts", "export").stdout
    finally:
        lab.run("gw", ["ip", "link", "set", ClientPlan(3).port, "up"])


def interface(lab: Lab) -> tuple[int, int]:
    folder = Path("/sys/class/net/wan0/statistics")
    read = lab.run("gw", ["cat", str(folder / "tx_bytes"), str(folder / "rx_bytes")]).stdout.split()
    return int(read[0]), int(read[1])


def booked(lab: Lab) -> tuple[int, int]:
    ((up, down),) = lab.sql("SELECT sum(up_bytes), sum(down_bytes) FROM wan_days")
    return up, down


def test_the_lines_bytes_of_the_day_are_the_interfaces_over_a_kill_and_a_restart(lab: Lab) -> None:
    lab.restart("gateway")  # books all there is
    first, begun = interface(lab), booked(lab)
    ((since,),) = lab.sql("SELECT coalesce(max(id), 0) FROM sessions")
    lab.login("c1")
    for _ in range(2):
        lab.run("c1", ["curl", "-s", "-o", "/dev/null", "http://www.example.com/bytes/20000000"])
        pid = lab.status()["gateway"]["pids"]["gateway"]
        lab.run("gw", ["kill", "-9", str(pid)])
        lab.restart("gateway")
    lab.end_all_sessions()
    lab.restart("gateway")
    last, ended = interface(lab), booked(lab)
    counted, crossed = (tuple(b - a for a, b in zip(*pair, strict=True)) for pair in ((begun, ended), (first, last)))
    sessions = ledger_sum(lab, since)
    for line, at_most, of_sessions in zip(counted, crossed, sessions, strict=True):
        # the sessions' IP packets, 14 bytes of header a frame, and the gateway's own questions
        assert of_sessions <= line <= at_most + 100_000
        assert line >= 0.99 * at_most - 100_000
    assert sessions[1] > 40_000_000 and counted[1] < 1.05 * sessions[1]
    volume = told(lab, "report", "month", month(lab))["sites"][0]["line_volume"]
    assert volume["down_bytes"] >= ended[1]


def test_the_lines_speed_while_nobody_is_on(lab: Lab) -> None:
    url = "http://198.51.100.10/bytes/50000000"
    alone = told(lab, "line", "speed", "--url", url, "--lasts", "2")
    assert alone["kbit_s"] > 100_000 and alone["client_kbit_s"] < 0.05 * alone["kbit_s"]
    assert told(lab, "facts", "list", "speed_test")[-1] == alone
