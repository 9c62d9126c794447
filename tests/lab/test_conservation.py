"""A day of mixed traffic: what sessions have, what the kernel carried and what the interface counted are one."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from gateway.control.client import ask
from gateway.lab.driver import Lab
from tests.lab.power import kill_gateway, power_returns
from tests.lab.witness import crossed, witness

_ETHERNET = 14
_WAN = """
table inet wan_side {
  counter came {}
  counter own_in {}
  counter own_out {}
  chain arrived { type filter hook prerouting priority -400; policy accept; iifname "wan0" counter name came; }
  chain taken { type filter hook input priority 400; policy accept; iifname "wan0" counter name own_in; }
  chain sent { type filter hook output priority 400; policy accept; oifname "wan0" counter name own_out; }
}
"""


@dataclass(frozen=True)
class Booked:
    """What stands in the store, up and down together."""

    sessions: int
    open_sites: int
    carried: int

    @property
    def unexplained(self) -> int:
        return self.carried - self.sessions - self.open_sites


@pytest.fixture
def wan_side(lab: Lab) -> Iterator[None]:
    lab.end_all_sessions()
    assert lab.run("gw", ["nft", "-f", "-"], stdin=_WAN).returncode == 0
    yield
    lab.run("gw", ["nft", "delete", "table", "inet", "wan_side"])
    lab.end_all_sessions()


def book(lab: Lab) -> Booked:
    ask(lab.config.state.control_socket, "POST", "/book")
    return booked(lab)


def booked(lab: Lab) -> Booked:
    def total(table: str) -> int:
        return int(lab.sql(f"SELECT coalesce(sum(up_bytes + down_bytes), 0) FROM {table}")[0][0])

    return Booked(total("usage"), total("garden_days"), total("carried_days"))


def booked_at_rest(lab: Lab) -> tuple[Booked, int]:
    """Booked while nothing crosses, and what had: a server repeats for seconds what nobody took."""

    def look() -> tuple[Booked, int] | None:
        passed = sum(crossed(lab))
        found = book(lab)
        return (found, passed) if sum(crossed(lab)) == passed else None

    found = lab.wait_until(look, 30, "the line at rest")
    assert found is not None
    return found


def interface(lab: Lab) -> tuple[int, int]:
    """IP bytes out of and into the line's interface, by its own statistics: frames without their Ethernet headers."""
    (link,) = json.loads(lab.run("gw", ["ip", "-j", "-s", "link", "show", "dev", "wan0"]).stdout)
    out, into = link["stats64"]["tx"], link["stats64"]["rx"]
    return out["bytes"] - _ETHERNET * out["packets"], into["bytes"] - _ETHERNET * into["packets"]


def wan_counter(lab: Lab, name: str) -> int:
    listed = json.loads(lab.run("gw", ["nft", "-j", "list", "counter", "inet", "wan_side", name]).stdout)
    return next(int(item["counter"]["bytes"]) for item in listed["nftables"] if "counter" in item)


def download(lab: Lab, name: str, size: int, *words: str) -> None:
    done = lab.run(name, ["curl", "-sf", "-o", "/dev/null", *words, f"http://www.example.com/bytes/{size}"], timeout=60)
    assert done.returncode == 0, done.stderr


def download_slowly(lab: Lab, name: str) -> subprocess.Popen[bytes]:
    address = "http://www.example.com/bytes/1000000000"
    return subprocess.Popen([*lab.inside(name), "curl", "-s", "-o", "/dev/null", "--limit-rate", "4M", address])


def kick_in_the_middle(lab: Lab, name: str) -> None:
    lab.login(name)
    number = max(line["id"] for line in lab.sessions())
    running = download_slowly(lab, name)
    lab.wait_until(lambda: crossed_more(lab, number), 10, "bytes of the download")
    lab.cong("session", "end", str(number))
    assert running.wait(timeout=30) != 0  # the patron's download broke off


def crossed_more(lab: Lab, number: int) -> bool:
    return any(line["id"] == number and line["down_bytes"] > 2_000_000 for line in lab.sessions())


def kill_and_reload_in_the_middle(lab: Lab, name: str) -> None:
    running = download_slowly(lab, name)
    for _ in range(2):
        kill_gateway(lab)
        assert lab.cong("firewall", "load").returncode == 0
        lab.restart("gateway")
        lab.cong("firewall", "load")
    running.terminate()
    running.wait(timeout=10)


def test_a_mixed_day_is_conserved_and_the_difference_is_told(lab: Lab, wan_side: None) -> None:
    before = book(lab)
    with witness(lab):
        line_before = interface(lab)
        lab.login("c1")
        download(lab, "c1", 20_000_000)
        download(lab, "c1", 5_000_000, "-6")
        sent = lab.run("c1", ["iperf3", "-c", "198.51.100.10", "-n", "30M"], timeout=60)
        assert sent.returncode == 0, sent.stdout
        kick_in_the_middle(lab, "c2")
        kill_and_reload_in_the_middle(lab, "c1")
        # the power goes while nobody is there to book: what moves until then is in no counter of the new boot
        at_last, passed = booked_at_rest(lab)
        kill_gateway(lab)
        download(lab, "c1", 3_000_000)
        lost = sum(crossed(lab)) - passed
        power_returns(lab)
        assert lost > 3_000_000 and booked(lab) == at_last
        lab.login("c3")
        download(lab, "c3", 4_000_000)
        lab.end_all_sessions()
        after = book(lab)
        up, down = crossed(lab)
        line = [now - then for now, then in zip(interface(lab), line_before, strict=True)]
        came, own_in, own_out = (wan_counter(lab, name) for name in ("came", "own_in", "own_out"))
    carried = after.carried - before.carried
    # the witness saw all; but for what the power cut took before it was booked, it is in the ledger, to the byte
    assert carried == up + down - lost
    sessions = after.sessions - before.sessions + after.open_sites - before.open_sites
    assert (sessions, after.unexplained - before.unexplained) == (carried, 0)
    # and the interface's own statistics: all that left it; what came in less what nobody was let have
    assert abs(line[0] - own_out - up) <= 0.001 * up + 2_000, (line, own_out, up)
    assert abs(line[1] - came) <= 0.001 * came + 2_000, (line, came)
    assert 0 <= came - own_in - down <= 2_000_000, (came, own_in, down)  # flows of who was kicked go on for a moment
    ((month,),) = lab.sql("SELECT strftime('%Y-%m', 'now', '+7 hours')")
    (site,) = json.loads(lab.cong("report", "month", month, "--json").stdout)["sites"]
    assert site["quality"]["carried_bytes"] == after.carried
    assert site["quality"]["unexplained_bytes"] == after.unexplained
    told = lab.cong("report", "month", month).stdout
    assert ("đếm được trên đường truyền" in told) == (after.unexplained != 0), told
