"""Known devices, staff approval and return after a MAC change, with true packets and by the operator's commands."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.clock import SystemClock, local_day
from gateway.lab.clients import dhclient
from gateway.lab.driver import Lab
from gateway.lab.patron import Answer, Patron
from gateway.lab.plan import ClientPlan
from gateway.phone.form import Form, post_form
from tests.lab.power import in_store, kill_gateway, power_returns
from tests.lab.reconfigured import reconfigured

WEB4, WEB6 = "198.51.100.10", "2001:db8:100::10"
ROTATED = "0a:00:5e:20:00:01"
PORTAL = "http://wifi.internal"
CURL_CUT = (28, 56)
"""Nothing came for three seconds, or the connection was reset."""


@pytest.fixture(autouse=True)
def clean(lab: Lab) -> Iterator[None]:
    forget_all(lab)
    lab.end_all_sessions()
    yield
    forget_all(lab)
    lab.end_all_sessions()


def forget_all(lab: Lab) -> None:
    for each in json.loads(lab.cong("devices", "--json").stdout):
        lab.cong("device", "forget", each["mac"])


def mac(number: int) -> str:
    return ClientPlan(number).mac


def curl(lab: Lab, client: str, url: str, *options: str) -> subprocess.CompletedProcess[str]:
    return lab.run(client, ["curl", "-sS", "--max-time", "5", *options, url])


def ledger(lab: Lab, columns: str, since: int) -> list[tuple[Any, ...]]:
    return lab.sql(f"SELECT {columns} FROM sessions WHERE id > ? ORDER BY id", (since,))


def last_id(lab: Lab) -> int:
    return int(lab.sql("SELECT coalesce(max(id), 0) FROM sessions")[0][0])


def test_an_exempt_device_is_online_without_a_page_by_both_families(lab: Lab) -> None:
    since = last_id(lab)
    lab.cong("device", "exempt", mac(1), "--name", "Máy in", "--profile", "staff")
    lab.wait_until(lambda: "www.example.com</title>" in curl(lab, "c1", "http://www.example.com/").stdout, 10)
    for address in (WEB4, f"[{WEB6}]"):
        assert "example" in curl(lab, "c1", f"http://{address}/", "-H", "Host: www.example.com").stdout
    columns = "method, profile, counted, kind, person"
    assert ledger(lab, columns, since) == [("exempt", "staff", 0, "wifi", None)]
    assert lab.sql("SELECT count(*) FROM consents WHERE session_id > ?", (since,)) == [(0,)]
    # its session is over: it knocks, by a question or by an address, and is let in again
    lab.end_all_sessions()
    lab.wait_until(lambda: "www.example.com</title>" in curl(lab, "c1", "http://www.example.com/").stdout, 15)
    lab.end_all_sessions()
    lab.wait_until(lambda: "302" not in curl(lab, "c1", f"http://[{WEB6}]/", "-I").stdout, 15)
    # and after a restart of the gateway it is on as before
    lab.restart("gateway")
    assert "www.example.com</title>" in curl(lab, "c1", "http://www.example.com/").stdout
    assert {method for (method,) in ledger(lab, "method", since)} == {"exempt"}
    lab.cong("device", "forget", mac(1))
    assert lab.sessions() == []


def test_a_bar_cuts_a_running_download_and_the_page_says_so(lab: Lab) -> None:
    lab.login("c1")
    since = last_id(lab) - 1
    url = f"http://{WEB4}/bytes/2000000000"
    slowly = ["curl", "-s", "-o", "/dev/null", "--limit-rate", "5M", "--speed-limit", "1", "--speed-time", "3", url]
    running = subprocess.Popen([*lab.inside("c1"), *slowly])
    try:
        lab.wait_until(lambda: lab.sessions()[0]["down_bytes"] > 1_000_000, 10)
        lab.cong("device", "bar", mac(1), "--reason", "secret reason", "--for", "1h")
        assert lab.sessions() == []
        assert running.wait(20) in CURL_CUT
    finally:
        running.kill()
        running.wait()
    page = lab.patron("c1").get(f"{PORTAL}/")
    assert page.status == 403 and "Thiết bị này không được vào mạng" in page.body
    assert "secret" not in page.body and mac(1) not in page.body
    assert lab.patron("c2").get(f"{PORTAL}/").status == 200
    assert ledger(lab, "cause", since) == [("admin-reset",)]
    lab.cong("device", "forget", mac(1))
    assert "Bạn đã vào mạng" in lab.login("c1").body


def test_a_pc_of_the_library_is_a_kiosk_in_the_ledger(lab: Lab) -> None:
    since = last_id(lab)
    lab.cong("device", "kiosk", mac(1), "--name", "PC07", "--profile", "child")
    page, form = lab.patron("c1").splash()
    assert "PC07" in page.body
    assert "PC07" not in lab.patron("c2").get(f"{PORTAL}/").body
    online = lab.patron("c1").send(page, form)
    assert "PC07" in online.body and "set-cookie" not in online.headers
    assert ledger(lab, "kind, profile, idle_s, counted, method", since) == [("kiosk", "child", 600, 1, "terms")]
    lab.end_all_sessions()
    again, _ = lab.patron("c1").splash()
    assert 'name="agree"' in again.body  # the terms anew


def test_approval_from_the_page_to_the_ledger(lab: Lab) -> None:
    with reconfigured(lab, {"login": {"methods": ["approval", "terms"]}}):
        since = last_id(lab)
        page, form = lab.patron("c1").splash("http://news.example.vn/")
        waiting = lab.patron("c1").send(page, form)
        code = re.findall(r'<strong class="host">(\d{4})</strong>', waiting.body)[0]
        assert waiting.headers["refresh"] == "5" and lab.sessions() == []
        (listed,) = json.loads(lab.cong("approvals", "--json").stdout)
        assert listed["code"] == code
        for _ in range(2):  # twice is once
            assert "approved" in lab.cong("approve", code, "--for", "30m", "--profile", "child", "--by", "Hà").stdout
        online = lab.patron("c1").get(lab.patron("c1").get(f"{PORTAL}/waiting").location)
        assert "Bạn đã vào mạng" in online.body and "30 phút" in online.body
        columns = "method, profile, session_s, kind, person"
        assert ledger(lab, columns, since) == [("approval", "child", 1800, "wifi", None)]
        assert lab.sql("SELECT count(*) FROM consents WHERE session_id > ?", (since,)) == [(1,)]
        assert lab.sql("SELECT answered_by, state FROM approvals ORDER BY id DESC LIMIT 1") == [("Hà", "approved")]
        page, form = lab.patron("c2").splash()
        waiting = lab.patron("c2").send(page, form)
        code = re.findall(r'<strong class="host">(\d{4})</strong>', waiting.body)[0]
        lab.cong("approve", code, "--refuse")
        assert "chưa đồng ý" in lab.patron("c2").get(f"{PORTAL}/waiting").body
        assert len(lab.sessions()) == 1


@contextmanager
def other_mac(lab: Lab) -> Iterator[None]:
    """c1 shows another MAC and asks for a lease with it, as a phone does that rotates its address."""
    asking = set_mac(lab, ROTATED, "c1-rotated")
    try:
        yield
    finally:
        asking.terminate()
        asking.wait()
        back = set_mac(lab, mac(1), "c1-back")
        back.terminate()
        back.wait()


def set_mac(lab: Lab, address: str, name: str) -> "subprocess.Popen[str]":
    before = ipv4(lab)
    script = (
        f"ip -4 addr flush dev eth0; ip link set eth0 down; ip link set eth0 address {address}; ip link set eth0 up"
    )
    assert lab.run("c1", ["sh", "-ec", script]).returncode == 0
    asking = subprocess.Popen(
        [*lab.inside("c1"), *dhclient(lab.files, name)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True
    )
    lab.wait_until(lambda: ipv4(lab) and ipv4(lab) != before, 20, "a lease of the other MAC")
    return asking


def ipv4(lab: Lab) -> str:
    found = re.findall(r"inet ([\d.]+)/", lab.run("c1", ["ip", "-4", "addr", "show", "dev", "eth0"]).stdout)
    return found[0] if found else ""


def browser(lab: Lab, name: str, jar: Path) -> Patron:
    """A patron whose browser keeps cookies."""
    with_jar = f'shift; exec curl --cookie {jar} --cookie-jar {jar} "$@"'
    return Patron([*lab.patron(name).prefix, "sh", "-c", with_jar, "sh"])


def form_to(page: Answer, action: str) -> Form:
    at = page.body.index(f'action="{action}')
    form = post_form(page.body[page.body.rindex("<form", 0, at) :])
    assert form is not None
    return form


def visits(lab: Lab) -> int:
    today = local_day(SystemClock().now(), lab.config.site.zone)
    told = json.loads(lab.cong("nightly", "--json", "--date", str(today)).stdout)
    return int(told["visits"])


def test_a_phone_that_changed_its_mac_goes_on_by_its_cookie(lab: Lab, tmp_path: Path) -> None:
    phone = browser(lab, "c1", tmp_path / "jar")
    assert "Bạn đã vào mạng" in phone.sign_in().body
    before = visits(lab)
    (old,) = lab.sessions()
    with other_mac(lab):
        page = phone.get(f"{PORTAL}/")
        assert "Dùng tiếp phiên của tôi" in page.body
        assert "Dùng tiếp" not in lab.patron("c1").get(f"{PORTAL}/").body  # without the cookie
        assert lab.sessions()[0]["mac"] == mac(1)
        online = phone.send(page, form_to(page, "/resume"))
        assert "Bạn đã vào mạng" in online.body
        (new,) = lab.sessions()
        assert (new["mac"], new["method"], new["profile"]) == (ROTATED, old["method"], old["profile"])
        assert new["left_s"] < old["left_s"] + 1
        assert "www.example.com</title>" in curl(lab, "c1", "http://www.example.com/").stdout
        rows = ledger(lab, "state, cause, resumed_from", old["id"] - 1)
        assert rows == [("closed", "port-preempted", None), ("open", None, old["id"])]
        assert len(lab.sql("SELECT 1 FROM consents WHERE session_id >= ?", (old["id"],))) == 2
        assert visits(lab) == before
        assert phone.get(f"{PORTAL}/status").status == 200
        phone.send(online, form_to(online, "/end"))
        assert "Dùng tiếp" not in phone.get(f"{PORTAL}/").body  # ended by the patron: the token is dead
        lab.login("c1")  # the same phone again, as any other
        assert visits(lab) == before


def test_a_phone_that_changed_its_mac_goes_on_by_the_desks_code(lab: Lab) -> None:
    lab.login("c1")
    (old,) = lab.sessions()
    with other_mac(lab):
        patron = lab.patron("c1")
        assert str(old["id"]) in lab.cong("session", "code").stdout
        code = lab.cong("session", "code", str(old["id"])).stdout.split()[0]
        page = patron.get(f"{PORTAL}/return")
        form = form_to(page, "/return")
        wrong = f"{(int(code) + 1) % 10000:04d}"

        def typed(digits: str) -> Form:
            return Form(form.action, tuple((k, digits if k == "code" else v) for k, v in form.fields))

        assert patron.post(f"{PORTAL}/return", typed(wrong).fields, PORTAL).status == 200
        online = patron.send(page, typed(code))
        assert "Bạn đã vào mạng" in online.body
        (new,) = lab.sessions()
        assert new["mac"] == ROTATED and new["id"] != old["id"]
        lab.end_all_sessions()
        refused = patron.post(f"{PORTAL}/return", typed(code).fields, PORTAL)  # a code is used up
        assert refused.status == 200 and lab.sessions() == []


def test_an_exempt_devices_download_outlives_the_renewal_of_its_session(lab: Lab) -> None:
    since = last_id(lab)
    lab.cong("device", "exempt", mac(1))
    lab.wait_until(lambda: "www.example.com</title>" in curl(lab, "c1", "http://www.example.com/").stdout, 10)
    command = [*lab.inside("c1"), "iperf3", "-c", WEB4, "-R", "-t", "8", "-b", "20M", "-i", "0.2", "-J"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        lab.wait_until(lambda: lab.sessions()[0]["down_bytes"] > 2_000_000, 10)
        in_store(lab, "UPDATE sessions SET opened_boot_s = opened_boot_s - 86300 WHERE state = 'open'")
        lab.cong("device", "exempt", mac(2), "--name", "another")  # a word to the gateway: it looks
        told, _ = running.communicate(timeout=30)
    finally:
        running.kill()
        if running.stdout:
            running.stdout.close()
        running.wait()
    assert ledger(lab, "cause", since)[0] == ("nas-request",) and len(ledger(lab, "id", since)) >= 2
    result = json.loads(told)
    silent = [each["sum"]["start"] for each in result["intervals"] if each["sum"]["bytes"] == 0]
    assert running.returncode == 0 and len(silent) <= 5, silent  # not a second of the eight
    assert result["end"]["sum_received"]["bytes"] > 15_000_000


def test_after_a_power_cut_one_tap_gives_back_what_was_left(lab: Lab, tmp_path: Path) -> None:
    phone = browser(lab, "c1", tmp_path / "jar")
    phone.sign_in()
    (old,) = lab.sessions()
    before = visits(lab)
    kill_gateway(lab)
    power_returns(lab)
    assert ledger(lab, "cause", old["id"] - 1) == [("nas-reboot",)]
    page = phone.get(f"{PORTAL}/")
    online = phone.send(page, form_to(page, "/resume"))
    assert "Bạn đã vào mạng" in online.body
    (new,) = lab.sessions()
    assert new["id"] != old["id"] and new["left_s"] <= 7200
    assert "www.example.com</title>" in curl(lab, "c1", "http://www.example.com/").stdout
    assert visits(lab) == before
