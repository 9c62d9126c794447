"""Before login a client reaches what architecture property 7 lists and nothing else; after it, what it should."""

from collections.abc import Iterator
from ipaddress import IPv4Address

import pytest

from gateway.lab.driver import Lab
from tests.lab.reaching import CAME_THROUGH, attempts, privacy_address
from tests.lab.witness import crossed, witness

WEB4, WEB6 = "198.51.100.10", "2001:db8:100::10"
RESOLVER4, RESOLVER6 = "198.51.100.8", "2001:db8:100::8"
MODEM4, MODEM6 = "203.0.113.1", "2001:db8:203::1"
GATEWAY4, GATEWAY6 = "10.77.0.1", "2001:db8:77::1"
STATIC6 = "2001:db8:77::abcd"


@pytest.fixture(autouse=True)
def nobody_on(lab: Lab) -> Iterator[None]:
    lab.end_all_sessions()
    yield
    lab.end_all_sessions()


@pytest.fixture
def static6(lab: Lab) -> Iterator[str]:
    lab.run("c1", ["ip", "address", "add", f"{STATIC6}/64", "dev", "eth0", "nodad"])
    yield STATIC6
    lab.run("c1", ["ip", "address", "del", f"{STATIC6}/64", "dev", "eth0"])


def test_a_captive_client_gets_nothing_across(lab: Lab, static6: str) -> None:
    temporary = privacy_address(lab, "c1")
    targets = [
        *(f"tcp:{WEB4}:{port}" for port in (22, 443, 853, 5201)),
        *(f"tcp:{WEB6}:{port}" for port in (443, 853, 5201)),
        *(f"tcp:{WEB6}:5201@{source}" for source in (temporary, static6)),
        *(f"udp:{address}:{port}" for address in (WEB4, WEB6) for port in (443, 9999)),
        f"udp:{WEB6}:9999@{temporary}",
        f"udp:{WEB6}:9999@{static6}",
        f"udp:{MODEM4}:9999",
        f"tcp:{MODEM4}:443",
        f"tcp:{MODEM6}:443",
        *(f"ping:{address}" for address in (WEB4, WEB6, MODEM4, MODEM6)),
        f"ping:{WEB6}@{temporary}",
        f"ping:{WEB6}@{static6}",
        # the box itself: its other ports, the workers' ports without the redirect, its side to the ISP
        *(f"tcp:{GATEWAY4}:{port}" for port in (22, 5300, 5301, 5302, 8080, 8081, 8443)),
        *(f"tcp:{GATEWAY6}:{port}" for port in (22, 5301, 8080)),
        "ping:203.0.113.2@10.77.0.250",
    ]
    with witness(lab):
        outcomes = attempts(lab, "c1", *targets)
        assert {target: outcome for target, outcome in outcomes.items() if outcome in CAME_THROUGH} == {}
        assert crossed(lab) == (0, 0)
    assert lab.sessions() == []


def test_a_captive_client_reaches_the_box(lab: Lab) -> None:
    outcomes = attempts(lab, "c1", f"ping:{GATEWAY4}", f"ping:{GATEWAY6}", f"tcp:{GATEWAY4}:80", f"tcp:{GATEWAY6}:80")
    assert set(outcomes.values()) == {"reply", "open"}


def named_outside(lab: Lab) -> list[str]:
    """Questions for names that reached the provider's resolver; the box itself asks for the root's (is it up?)."""
    return [line for line in lab.log("isp-dns").splitlines() if len(line.split()) == 5]


@pytest.mark.parametrize("resolver", [GATEWAY4, GATEWAY6, RESOLVER4, RESOLVER6, "8.8.8.8"])
@pytest.mark.parametrize("transport", ["+notcp", "+tcp"])
def test_whatever_resolver_is_asked_the_garden_answers(lab: Lab, resolver: str, transport: str) -> None:
    before = named_outside(lab)
    words = ["dig", "+short", "+tries=1", "+timeout=3", transport, f"@{resolver}"]
    (address,) = lab.run("c1", [*words, "www.example.com", "A"]).stdout.split()
    assert IPv4Address(address) in lab.config.portal.synthetic_ipv4
    assert lab.run("c1", [*words, "who.isp.example", "TXT"]).stdout == ""
    assert lab.run("c1", [*words, "wifi.internal", "A"]).stdout.split() == [GATEWAY4]
    assert named_outside(lab) == before  # nothing was forwarded


@pytest.mark.parametrize("address", [WEB4, f"[{WEB6}]", MODEM4])
def test_port_80_leads_to_the_portal_over_both_families(lab: Lab, address: str) -> None:
    answer = lab.patron("c1").get(f"http://{address}/")
    assert (answer.status, answer.location) == (302, "http://wifi.internal/")
    assert answer.headers["cache-control"] == "no-store" and answer.headers["connection"] == "close"


