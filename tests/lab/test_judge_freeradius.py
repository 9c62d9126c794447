"""FreeRADIUS lets patrons in, is told of every session to the byte, and ends one when it wants to."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter

import pytest

from gateway.lab.driver import Lab
from gateway.lab.patron import Answer
from gateway.lab.plan import SECOND_WEB_IPV4, WAN_IPV4
from tests.lab.judges import freeradius
from tests.lab.judges.freeradius import Judge
from tests.lab.reconfigured import reconfigured
from tests.lab.test_metering import kernel_counters
from tests.lab.witness import crossed, witness

PASSWORDS = {"lan": "thư viện 1", "mai": "another", "khoa": "x"}
FOUR_GIB = 1 << 32


@pytest.fixture(scope="module")
def place(lab: Lab) -> Iterator[Path]:
    with freeradius.directory() as found:
        server = {"address": freeradius.ADDRESS, "secret_file": str(found / "secret")}
        radius = {"servers": [server], "interim": "10s", "dead": "1s", "tries": 2}
        with reconfigured(lab, {"login": {"methods": ["radius", "terms"], "radius": radius}}):
            with freeradius.serving(lab, found):  # this boot is told of before any session
                lab.wait_until(lambda: "Accounting-On" in _told(found), 10, "Accounting-On")
            yield found


def _told(found: Path) -> str:
    path = found / "detail"
    return path.read_text(encoding="utf-8") if path.exists() else ""


@pytest.fixture
def judge(lab: Lab, place: Path) -> Iterator[Judge]:
    with freeradius.serving(lab, place) as found:
        yield found
        lab.end_all_sessions()
        untold = "SELECT count(*) FROM radius_sessions"
        lab.wait_until(lambda: lab.sql(untold) == [(0,)], 15, "every Stop to be acknowledged and forgotten")


def sign_in(lab: Lab, client: str, name: str, password: str | None = None) -> Answer:
    """What a patron sees after typing name and password: the status page, or the form with what is wrong."""
    patron = lab.patron(client)
    _, form = patron.splash()
    typed = {"name": name, "password": PASSWORDS[name] if password is None else password}
    fields = tuple((key, typed.get(key, value)) for key, value in form.fields)
    answer = patron.post(f"http://{lab.config.portal.hostname}{form.action}", fields, "http://wifi.internal")
    return patron.get(answer.location) if answer.status == 303 else answer


def online(lab: Lab, judge: Judge, client: str = "c1", name: str = "lan") -> tuple[int, dict[str, str]]:
    """A session of a name: its number and the Start that was told of it."""
    before = len(judge.records(name))
    answer = sign_in(lab, client, name)
    assert answer.status == 200 and "Bạn đã vào mạng" in answer.body, answer.body
    (session,) = [each["id"] for each in lab.sessions()]
    start = lab.wait_until(lambda: judge.records(name)[before:], 10, "the Start")[0]
    return session, start


def stop_of(lab: Lab, judge: Judge, start: dict[str, str]) -> dict[str, str]:
    def _stops() -> list[dict[str, str]]:
        same = [r for r in judge.records() if r.get("Acct-Session-Id") == start["Acct-Session-Id"]]
        return [r for r in same if r["Acct-Status-Type"] == "Stop"]

    return lab.wait_until(_stops, 15, "the Stop")[0]


def amount(record: dict[str, str], way: str) -> int:
    return (int(record[f"Acct-{way}-Gigawords"]) << 32) + int(record[f"Acct-{way}-Octets"])


def test_a_good_name_gets_what_its_account_grants(lab: Lab, judge: Judge) -> None:
    number, start = online(lab, judge)
    assert lab.patron("c1").get("http://www.example.com/").title == "www.example.com"
    ((method, profile, person, *limits),) = lab.sql(
        "SELECT method, profile, person, session_s, idle_s, limit_bytes, up_kbit_s, down_kbit_s"
        " FROM sessions WHERE id = ?",
        (number,),
    )
    assert (method, profile) == ("radius", "child") and limits == [1800, 600, 2 * FOUR_GIB + 1705032704, 8192, 16384]
    assert "lan" not in person and len(person) == 24
    assert start["Acct-Status-Type"] == "Start" and start["Class"] == "0x6c6f703341"
    assert (start["NAS-IP-Address"], start["NAS-Identifier"]) == (WAN_IPV4, "sa-thay")
    assert start["Calling-Station-Id"] == "02-00-5E-10-00-01" and start["NAS-Port-Type"] == "Wireless-802.11"
    assert start["Framed-IP-Address"].startswith("10.77.0.") and int(start["Acct-Delay-Time"]) <= 5


def test_a_bad_name_is_told_why_and_stays_outside(lab: Lab, judge: Judge) -> None:
    wrong = sign_in(lab, "c1", "lan", "not it")
    assert wrong.status == 200 and "Thông tin chưa đúng" in wrong.body and 'value="lan"' in wrong.body
    assert "not it" not in wrong.body
    refused = sign_in(lab, "c1", "khoa")
    assert "Thẻ &lt;b&gt;hết hạn&lt;/b&gt;: gia hạn ở quầy" in refused.body
    assert lab.sessions() == [] and lab.patron("c1").get("http://www.example.com/").status == 302
    assert "not it" not in lab.log("gateway") and "khoa" not in lab.log("gateway")


def test_all_bytes_are_told_over_four_gibibytes_and_a_kill(lab: Lab, judge: Judge) -> None:
    number, start = online(lab, judge)
    with witness(lab):
        early = kernel_counters(lab, number)
        _count_already(lab, number, FOUR_GIB)
        lab.run("c1", ["curl", "-s", "-o", "/dev/null", "http://www.example.com/bytes/3000000"])
        os.kill(lab.status()["gateway"]["pids"]["gateway"], signal.SIGKILL)
        lab.restart("gateway")

        def _interim() -> list[dict[str, str]]:
            mine = [r for r in judge.records() if r.get("Acct-Session-Id") == start["Acct-Session-Id"]]
            return [r for r in mine if r["Acct-Status-Type"] == "Interim-Update" and amount(r, "Output") > FOUR_GIB]

        interim = lab.wait_until(_interim, 25, "an Interim-Update")[-1]
        assert interim["Class"] == start["Class"] and int(interim["Acct-Session-Time"]) > 0
        up, down = crossed(lab)
        lab.cong("session", "end", str(number))
    stop = stop_of(lab, judge, start)
    assert stop["Acct-Terminate-Cause"] == "Admin-Reset" and stop["Acct-Output-Gigawords"] == "1"
    ((booked_up, booked_down),) = lab.sql(
        "SELECT sum(up_bytes), sum(down_bytes) FROM usage WHERE session_id = ?", (number,)
    )
    assert (amount(stop, "Input"), amount(stop, "Output")) == (booked_up, booked_down)
    assert (booked_up, booked_down) == (early[0] + up, early[1] + down + FOUR_GIB)
    assert down > 3_000_000 and amount(stop, "Output") >= amount(interim, "Output")
    told = [r["Acct-Status-Type"] for r in judge.records() if r.get("Acct-Session-Id") == start["Acct-Session-Id"]]
    assert told.count("Start") == 1 and told.count("Stop") == 1 and told[0] == "Start" and told[-1] == "Stop"


def _count_already(lab: Lab, number: int, amount_bytes: int) -> None:
    """The kernel's counter stands so much higher, as if as much had come down: its element is made anew so."""
    _, down = kernel_counters(lab, number)
    element = f"{{ {number} counter packets 1 bytes {down + amount_bytes} timeout 2h }}"
    batch = f"delete element inet cong down {{ {number} }}\nadd element inet cong down {element}\n"
    done = lab.run("gw", ["nft", "-f", "-"], stdin=batch)
    assert done.returncode == 0, done.stderr


