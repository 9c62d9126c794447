"""The shelf in the library's network: open to captive clients and without the line, counted to nobody, at no rate."""

import hashlib
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.config.toml import Tree
from gateway.lab.driver import Lab
from gateway.portal.sending import PACE_BYTES_S
from tests.lab.reconfigured import reconfigured
from tests.lab.witness import crossed, ledger_sum, witness

SIZE = 20_000_000
RATE_KBIT_S = 2000
_SLOW: Tree = {
    "login": {"limits": {"adult": {"up": "2Mbit", "down": "2Mbit"}}},
    "wan": {"up": "4Mbit", "down": "4Mbit"},
}
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CUT = (
    "add table netdev cut; add chain netdev cut line { type filter hook ingress device line0 priority 0; policy drop; }"
)


@pytest.fixture(scope="module")
def film(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A film of 20 MB on the shelf; its address and digest."""
    made = tmp_path_factory.mktemp("shelf") / "rung.mp4"
    body = b"".join(hashlib.sha256(str(n).encode()).digest() for n in range(SIZE // 32))
    made.write_bytes(body)
    lab.cong("shelf", "add", str(made), "--title", "Rừng", "--language", "vi")
    assert lab.cong("shelf", "check").stdout.startswith("1 shown, 0 problem")
    lab.wait_until(
        lambda: "Rừng" in lab.patron("c1").get("http://wifi.internal/shelf/").body, 5, "the film on the shelf"
    )
    at = re.search(r'href="(/shelf/[0-9a-f]{10})\?', lab.patron("c1").get("http://wifi.internal/shelf/").body)
    assert at
    yield f"{at[1]}/rung.mp4", hashlib.sha256(body).hexdigest()
    for file in (lab.config.shelf_path / "rung.mp4", lab.config.shelf_path / "shelf.toml"):
        file.unlink()


@pytest.fixture(autouse=True)
def nobody_on(lab: Lab) -> Iterator[None]:
    lab.end_all_sessions()
    yield
    lab.end_all_sessions()


def wan_bytes(lab: Lab) -> int:
    """All that the line's interface has carried."""
    counters = [f"/sys/class/net/{lab.config.wan.interface}/statistics/{way}_bytes" for way in ("rx", "tx")]
    return sum(map(int, lab.run("gw", ["cat", *counters]).stdout.split()))


def download(lab: Lab, client: str, url: str, target: Path, *words: str) -> tuple[int, float, str]:
    """Status, seconds and digest of a file taken by a client."""
    told = lab.run(
        client,
        ["curl", "-s", "-o", str(target), "-m", "60", "-w", "%{http_code} %{time_total}", *words, url],
        timeout=70,
    ).stdout.split()
    return int(told[0]), float(told[1]), hashlib.sha256(target.read_bytes()).hexdigest()


def test_neither_the_session_nor_the_line_is_charged_and_no_rate_holds(
    lab: Lab, film: tuple[str, str], tmp_path: Path
) -> None:
    path, digest = film
    with reconfigured(lab, _SLOW):
        lab.login("c1")
        began = wan_bytes(lab)
        lab.patron("c1").get("http://www.example.com/bytes/100000")
        assert wan_bytes(lab) - began > 100_000  # the counter is alive
        (session,) = lab.sessions()
        before = session["up_bytes"], session["down_bytes"]
        assert before[1] > 0
        gateway6 = lab.config.lan.ipv6
        assert gateway6
        with witness(lab):
            line = wan_bytes(lab)
            for client, host in (("c1", "wifi.internal"), ("c2", "wifi.internal"), ("c1", f"[{gateway6.ip}]")):
                status, took_s, got = download(lab, client, f"http://{host}{path}", tmp_path / "x")
                assert (status, got) == (200, digest)
                # at the session's rate it would be 80 s, at the line's 40
                assert took_s < SIZE * 8 / 1000 / RATE_KBIT_S / 8
                assert took_s > SIZE / PACE_BYTES_S / 2  # but one download does not take the whole wire either
                print(f"{client} from {host}: {SIZE * 8 / 1e6 / took_s:.0f} Mbit/s")
            status, _, _ = download(lab, "c1", f"http://wifi.internal{path}", tmp_path / "x", "-r", "1000-1999")
            assert status == 206 and (tmp_path / "x").stat().st_size == 1000
            (after,) = lab.sessions()
            assert (after["up_bytes"], after["down_bytes"]) == before
            assert crossed(lab) == (0, 0)
            # what the box itself asks meanwhile: names, whether the line is up
            moved = wan_bytes(lab) - line
            print(f"the line carried {moved} bytes while the shelf gave {3 * SIZE}")
            assert moved < 50_000
        lab.cong("session", "end", str(session["id"]))
        assert ledger_sum(lab, session["id"] - 1) == before
        totals = "SELECT total_up_bytes, total_down_bytes FROM sessions WHERE id = ?"
        assert lab.sql(totals, (session["id"],)) == [before]


def test_six_downloads_of_one_device_hold_up_nobodys_login(lab: Lab, film: tuple[str, str]) -> None:
    url = f"http://wifi.internal{film[0]}"
    command = ["sh", "-c", f"while curl -s -o /dev/null {url}; do :; done"]
    greedy = [subprocess.Popen([*lab.inside("c2"), *command], start_new_session=True) for _ in range(6)]
    try:
        clock = SystemClock()
        took_s: list[float] = []
        for _ in range(10):
            page, form = lab.patron("c1").splash()
            began = clock.boot_s()
            assert "Bạn đã vào mạng" in lab.patron("c1").send(page, form).body
            took_s.append(clock.boot_s() - began)
            lab.end_all_sessions()
        # two programs are started for each: about 0.05 s of it
        print(f"logins beside six downloads: {sorted(took_s)}")
        assert sorted(took_s)[-2] < 1
    finally:
        for each in greedy:
            os.killpg(each.pid, signal.SIGKILL)
            each.wait()


def test_it_is_open_outside_the_hours_without_a_session(lab: Lab, film: tuple[str, str], tmp_path: Path) -> None:
    path, digest = film
    now = SystemClock().now().astimezone(lab.config.site.zone)
    shut: Tree = {"hours": {"enforce": True, _DAYS[(now.weekday() + 3) % 7]: ["08:00-09:00"]}}
    with reconfigured(lab, shut):
        (sessions,) = lab.sql("SELECT count(*) FROM sessions")
        page = lab.patron("c2").get("http://wifi.internal/")
        assert 'name="agree"' not in page.body and 'href="/shelf/' in page.body
        assert download(lab, "c2", f"http://wifi.internal{path}", tmp_path / "x")[::2] == (200, digest)
        assert lab.run("c2", ["curl", "-s", "-m", "2", "http://198.51.100.10/"]).stdout.find("example") == -1
        assert lab.sql("SELECT count(*) FROM sessions") == [sessions]


def test_while_the_line_is_down_it_stays_open_and_the_pages_say_so(
    lab: Lab, film: tuple[str, str], tmp_path: Path
) -> None:
    path, digest = film
    lab.login("c1")
    assert "gián đoạn" not in lab.patron("c1").get("http://wifi.internal/status").body
    went, came = (lab.log("gateway").count(f"line.{what}") for what in ("went_down", "came_back"))
    assert lab.run("isp", ["nft", _CUT]).returncode == 0
    try:
        for client in ("c1", "c2"):
            assert download(lab, client, f"http://wifi.internal{path}", tmp_path / "x")[::2] == (200, digest)
        lab.wait_until(lambda: lab.log("gateway").count("line.went_down") > went, 50, "the line seen down")
        for client, page in (("c1", "status"), ("c2", ""), ("c2", "shelf/")):
            body = lab.patron(client).get(f"http://wifi.internal/{page}").body
            assert "Đường truyền Internet đang gián đoạn" in body, (client, page)
        assert "Đường truyền" in lab.patron("c3").splash()[0].body  # a page asked for leads there, cut or not
    finally:
        lab.run("isp", ["nft", "delete table netdev cut"])
    lab.wait_until(lambda: lab.log("gateway").count("line.came_back") > came, 30, "the line seen up again")
    assert "gián đoạn" not in lab.patron("c2").get("http://wifi.internal/").body
