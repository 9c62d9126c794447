"""Other resolvers, as patrons get round a filter by them: typed in, by a browser's default, encrypted, by an app.

LISTED is on a list of known resolvers, UNLISTED on none: what that one still carries is said in SECURITY.md.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.lab.driver import Lab
from gateway.lab.plan import OUTSIDE_RESOLVER_IPV4, OUTSIDE_RESOLVER_IPV6
from tests.lab.judges.encrypted_dns import DOH_PORTS, UDP_PORTS, Resolver, resolver
from tests.lab.reaching import CAME_THROUGH, all_refused_at_once, attempts, fails_within
from tests.lab.reconfigured import reconfigured
from tests.lab.witness import crossed, witness

LISTED = (OUTSIDE_RESOLVER_IPV4, OUTSIDE_RESOLVER_IPV6)
UNLISTED = ("198.51.100.9", "2001:db8:100::9")
PROXY, TRANSLATE = "croxyproxy.example", "translate-page.example"
TYPES = ("A", "AAAA", "HTTPS", "TXT")


@pytest.fixture(scope="module")
def lists(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The lab with a list of resolvers' addresses of its own, and one of web proxies."""
    directory = tmp_path_factory.mktemp("lists")
    addresses, proxies = directory / "addresses.txt", directory / "proxies.txt"
    addresses.write_text(f"# typed in\n{LISTED[0]}  # v4\n{LISTED[1]}/128\n", encoding="ascii")
    proxies.write_text(f"{PROXY}\n{TRANSLATE}\n", encoding="ascii")
    more = [
        {"name": "known", "category": "bypass", "location": str(addresses), "kind": "addresses"},
        {"name": "proxies", "category": "bypass", "location": str(proxies)},
    ]
    with reconfigured(lab, {"dns": {"lists": more}}):
        yield addresses


@pytest.fixture(scope="module", autouse=True)
def outside(lab: Lab, lists: Path) -> Iterator[Resolver]:
    """Both serve; from the box itself, where nothing filters, they answer: the judge is fit to judge."""
    with resolver(lab, *LISTED, *UNLISTED) as found:
        for address in (*LISTED, *UNLISTED):
            assert "198.51.100.10" in kdig(lab, "gw", address, "+tls", "www.example.com")
            assert "<h1>www.example.com" in doh(lab, "gw", address)
        yield found


@pytest.fixture(scope="module", autouse=True)
def c1_on(lab: Lab, outside: Resolver) -> None:
    """c1 is signed in for all tests here, c2 for none; whoever made the lab anew ends that."""
    lab.login("c1")


def dig(lab: Lab, *words: str) -> str:
    return lab.run("c1", ["dig", "+tries=1", "+timeout=3", *words]).stdout


def kdig(lab: Lab, client: str, address: str, *words: str) -> str:
    return lab.run(client, ["kdig", "+retry=0", "+timeout=3", "+short", f"@{address}", *words]).stdout


def doh_command(address: str, port: int = 443) -> list[str]:
    host = f"[{address}]" if ":" in address else address
    url = f"https://{host}:{port}/dns-query"
    return ["curl", "-sS", "--max-time", "5", "--doh-url", url, "--doh-insecure", "http://www.example.com/"]


def doh(lab: Lab, client: str, address: str) -> str:
    return lab.run(client, doh_command(address)).stdout


@pytest.mark.parametrize("address", [*LISTED, *UNLISTED, "8.8.8.8", "2001:4860:4860::8888"])
@pytest.mark.parametrize("way", ["+notcp", "+tcp"])
def test_a_resolver_typed_in_is_the_librarys_under_the_address_asked(
    lab: Lab, outside: Resolver, address: str, way: str
) -> None:
    before = outside.asked()
    with witness(lab):
        told = dig(lab, way, f"@{address}", "garena.vn")  # dig takes no answer from another address
        assert "EDE: 15" in told and f"SERVER: {address}#53" in told
        assert crossed(lab) == (0, 0)
    assert outside.asked() == before


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize(
    "canary", ["use-application-dns.net", "mask.icloud.com", "mask-h2.icloud.com", "mask-canary.icloud.com"]
)
def test_browsers_and_phones_that_ask_are_told_no(lab: Lab, canary: str, kind: str) -> None:
    assert "status: NXDOMAIN" in dig(lab, canary, kind)