def test_login_over_ipv6_admits_every_address_of_the_device(lab: Lab, static6: str) -> None:
    page, form = lab.patron("c1").splash(f"http://[{GATEWAY6}]/")
    lab.patron("c1").send(page, form)
    targets = [
        f"tcp:{WEB4}:5201",
        f"tcp:{WEB6}:443@{privacy_address(lab, 'c1')}",
        f"udp:{WEB6}:9999@{static6}",
        f"ping:{WEB4}",
        f"ping:{WEB6}",
    ]
    outcomes = attempts(lab, "c1", *targets)
    assert set(outcomes.values()) <= CAME_THROUGH, outcomes
    (session,) = lab.sessions()
    assert session["mac"] == "02:00:5e:10:00:01" and session["up_bytes"] > 0 and session["down_bytes"] > 0


def test_what_stays_closed_after_login(lab: Lab) -> None:
    lab.login("c1")
    targets = [
        *(f"tcp:{address}:{port}" for address in (MODEM4, MODEM6) for port in (80, 443)),
        f"ping:{MODEM4}",
        f"ping:{MODEM6}",
        f"tcp:{WEB4}:853",
        f"udp:{WEB4}:853",
        f"tcp:{WEB6}:853",
        *(f"tcp:{GATEWAY4}:{port}" for port in (22, 5300, 5301, 8080)),
    ]
    with witness(lab):
        outcomes = attempts(lab, "c1", *targets)
        assert {target: outcome for target, outcome in outcomes.items() if outcome in CAME_THROUGH} == {}
        assert crossed(lab) == (0, 0)


def test_another_device_stays_captive_and_apart(lab: Lab) -> None:
    lab.login("c1")
    address = lab.status()["clients"][0]["ipv4"]
    outcomes = attempts(lab, "c2", f"tcp:{WEB4}:443", f"ping:{WEB4}", f"ping:{WEB6}", f"ping:{address}")
    assert not set(outcomes.values()) & CAME_THROUGH, outcomes
    assert len(lab.sessions()) == 1


def test_the_wanted_page_comes_after_two_taps_and_not_before(lab: Lab) -> None:
    patron = lab.patron("c1")
    assert patron.get("http://news.example.vn/").status == 302
    page, form = patron.splash("http://news.example.vn/")
    assert "news.example.vn</title>" not in page.body
    online = patron.send(page, form)
    assert "Bạn đã vào mạng" in online.body and 'href="http://news.example.vn/"' in online.body
    assert patron.get("http://news.example.vn/").title == "news.example.vn"
    assert lab.sql("SELECT count(*) FROM consents JOIN sessions ON id = session_id WHERE state = 'open'") == [(1,)]


@pytest.fixture
def borrowed(lab: Lab) -> Iterator[str]:
    """c2 gives itself c1's address."""
    address = str(lab.status()["clients"][0]["ipv4"])
    lab.run("c2", ["ip", "address", "add", f"{address}/32", "dev", "eth0"])
    yield address
    lab.run("c2", ["ip", "address", "del", f"{address}/32", "dev", "eth0"])
    lab.run("gw", ["ip", "neigh", "flush", "dev", "lan0"])


def test_nobody_passes_under_anothers_leased_address(lab: Lab, borrowed: str) -> None:
    lab.login("c1")
    lab.login("c2")
    lab.wait_until(
        lambda: borrowed in lab.run("gw", ["nft", "list", "set", "inet", "cong", "leased_address"]).stdout, 10, "lease"
    )
    before = {session["mac"]: session["up_bytes"] for session in lab.sessions()}
    outcomes = attempts(lab, "c2", f"udp:{WEB4}:9999@{borrowed}", f"ping:{WEB4}@{borrowed}")
    assert not set(outcomes.values()) & CAME_THROUGH, outcomes
    assert {session["mac"]: session["up_bytes"] for session in lab.sessions()} == before
    lab.wait_until(lambda: "guard.address_contested" in lab.log("gateway"), 10, "the conflict in the log")


def test_nobody_passes_under_an_address_another_uses_now(lab: Lab, static6: str) -> None:
    lab.login("c1")
    lab.login("c2")
    assert attempts(lab, "c1", f"udp:{WEB6}:9999@{static6}") == {f"udp:{WEB6}:9999@{static6}": "echo"}
    lab.run("c2", ["ip", "address", "add", f"{static6}/64", "dev", "eth0", "nodad"])
    try:
        outcomes = attempts(lab, "c2", f"udp:{WEB6}:9999@{static6}")
        assert not set(outcomes.values()) & CAME_THROUGH, outcomes
    finally:
        lab.run("c2", ["ip", "address", "del", f"{static6}/64", "dev", "eth0"])
