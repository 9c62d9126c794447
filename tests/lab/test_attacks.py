"""Attacks on the network (portal spec, T21-T40): a flood is its sender's alone, and nothing comes across."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from gateway.kernel.floods import OPEN_OF_ONE, PAGES_OF_ONE
from gateway.lab.driver import Lab
from tests.lab.reaching import CAME_THROUGH, attempts
from tests.lab.witness import crossed, witness

WEB4, WEB6 = "198.51.100.10", "2001:db8:100::10"
GATEWAY4, GATEWAY6 = "10.77.0.1", "2001:db8:77::1"


@pytest.fixture(autouse=True)
def nobody_on(lab: Lab) -> Iterator[None]:
    lab.end_all_sessions()
    yield
    lab.end_all_sessions()


def flood(lab: Lab, client: str, *words: str | int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.lab.flood", *map(str, words)]
    lab.run(client, ["ping", "-c1", "-W1", GATEWAY4])  # the frames go to the neighbour's address
    return subprocess.Popen([*lab.inside(client), *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def ended(running: subprocess.Popen[bytes]) -> int:
    try:
        told, complaint = running.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        running.kill()
        running.communicate()
        raise
    assert running.returncode == 0, complaint.decode()
    return int(told)


def flows_of(lab: Lab, address: str) -> int:
    """Entries of the kernel's connection table that one address began."""
    table = lab.run("gw", ["cat", "/proc/net/nf_conntrack"]).stdout
    return sum(f"src={address} " in line for line in table.splitlines())


def signed_in_within(lab: Lab, client: str, limit_s: float) -> float:
    begun = time.monotonic()
    lab.login(client)
    took_s = time.monotonic() - begun
    assert took_s < limit_s, f"{took_s:.2f} s"
    return took_s


def test_a_flood_of_half_open_connections_keeps_nobody_out(lab: Lab) -> None:
    running = flood(lab, "c2", "syn", GATEWAY4, 80, 20_000)
    signed_in_within(lab, "c1", 5)
    assert ended(running) == 20_000
    assert flows_of(lab, str(lab.status()["clients"][1]["ipv4"])) <= OPEN_OF_ONE
    assert len(lab.sessions()) == 1


@pytest.mark.parametrize("is_on", [False, True], ids=["captive", "admitted"])
def test_one_device_does_not_fill_the_connection_table(lab: Lab, is_on: bool) -> None:
    if is_on:
        lab.login("c2")
    address, port = (WEB4, 9999) if is_on else (GATEWAY4, 53)
    assert ended(flood(lab, "c2", "ports", address, port, 30_000)) == 30_000
    assert flows_of(lab, str(lab.status()["clients"][1]["ipv4"])) <= OPEN_OF_ONE + 100
    signed_in_within(lab, "c1", 5)
    # and it gets on itself, with what it had and with new connections, once it has calmed down
    lab.wait_until(lambda: lab.patron("c2").get(f"http://{WEB4}/").status in (200, 302), 10, "a new connection")


def test_ten_thousand_strange_macs_leave_the_patron_in_peace(lab: Lab) -> None:
    gateway = lab.status()["gateway"]["pids"]["gateway"]
    lab.login("c1")

    def resident_kb() -> int:
        return int(re.findall(r"VmRSS:\s+(\d+)", lab.run("gw", ["cat", f"/proc/{gateway}/status"]).stdout)[0])

    before = resident_kb()
    running = flood(lab, "c3", "macs", GATEWAY4, 10_000)
    assert lab.patron("c1").get(f"http://{WEB4}/").status == 200
    assert ended(running) == 30_000
    assert lab.patron("c1").get(f"http://{WEB4}/").status == 200
    assert resident_kb() - before < 8_000
    assert lab.sql("SELECT count(*) FROM clients WHERE mac LIKE '02:aa:%'") == [(0,)]
    lab.run("gw", ["ip", "neigh", "flush", "dev", "lan0"])
    signed_in_within(lab, "c2", 5)


def test_half_open_requests_at_every_port_of_the_portal_keep_nobody_out(lab: Lab) -> None:
    hold = (
        "import select,socket,threading\n"
        "tried=[]\n"
        "for i in range(200):\n"
        " s=socket.socket(); s.setblocking(False); tried.append(s)\n"
        " s.connect_ex((('198.51.100.10','10.77.0.1')[i%2],80))\n"
        "threading.Event().wait(1.5)\n"
        "held=[s for s in select.select([],tried,[],0)[1] if not s.getsockopt(socket.SOL_SOCKET,socket.SO_ERROR)]\n"
        "for s in held: s.send(b'GET / HTTP/1.1\\r\\nHos')\n"
        "print(len(held),flush=True)\n"
        "threading.Event().wait(20)\n"
    )
    holding = subprocess.Popen([*lab.inside("c2"), sys.executable, "-c", hold], stdout=subprocess.PIPE)
    try:
        assert holding.stdout is not None
        assert int(holding.stdout.readline()) > 0
        pages = lab.run("gw", ["ss", "-Htn", "state", "established", "( sport = :8080 or sport = :8081 )"]).stdout
        assert len(pages.splitlines()) <= PAGES_OF_ONE + 2
        signed_in_within(lab, "c1", 5)
    finally:
        holding.kill()
        holding.communicate()