def test_no_designated_resolver_and_no_public_one_is_handed_out(lab: Lab) -> None:
    found = dig(lab, "_dns.resolver.arpa", "SVCB")  # RFC 9462: Windows, Apple; Chrome knows public resolvers by address
    assert "status: NOERROR" in found and "ANSWER: 0" in found
    handed = re.findall(r"nameserver (\S+)", lab.run("c1", ["cat", "/etc/resolv.conf"]).stdout)
    assert handed and set(handed) <= set(lab.config.lan.addresses)


@pytest.mark.parametrize("name", ["dns.google", "cloudflare-dns.com", "dns.nextdns.io", PROXY, f"www.{TRANSLATE}"])
def test_names_of_resolvers_and_web_proxies_are_refused_for_every_type(lab: Lab, name: str) -> None:
    for kind in TYPES:
        assert "EDE: 15" in dig(lab, name, kind)
    assert dig(lab, "+short", name, "HTTPS") == ""


def test_doh_by_name_falls_back_within_a_second(lab: Lab, outside: Resolver) -> None:
    before = outside.asked()
    command = ["curl", "-sS", "--max-time", "5", "--doh-url", "https://dns.google/dns-query", "http://www.example.com/"]
    fails_within(lab, "c1", command, 1.5)
    assert outside.asked() == before


@pytest.mark.parametrize("address", LISTED)
@pytest.mark.parametrize("port", DOH_PORTS)
def test_doh_by_the_address_of_a_known_resolver_is_refused_at_once(
    lab: Lab, outside: Resolver, address: str, port: int
) -> None:
    before = outside.asked()
    with witness(lab):
        fails_within(lab, "c1", doh_command(address, port), 1.5)
        assert crossed(lab) == (0, 0)
    assert outside.asked() == before


@pytest.mark.parametrize("address", UNLISTED)
def test_doh_of_a_resolver_nobody_lists_passes_and_we_say_so(lab: Lab, outside: Resolver, address: str) -> None:
    before = outside.asked()
    assert "<h1>www.example.com" in doh(lab, "c1", address)
    assert outside.asked() > before


@pytest.mark.parametrize("address", [*LISTED, *UNLISTED])
def test_dot_and_doq_are_refused_at_once_whoever_serves_them(lab: Lab, outside: Resolver, address: str) -> None:
    before = outside.asked()
    with witness(lab):
        all_refused_at_once(lab, "c1", [f"tcp:{address}:853", f"udp:{address}:853"])
        said = fails_within(lab, "c1", ["kdig", "+retry=0", f"@{address}", "+tls", "www.example.com"], 1.5)
        assert "can't connect" in said
        assert crossed(lab) == (0, 0)
    assert outside.asked() == before


@pytest.mark.parametrize("address", LISTED)
def test_every_port_of_a_known_resolver_is_shut_and_a_ping_is_no_question(
    lab: Lab, outside: Resolver, address: str
) -> None:
    before = outside.asked()
    with witness(lab):
        ports = [f"udp:{address}:{port}" for port in UDP_PORTS] + [f"tcp:{address}:{port}" for port in (80, 5443)]
        all_refused_at_once(lab, "c1", ports)
        assert crossed(lab) == (0, 0)
    assert attempts(lab, "c1", f"ping:{address}") == {f"ping:{address}": "reply"}
    assert outside.asked() == before


def test_a_captive_client_reaches_no_resolver(lab: Lab, outside: Resolver) -> None:
    before = outside.asked()
    with witness(lab):
        outcomes = attempts(
            lab,
            "c2",
            *(f"tcp:{address}:{port}" for address in (*LISTED, *UNLISTED) for port in (443, 853, 8443)),
            *(f"udp:{address}:{port}" for address in (*LISTED, *UNLISTED) for port in (443, 853, 5443)),
        )
        assert not set(outcomes.values()) & CAME_THROUGH, outcomes
        assert crossed(lab) == (0, 0)
    assert outside.asked() == before


def test_known_resolvers_are_shut_again_after_another_program_flushed_all(lab: Lab) -> None:
    target = f"tcp:{LISTED[0]}:8443"
    lab.run("gw", ["nft", "flush", "ruleset"])
    lab.wait_until(lambda: LISTED[0] in resolvers_held(lab), 10, "the repair")
    lab.wait_until(lambda: attempts(lab, "c1", "udp:198.51.100.10:9999")["udp:198.51.100.10:9999"] == "echo", 10)
    all_refused_at_once(lab, "c1", [target])


def resolvers_held(lab: Lab) -> str:
    return lab.run("gw", ["nft", "list", "set", "inet", "cong", "resolvers4"]).stdout
