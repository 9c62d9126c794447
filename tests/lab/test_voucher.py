"""A slip's whole way: made by the command, scanned on a client, booked in the ledger, taken back in mid-download."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace

import pytest

from gateway.errors import GatewayError
from gateway.lab.driver import Lab
from tests.lab.reconfigured import reconfigured

NO_WAY = 7, 28, 35, 52, 56
"""How curl says that nothing, or no more, came."""


@pytest.fixture(autouse=True)
def vouchers(lab: Lab) -> Iterator[None]:
    with reconfigured(lab, {"login": {"methods": ["voucher", "terms"]}}):
        yield


def made(lab: Lab, *words: str) -> tuple[int, list[str]]:
    """The batch's number and its codes."""
    batch = json.loads(lab.cong("voucher", "create", "--json", *words).stdout)
    return batch["batch"], [each["code"] for each in batch["vouchers"]]


def scanned(lab: Lab, name: str, code: str) -> str:
    """What the QR code leads to, sent as it came up; the page that is shown then."""
    patron = lab.patron(name)
    page, form = patron.splash(f"http://wifi.internal/?way=voucher&code={code.replace('-', '')}")
    assert dict(form.fields)["code"] == code
    assert lab.sessions() == [] or all(each["method"] == "voucher" for each in lab.sessions())
    return patron.send(page, form).title


def fetched(lab: Lab, name: str, count: int) -> None:
    """So many bytes from the Internet, or as many as come."""
    lab.run(name, ["curl", "-s", "-o", "/dev/null", "-m", "10", f"http://www.example.com/bytes/{count}"])


def test_a_slip_lets_in_is_booked_and_revoked_in_mid_download(lab: Lab) -> None:
    batch, codes = made(
        lab, "--count", "2", "--profile", "adult", "--time", "2h", "--data", "500MB", "--label", "course"
    )
    assert "Bạn đã vào mạng" in scanned(lab, "c1", codes[0])
    assert lab.run("c1", ["curl", "-s", "http://www.example.com/"]).returncode == 0
    ((method, profile, label, in_batch, version, session_s, limit_bytes),) = lab.sql(
        """SELECT s.method, s.profile, b.label, b.id, c.terms_version, s.session_s, s.limit_bytes
           FROM sessions s JOIN consents c ON c.session_id = s.id JOIN vouchers v ON v.id = s.voucher_id
           JOIN voucher_batches b ON b.id = v.batch_id WHERE s.state = 'open'"""
    )
    assert (method, profile, label, in_batch, limit_bytes) == ("voucher", "adult", "course", batch, 500_000_000)
    assert len(version) == 12 and 7190 <= session_s <= 7200
    assert lab.sql("SELECT count(*) FROM terms WHERE version = ? AND body LIKE '%phiếu%'", (version,)) == [(1,)]
    slowly = ["curl", "-s", "-o", "/dev/null", "--limit-rate", "1M", "--speed-time", "3", "--speed-limit", "1"]
    downloading = subprocess.Popen([*lab.inside("c1"), *slowly, "http://www.example.com/bytes/90000000"])
    lab.wait_until(lambda: lab.sessions()[0]["down_bytes"] > 1_000_000, 15, "the download to run")
    answer = json.loads(lab.cong("voucher", "revoke", codes[0], "--json").stdout)
    assert downloading.wait(30) in NO_WAY, "the download is cut"
    assert answer == {"revoked": 1, "sessions_ended": 1}
    assert lab.sessions() == []
    ((cause, booked),) = lab.sql("SELECT cause, total_down_bytes FROM sessions ORDER BY id DESC LIMIT 1")
    assert cause == "admin-reset" and booked > 1_000_000
    told = json.loads(lab.cong("voucher", "show", codes[0], "--json").stdout)["vouchers"][0]
    assert (told["state"], told["sessions"]) == ("revoked", 1) and told["used_bytes"] >= booked
    with pytest.raises(GatewayError, match="status 200"):  # the page says why, and nobody is let in
        scanned(lab, "c1", codes[0])
    assert lab.run("c1", ["curl", "-sm3", "https://198.51.100.10/"]).returncode in NO_WAY


def test_a_used_slip_goes_on_on_another_device_and_ends_where_its_data_does(lab: Lab) -> None:
    _, (code,) = made(lab, "--data", "3MB")
    scanned(lab, "c1", code)
    fetched(lab, "c1", 1_200_000)
    first = lab.sessions()[0]
    scanned(lab, "c2", code)  # the site ends the older device
    (second,) = lab.sessions()
    assert second["id"] != first["id"]
    ((used,),) = lab.sql("SELECT total_up_bytes + total_down_bytes FROM sessions WHERE id = ?", (first["id"],))
    assert used >= first["down_bytes"] > 1_000_000
    assert lab.sql("SELECT limit_bytes FROM sessions WHERE id = ?", (second["id"],)) == [(3_000_000 - used,)]
    fetched(lab, "c2", 4_000_000)
    lab.wait_until(lambda: lab.sessions() == [], 15, "the voucher's data to be used up")
    assert lab.sql("SELECT cause FROM sessions ORDER BY id DESC LIMIT 1") == [("nas-request",)]
    told = json.loads(lab.cong("voucher", "show", code, "--json").stdout)["vouchers"][0]
    total = lab.sql(
        "SELECT sum(total_up_bytes + total_down_bytes) FROM sessions WHERE voucher_id IS NOT NULL AND id >= ?",
        (first["id"],),
    )
    assert told["state"] == "used-up" and [(told["used_bytes"],)] == total


def test_two_devices_that_send_one_slip_at_once(lab: Lab) -> None:
    _, (code,) = made(lab, "--once", "--time", "1h")
    sent = []
    for name in ("c1", "c2", "c3"):
        page, form = lab.patron(name).splash("http://wifi.internal/?way=voucher")
        form = replace(form, fields=tuple((key, code if key == "code" else value) for key, value in form.fields))
        data = [word for key, value in form.fields for word in ("--data-urlencode", f"{key}={value}")]
        command = [*lab.inside(name), "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", *data]
        sent.append([*command, "-H", "Origin: http://wifi.internal", f"http://wifi.internal{form.action}"])
        assert page.status == 200
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in sent]
    statuses = sorted(each.communicate(timeout=20)[0] for each in running)
    assert statuses == ["200", "200", "303"]
    (session,) = lab.sessions()
    assert lab.sql("SELECT state, cause FROM sessions WHERE voucher_id = (SELECT max(id) FROM vouchers)") == [
        ("open", None)
    ]
    online = [name for name in ("c1", "c2", "c3") if "example" in lab.patron(name).get("http://www.example.com/").title]
    assert len(online) == 1 and session["method"] == "voucher"
