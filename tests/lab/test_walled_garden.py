"""The walled garden: sites of a list are open before login, by name, while their answers live, and nothing else is."""

import json
import subprocess
from collections.abc import Iterator
from ipaddress import ip_address
from uuid import uuid4

import pytest

from gateway.lab.driver import Lab
from gateway.lab.names import GAME_SITE, OPEN_SITE, SHORT_TTL_NAME, STUDY_SITE, WEB_NAMES
from gateway.lab.plan import SECOND_WEB_IPV4, SECOND_WEB_IPV6, WEB_IPV4, WEB_IPV6
from tests.lab.judges import iodine
from tests.lab.judges.witness import dns_witness
from tests.lab.reaching import CAME_THROUGH, attempts
from tests.lab.reconfigured import reconfigured

CLIENT, OTHER = "c1", "c2"
FAMILIES = ("-4", "-6")
ZONE = "wild.example"
OPENED = {"4": SECOND_WEB_IPV4, "6": SECOND_WEB_IPV6}


@pytest.fixture(scope="module", autouse=True)
def garden(lab: Lab) -> Iterator[None]:
    names = [OPEN_SITE, SHORT_TTL_NAME, GAME_SITE, ZONE, "v4only.example", iodine.DOMAIN]
    with reconfigured(lab, {"portal": {"garden": {"names": names, "least_life": "5s"}}}):
        yield


@pytest.fixture(autouse=True)
def closed(lab: Lab) -> None:
    """Nobody is signed in and nothing is open yet."""
    lab.end_all_sessions()
    for family in OPENED:
        lab.run("gw", ["nft", "flush", "set", "inet", "cong", f"garden{family}"])


def _curl(lab: Lab, *words: str, client: str = CLIENT) -> tuple[int, str]:
    """Status and the page, 0 when there was none."""
    command = ["curl", "-sS", "-m", "4", "-w", "\n%{http_code}", "--cacert", str(lab.files.certificate), *words]
    body, _, status = lab.run(client, command).stdout.rpartition("\n")
    return int(status), body


def _ask(lab: Lab, *words: str) -> list[str]:
    return lab.run(CLIENT, ["dig", "+short", "+tries=1", "+timeout=4", *words]).stdout.split()


def _through(lab: Lab, *targets: str) -> set[str]:
    return {target for target, outcome in attempts(lab, CLIENT, *targets).items() if outcome in CAME_THROUGH}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_listed_site_opens_before_login(lab: Lab, family: str) -> None:
    for scheme in ("http", "https"):
        status, page = _curl(lab, family, f"{scheme}://{OPEN_SITE}/")
        assert (status, f"This is / of {OPEN_SITE}" in page) == (200, True), scheme
    assert lab.sessions() == []


@pytest.mark.parametrize("family", FAMILIES)
def test_others_stay_closed_and_are_led_to_the_portal(lab: Lab, family: str) -> None:
    _curl(lab, family, f"http://{OPEN_SITE}/")
    for name in (WEB_NAMES[0], STUDY_SITE, "captive.apple.com"):
        assert _curl(lab, family, f"http://{name}/")[0] == 302, name
        assert _curl(lab, family, f"https://{name}/")[0] == 0, name
    assert _through(lab, f"tcp:{WEB_IPV4}:443", f"tcp:{WEB_IPV6}:443", f"ping:{WEB_IPV4}") == set()


def test_an_address_is_open_only_after_its_name_was_asked_and_for_the_web_only(lab: Lab) -> None:
    web = [f"tcp:{address}:443" for address in OPENED.values()]
    assert _through(lab, *web) == set()
    assert _ask(lab, OPEN_SITE, "A") == [SECOND_WEB_IPV4] and _ask(lab, OPEN_SITE, "AAAA") == [SECOND_WEB_IPV6]
    assert _through(lab, *web) == set(web)
    more = [f"{kind}:{address}" for address in OPENED.values() for kind in ("ping",)]
    more += [f"{way}:{a}:{port}" for a in OPENED.values() for way, port in (("tcp", 22), ("udp", 443), ("udp", 9999))]
    assert _through(lab, *more) == set()