def test_the_boxs_own_addresses_can_not_be_borrowed(lab: Lab) -> None:
    lab.login("c1")
    for family, address in (("-4", GATEWAY4), ("-6", GATEWAY6)):
        lab.run("c2", ["ip", family, "address", "add", f"{address}/{128 if family == '-6' else 32}", "dev", "lo"])
    try:
        with witness(lab):
            outcomes = attempts(
                lab, "c2", f"udp:{WEB4}:9999@{GATEWAY4}", f"tcp:{WEB4}:5201@{GATEWAY4}", f"udp:{WEB6}:9999@{GATEWAY6}"
            )
            assert not set(outcomes.values()) & CAME_THROUGH
            assert crossed(lab) == (0, 0)
    finally:
        for family, address in (("-4", GATEWAY4), ("-6", GATEWAY6)):
            lab.run("c2", ["ip", family, "address", "del", f"{address}/{128 if family == '-6' else 32}", "dev", "lo"])


def test_an_address_that_was_a_patrons_gives_its_next_holder_nothing(lab: Lab) -> None:
    lab.login("c1")
    address = str(lab.status()["clients"][0]["ipv4"])
    lab.run("c1", ["ip", "link", "set", "eth0", "down"])
    lab.run("c2", ["ip", "address", "add", f"{address}/24", "dev", "eth0"])
    try:
        outcomes = attempts(lab, "c2", f"tcp:{WEB4}:443@{address}", f"udp:{WEB4}:9999@{address}")
        assert not set(outcomes.values()) & CAME_THROUGH, outcomes
        (session,) = lab.sessions()
        assert session["mac"] == "02:00:5e:10:00:01"
    finally:
        lab.run("c2", ["ip", "address", "del", f"{address}/24", "dev", "eth0"])
        lab.run("c1", ["ip", "link", "set", "eth0", "up"])
        lab.run("c1", ["ip", "route", "replace", "default", "via", GATEWAY4, "dev", "eth0"])  # as its next lease would
        lab.run("gw", ["ip", "neigh", "flush", "dev", "lan0"])
        lab.wait_until(lambda: lab.patron("c1").get(f"http://{GATEWAY4}/").status in (200, 303), 20, "c1 to be back")


SEND = """
import sys
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import *
from scapy.layers.l2 import Ether, getmacbyip
from scapy.sendrecv import sendp
mac = getmacbyip("10.77.0.1")
up6 = Ether(dst=mac) / IPv6(src="2001:db8:77::dead", dst="2001:db8:100::10")
frames = [
    up6 / IPv6ExtHdrHopByHop() / UDP(sport=9, dport=9999) / b"x",
    up6 / IPv6ExtHdrDestOpt() / UDP(sport=9, dport=9999) / b"x",
    up6 / IPv6ExtHdrRouting() / UDP(sport=9, dport=9999) / b"x",
    up6 / IPv6ExtHdrFragment(m=1, id=7) / (b"x" * 64),
    Ether(dst=mac) / IP(dst="198.51.100.10", flags="MF", id=9) / (b"x" * 64),
    Ether(dst=mac) / IP(dst="198.51.100.10", proto=41) / bytes(IPv6(dst="2001:db8:100::10")),
    Ether(dst=mac) / IP(dst="198.51.100.10") / UDP(sport=3544, dport=3544) / b"x",
    Ether(dst=mac) / IP(dst="198.51.100.10", proto=47) / b"x" * 8,
    Ether(dst=mac) / IP(dst="198.51.100.10") / UDP(sport=123, dport=123) / b"x" * 48,
]
for frame in frames:
    sendp(frame, iface="eth0", verbose=False)
print(len(frames))
"""


def test_extension_headers_fragments_and_tunnels_stay_outside_before_login(lab: Lab) -> None:
    with witness(lab):
        done = lab.run("c1", [sys.executable, "-c", SEND])
        assert done.stdout.strip() == "9", done.stderr
        assert crossed(lab) == (0, 0)


def test_a_vpn_on_the_name_port_meets_a_resolver_and_nothing_else(lab: Lab) -> None:
    handshake = (
        "import socket\n"
        "s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.settimeout(1)\n"
        "s.sendto(bytes([1,0,0,0])+bytes(144),('198.51.100.10',53))\n"
        "try: print(len(s.recv(2048)))\n"
        "except TimeoutError: print(0)\n"
    )
    with witness(lab):
        done = lab.run("c1", [sys.executable, "-c", handshake])
        assert done.returncode == 0, done.stderr
        answered = int(done.stdout)
        assert answered <= 148, "never more than was sent"
        assert crossed(lab) == (0, 0)


def test_a_rogue_router_on_a_client_is_nobodys_router(lab: Lab) -> None:
    rogue = (
        "from scapy.layers.inet6 import *\nfrom scapy.layers.l2 import Ether\nfrom scapy.sendrecv import sendp\n"
        "ra=Ether(dst='33:33:00:00:00:01')/IPv6(dst='ff02::1')/ICMPv6ND_RA(routerlifetime=1800)"
        "/ICMPv6NDOptPrefixInfo(prefix='2001:db8:bad::',prefixlen=64)\n"
        "sendp(ra,iface='eth0',verbose=False,count=3)\n"
    )
    assert lab.run("c1", [sys.executable, "-c", rogue]).returncode == 0
    assert "2001:db8:bad" not in lab.run("c2", ["ip", "-6", "address"]).stdout
    assert "2001:db8:bad" not in lab.run("gw", ["ip", "-6", "route"]).stdout
