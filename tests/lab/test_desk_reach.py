"""Who reaches the desk: the box itself and staff's network; no patron, not the Internet, no name that is not ours."""

import pytest

from gateway.lab.driver import Lab
from gateway.lab.plan import STAFF_GATEWAY_IPV4, WAN_IPV4, WAN_IPV6


def status(lab: Lab, where: str, address: str, *words: str) -> str:
    command = ["curl", "-s", "-o", "/dev/null", "--max-time", "3", "-w", "%{http_code}", *words]
    return lab.run(where, [*command, f"http://{address}/sign-in"]).stdout


@pytest.fixture(scope="module")
def port(lab: Lab) -> int:
    return lab.config.desk.port


def test_staff_and_the_box_itself_reach_it(lab: Lab, port: int) -> None:
    assert status(lab, "staff", f"{STAFF_GATEWAY_IPV4}:{port}") == "200"
    assert status(lab, "gw", f"127.0.0.1:{port}") == "200"
    assert status(lab, "gw", f"[::1]:{port}") == "200"
    assert status(lab, "staff", f"{STAFF_GATEWAY_IPV4}:{port}", "-H", "Host: evil.example") == "421"


@pytest.mark.parametrize("signed_in", [False, True])
def test_patrons_do_not(lab: Lab, port: int, signed_in: bool) -> None:
    lab.end_all_sessions()
    if signed_in:
        lab.login("c1")
    own = lab.status()["gateway"]
    for address in (own["lan_ipv4"], f"[{own['lan_ipv6']}]", STAFF_GATEWAY_IPV4, WAN_IPV4, "wifi.internal"):
        assert status(lab, "c1", f"{address}:{port}") == "000", address
    lab.end_all_sessions()


def test_the_internet_does_not(lab: Lab, port: int) -> None:
    for address in (WAN_IPV4, f"[{WAN_IPV6}]", STAFF_GATEWAY_IPV4):
        assert status(lab, "isp", f"{address}:{port}") == "000", address


def test_staffs_network_reaches_nothing_else_of_the_box(lab: Lab) -> None:
    for other in (lab.config.portal.port, lab.config.portal.garden_port, 53, 22):
        assert status(lab, "staff", f"{STAFF_GATEWAY_IPV4}:{other}") == "000", other