def test_an_order_ends_a_running_download_within_a_second(lab: Lab, judge: Judge) -> None:
    number, start = online(lab, judge)
    which = f'Acct-Session-Id = "{start["Acct-Session-Id"]}"'
    command = ["curl", "-s", "-o", "/dev/null", "--limit-rate", "2M", "http://www.example.com/bytes/1000000000"]
    with ExitStack() as running:
        download = running.enter_context(subprocess.Popen([*lab.inside("c1"), *command]))
        running.callback(download.kill)
        lab.wait_until(lambda: lab.sessions()[0]["down_bytes"] > 200_000, 10, "bytes of the download")
        for refused in (
            judge.order("disconnect", which, secret="not-the-secret-at-all"),
            judge.order("disconnect", which, f"Packet-Src-IP-Address = {SECOND_WEB_IPV4}"),
            judge.order("disconnect", 'User-Name = "lan"', 'Event-Timestamp = "Jan 1 2026 00:00:00 UTC"'),
        ):
            assert "No reply from server" in refused, refused
        assert "Error-Cause = Session-Context-Not-Found" in judge.order("disconnect", 'Acct-Session-Id = "no"')
        assert "Error-Cause = Missing-Attribute" in judge.order("disconnect", 'User-Name = "lan"')
        other = judge.order("disconnect", which, 'NAS-Identifier = "another"')
        assert "Error-Cause = NAS-Identification-Mismatch" in other
        assert [each["id"] for each in lab.sessions()] == [number]
        with witness(lab):
            began = perf_counter()
            told = judge.order("disconnect", which, f"NAS-IP-Address = {WAN_IPV4}")
            took_s = perf_counter() - began
            assert "Received Disconnect-ACK" in told, told
            after = crossed(lab)
            print(f"ordered and acknowledged in {took_s * 1000:.0f} ms, radclient's own start included")
            assert took_s < 1 and all(crossed(lab) == after for _ in range(20)), "the download goes on"
    assert lab.sql("SELECT state, cause FROM sessions WHERE id = ?", (number,)) == [("closed", "admin-reset")]
    assert lab.patron("c1").get("http://www.example.com/").status == 302
    stop = stop_of(lab, judge, start)
    ((up, down),) = lab.sql("SELECT total_up_bytes, total_down_bytes FROM sessions WHERE id = ?", (number,))
    assert (amount(stop, "Input"), amount(stop, "Output"), stop["Acct-Terminate-Cause"]) == (up, down, "Admin-Reset")