def test_the_first_connection_never_comes_too_early(lab: Lab) -> None:
    """The kernel has the address before the client has the answer: each time the set is emptied first."""
    script = "\n".join(f"curl -s -o /dev/null -m 2 -w '%{{http_code}} ' http://x{n}.{ZONE}/" for n in range(15))
    assert lab.run(CLIENT, ["sh"], stdin=script, timeout=60).stdout.split() == ["200"] * 15
    for _ in range(5):
        lab.run("gw", ["nft", "flush", "set", "inet", "cong", "garden4"])
        assert _curl(lab, "-4", f"http://{OPEN_SITE}/")[0] == 200


def test_it_closes_when_the_answer_has_run_out(lab: Lab) -> None:
    assert _curl(lab, "-4", f"http://{SHORT_TTL_NAME}/")[0] == 200
    target = f"tcp:{WEB_IPV4}:443"
    assert _through(lab, target) == {target}
    lab.wait_until(lambda: _through(lab, target) == set(), 20, "the address to close")
    assert _curl(lab, "-4", f"http://{SHORT_TTL_NAME}/")[0] == 200, "asked again it opens again"


@pytest.mark.parametrize("family", FAMILIES)
def test_a_download_that_outlives_its_address_goes_on_and_no_new_one_begins(lab: Lab, family: str) -> None:
    url = f"http://{SHORT_TTL_NAME}/bytes/2500000"
    with reconfigured(lab, {"portal": {"garden": {"rate": "1Mbit"}}}):  # 20 s; the address has 11
        words = ["curl", "-sS", "-o", "/dev/null", "-m", "40", family, url]
        with subprocess.Popen([*lab.inside(CLIENT), *words], stderr=subprocess.PIPE, text=True) as running:
            target = f"tcp:{WEB_IPV4 if family == '-4' else WEB_IPV6}:443"
            lab.wait_until(lambda: _through(lab, target) == {target}, 5, "the address to open")
            lab.wait_until(lambda: _through(lab, target) == set(), 20, "the address to close")
            assert running.poll() is None, "it was still running then"
            assert running.communicate(timeout=40)[1] == "" and running.returncode == 0


def test_where_the_kernel_has_no_room_the_portal_answers(lab: Lab) -> None:
    places = ", ".join(f"192.0.{n >> 8}.{n & 255} timeout 1m" for n in range(4096))
    filled = lab.run("gw", ["nft", "-f", "-"], stdin=f"add element inet cong garden4 {{ {places} }}\n")
    assert filled.returncode == 0, filled.stderr
    assert _curl(lab, "-4", f"http://{OPEN_SITE}/")[0] == 302
    assert _curl(lab, "-6", f"http://{OPEN_SITE}/")[0] == 200
    lab.wait_until(lambda: "garden.not_opened" in lab.log("gateway"), 5, "the warning")
    lab.run("gw", ["nft", "flush", "set", "inet", "cong", "garden4"])
    assert _curl(lab, "-4", f"http://{OPEN_SITE}/")[0] == 200


def test_what_is_open_stays_so_over_a_restart(lab: Lab) -> None:
    with reconfigured(lab, {"portal": {"garden": {"least_life": "10m"}}}):
        assert _curl(lab, "-4", f"http://{OPEN_SITE}/")[0] == 200
        target = f"tcp:{SECOND_WEB_IPV4}:443"
        before = json.loads(lab.cong("garden", "--json").stdout)
        lab.restart("gateway")
        assert json.loads(lab.cong("garden", "--json").stdout) == before, "bytes are kept too"
        assert _through(lab, target) == {target}
        assert _curl(lab, "-6", f"http://{OPEN_SITE}/")[0] == 200


def test_what_the_filter_refuses_is_open_to_nobody(lab: Lab) -> None:
    (address,) = _ask(lab, GAME_SITE, "A")
    assert ip_address(address) in lab.config.portal.synthetic_ipv4
    assert _curl(lab, "-4", f"http://{GAME_SITE}/")[0] == 302
    assert _through(lab, f"tcp:{SECOND_WEB_IPV4}:443") == set()


def test_a_site_without_ipv6_is_not_led_to_the_portal_by_it(lab: Lab) -> None:
    assert _ask(lab, "v4only.example", "AAAA") == []
    assert _curl(lab, "http://v4only.example/")[0] == 200


