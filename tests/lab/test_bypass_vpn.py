"""VPNs, and addresses that ask nobody, without strict mode: what is refused, and what passes as SECURITY.md says."""

import sys
from collections.abc import Iterator

import pytest

from gateway.lab.driver import Lab
from tests.lab.judges.wireguard import ODD_PORT, PORT, tunnel
from tests.lab.reaching import all_refused_at_once, attempts
from tests.lab.reconfigured import reconfigured
from tests.lab.witness import crossed, witness

WEB4, WEB6 = "198.51.100.10", "2001:db8:100::10"
GAME4 = "198.51.100.11"
VPN_UDP, VPN_TCP = (500, 1194, 1701, 2408, 3544, 51820), (1194, 1723)


@pytest.fixture(scope="module", autouse=True)
def vpn_rejected(lab: Lab) -> Iterator[None]:
    profile = {"port": 5301, "block": ["bypass"], "games": "all", "vpn": "reject"}
    with reconfigured(lab, {"dns": {"profiles": {"adult": profile}}}):
        yield


@pytest.fixture(autouse=True)
def c1_on(lab: Lab, vpn_rejected: None) -> Iterator[None]:
    lab.login("c1")
    yield
    lab.end_all_sessions()


@pytest.mark.parametrize("address", [WEB4, WEB6])
def test_ports_of_vpn_protocols_are_refused_at_once(lab: Lab, address: str) -> None:
    with witness(lab):
        # three at a time: the kernel tells a device of six refusals by ICMP in one go, then of ten a second
        for ports in (VPN_UDP[:3], VPN_UDP[3:]):
            lab.wait_until(lambda ports=ports: _all_told(lab, address, ports), 10, "every refusal told")  # type: ignore[misc]  # mypy: lambda defaults
        all_refused_at_once(lab, "c1", [f"tcp:{address}:{port}" for port in VPN_TCP])
        assert crossed(lab) == (0, 0)


def _all_told(lab: Lab, address: str, ports: tuple[int, ...]) -> bool:
    return set(attempts(lab, "c1", *(f"udp:{address}:{port}" for port in ports)).values()) == {"refused"}


@pytest.mark.parametrize("protocol", [4, 41, 47, 50], ids=["ip-in-ip", "6in4", "gre", "esp"])
def test_tunnels_without_ports_stay_inside(lab: Lab, protocol: int) -> None:
    send = f"import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, {protocol}).sendto(b'PPTP', ('{WEB4}', 0))"
    with witness(lab):
        assert lab.run("c1", [sys.executable, "-c", send]).returncode == 0
        assert crossed(lab) == (0, 0)


def test_wireguard_does_not_come_up_on_its_own_port(lab: Lab) -> None:
    with tunnel(lab, "c1", PORT) as app, witness(lab):
        app.dial(PORT)
        assert not any(app.carries() for _ in range(3))
        assert crossed(lab) == (0, 0)


def test_wireguard_on_a_port_of_its_own_choice_passes_and_we_say_so(lab: Lab) -> None:
    with tunnel(lab, "c1", ODD_PORT) as app:
        app.dial(ODD_PORT)
        lab.wait_until(app.carries, 15, "the tunnel")


def test_a_name_looked_up_in_a_hosts_file_asks_nobody_and_we_say_so(lab: Lab) -> None:
    fetch = ["curl", "-sS", "--max-time", "5", "-o", "/dev/null", "-w", "%{http_code}"]
    assert lab.run("c1", [*fetch, "--resolve", f"garena.vn:80:{GAME4}", "http://garena.vn/"]).stdout == "200"
    assert lab.run("c1", [*fetch, f"http://{GAME4}/"]).stdout == "200"


def test_a_refusal_is_kept_by_no_device_for_long(lab: Lab) -> None:
    """So that the end of a schedule, or a grant, is felt within the minute."""
    told = lab.run("c1", ["dig", "+noall", "+answer", "garena.vn"]).stdout
    lives_s = [int(line.split()[1]) for line in told.splitlines()]
    assert lives_s and max(lives_s) <= 60