def test_an_order_gives_a_running_session_other_limits(lab: Lab, judge: Judge) -> None:
    number, start = online(lab, judge)
    which = f'Acct-Session-Id = "{start["Acct-Session-Id"]}"'
    row = "SELECT session_s, idle_s, limit_bytes, up_kbit_s, down_kbit_s FROM sessions WHERE id = ?"
    ((_, idle_s, limit_bytes, up, down),) = before = lab.sql(row, (number,))
    for attribute, cause in (
        ("Session-Timeout = 0", "Invalid-Attribute-Value"),
        ('Filter-Id = "adult"', "Unsupported-Attribute"),
        ('Class = "x"', "Missing-Attribute"),
    ):
        told = judge.order("coa", which, attribute)
        assert "Received CoA-NAK" in told and f"Error-Cause = {cause}" in told, told
    assert "Session-Context-Not-Found" in judge.order("coa", 'Acct-Session-Id = "no"', "Session-Timeout = 60")
    assert lab.sql(row, (number,)) == before

    lab.run("c1", ["curl", "-s", "-o", "/dev/null", "http://www.example.com/bytes/2000000"])
    counted = kernel_counters(lab, number)
    with witness(lab):
        told = judge.order("coa", which, "Session-Timeout = 3600", "WISPr-Bandwidth-Max-Down = 4000000")
        assert "Received CoA-ACK" in told, told
        assert lab.sql(row, (number,)) == [(3600, idle_s, limit_bytes, up, 4000)] and down == 16384
        for what, name in (("set", "up"), ("set", "down"), ("map", "sess"), ("map", "class")):
            listed = lab.run("gw", ["nft", "list", what, "inet", "cong", name]).stdout
            assert re.search(r"timeout 1h(9m\d+s|10m)", listed), listed  # the limit and the dead man's ten minutes
        began = perf_counter()
        lab.run("c1", ["curl", "-s", "-o", "/dev/null", "http://www.example.com/bytes/3000000"])
        took_s = perf_counter() - began
        up_bytes, down_bytes = crossed(lab)
        print(f"3 MB at 4 Mbit/s took {took_s:.1f} s")
        assert 5 < took_s < 9
        assert kernel_counters(lab, number) == (counted[0] + up_bytes, counted[1] + down_bytes)
    assert "Received CoA-ACK" in judge.order("coa", which, "Session-Timeout = 1")
    lab.wait_until(lambda: lab.sessions() == [], 15, "the end of a session whose time is over")
    assert stop_of(lab, judge, start)["Acct-Terminate-Cause"] == "Session-Timeout"


def test_what_a_dead_server_missed_is_told_when_it_is_back(lab: Lab, place: Path) -> None:
    with freeradius.serving(lab, place) as judge:
        number, start = online(lab, judge)
        judge.kill()
    answer = sign_in(lab, "c2", "mai")
    assert "Máy chủ tài khoản chưa trả lời" in answer.body and "Thông tin chưa đúng" not in answer.body
    lab.cong("session", "end", str(number))
    assert lab.sessions() == []
    os.kill(lab.status()["gateway"]["pids"]["gateway"], signal.SIGKILL)
    lab.restart("gateway")
    assert lab.sql("SELECT session_id FROM radius_sessions") == [(number,)]
    lab.wait_until(lambda: "radius.server_silent" in lab.log("gateway"), 15, "the event")
    with freeradius.serving(lab, place) as judge:
        stop = stop_of(lab, judge, start)
        assert int(stop["Acct-Delay-Time"]) >= 2 and stop["Acct-Terminate-Cause"] == "Admin-Reset"
        told = [r["Acct-Status-Type"] for r in judge.records() if r.get("Acct-Session-Id") == start["Acct-Session-Id"]]
        assert [kind for kind in told if kind != "Interim-Update"] == ["Start", "Stop"]
        lab.wait_until(lambda: lab.sql("SELECT count(*) FROM radius_sessions") == [(0,)], 5, "the name to be gone")
        _, again = online(lab, judge, "c2", "mai")
        assert again["User-Name"] == "mai"
        lab.end_all_sessions()
        stop_of(lab, judge, again)