def test_only_addresses_are_asked_and_few_new_names_of_one_device(lab: Lab) -> None:
    name = uuid4().hex
    with dns_witness(lab) as witness:
        for kind in ("TXT", "NULL", "CNAME", "MX", "SRV", "HTTPS", "ANY"):
            assert _ask(lab, "+tcp" if kind == "ANY" else "+notcp", f"{name}.{ZONE}", kind) == []
        assert witness.packets() == 0
    questions = "".join(f"{name}-{n}.{ZONE} A\n" for n in range(100))
    lab.run(OTHER, ["dig", "+short", "+tries=1", "+timeout=4", "-f", "-"], stdin=questions, timeout=60)
    asked = {line.split()[3] for line in lab.log("isp-dns").splitlines() if name in line}
    assert 5 <= len(asked) <= 45, "a burst, then one in three seconds"
    assert _ask(lab, OPEN_SITE, "A") == [SECOND_WEB_IPV4], "what was open for others goes on"


def test_no_tunnel_comes_up_even_through_a_listed_name_of_its_own(lab: Lab) -> None:
    """The worst a list can hold: the tunnel's own domain, asked where its server answers."""
    tries = [iodine.Attempt(str(lab.config.lan.ipv4.ip), kind) for kind in iodine.TYPES]
    with iodine.server(lab) as iodined:
        for attempt, outcome in zip(tries, iodine.attempts(lab, OTHER, tries, within_s=12), strict=True):
            assert not outcome.is_up, f"{attempt}: {outcome.said}"
        assert not iodine.has_tunnel(lab, OTHER)
        print(f"{iodined.questions()} questions went out")
        assert iodined.questions() < 120


def test_its_bytes_are_counted_and_no_sessions(lab: Lab) -> None:
    before = json.loads(lab.cong("garden", "--json").stdout)
    rows = lab.sql("SELECT count(*) FROM sessions")
    assert _curl(lab, "-6", f"http://{OPEN_SITE}/")[0] == 200
    after = json.loads(lab.cong("garden", "--json").stdout)
    assert after["up_bytes"] - before["up_bytes"] > 200 and after["down_bytes"] - before["down_bytes"] > 200
    assert after["addresses"] >= 1 and OPEN_SITE in after["names"]
    assert lab.sql("SELECT count(*) FROM sessions") == rows
    booked = lab.sql("SELECT sum(up_bytes), sum(down_bytes) FROM garden_days")
    assert booked[0][0] >= after["up_bytes"] and booked[0][1] >= after["down_bytes"]


def test_after_login_it_is_a_site_like_others(lab: Lab) -> None:
    assert _curl(lab, "-4", f"http://{OPEN_SITE}/")[0] == 200
    before = json.loads(lab.cong("garden", "--json").stdout)
    lab.login(CLIENT)
    assert _curl(lab, "-4", f"http://{OPEN_SITE}/")[0] == 200
    assert json.loads(lab.cong("garden", "--json").stdout)["up_bytes"] == before["up_bytes"]
    (session,) = lab.sessions()
    assert session["up_bytes"] > 0


def _bytes_a_second(lab: Lab, family: str) -> float:
    words = ["-o", "/dev/null", "-w", "%{speed_download}", f"http://{OPEN_SITE}/bytes/3000000"]
    return float(lab.run(CLIENT, ["curl", "-sS", "-m", "20", family, *words], timeout=25).stdout)


def test_all_of_it_together_has_a_rate(lab: Lab) -> None:
    free = _bytes_a_second(lab, "-4")
    with reconfigured(lab, {"portal": {"garden": {"rate": "8Mbit", "least_life": "10m"}}}):
        for family in FAMILIES:
            paced = _bytes_a_second(lab, family)
            print(f"{family}: {paced * 8 / 1e6:.2f} of 8 Mbit/s, free {free * 8 / 1e6:.0f}")
            assert 0.85e6 < paced < 1.05e6
        lab.restart("gateway")
        assert 0.85e6 < _bytes_a_second(lab, "-4") < 1.05e6
    assert _bytes_a_second(lab, "-4") > 2e6 < free, "and none where there is none"


def test_the_doctor_says_where_each_leads_and_which_stays_closed(lab: Lab) -> None:
    done = lab.cong("doctor", check=False)
    lines = [line for line in done.stdout.splitlines() if "open before login" in line]
    assert f"ok     open before login: {OPEN_SITE}: leads to {SECOND_WEB_IPV4}, {SECOND_WEB_IPV6}" in lines
    assert f"ok     open before login: {ZONE}: has no address itself; names below it may have" in lines
    assert any(line.startswith(f"FAULT  open before login: {GAME_SITE}: stays closed") for line in lines)
    assert done.returncode == 1 and "cong lists check garena.vn --profile adult" in done.stdout
