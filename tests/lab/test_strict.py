"""Strict mode: what the filter has answered is reached, what it has not is refused at once, over both families."""

import json
import time
from collections.abc import Iterator

import pytest

from gateway.lab.driver import Lab
from tests.lab.judges.wireguard import ODD_PORT, tunnel
from tests.lab.reaching import all_refused_at_once, attempts, privacy_address
from tests.lab.reconfigured import reconfigured
from tests.lab.witness import crossed, witness

PROFILE = {"port": 5301, "block": ["bypass"], "games": "all", "strict": "on"}
SECOND, SECOND4, SECOND6 = "second.example", "198.51.100.11", "2001:db8:100::11"
RESOLVER4, RESOLVER6 = "198.51.100.8", "2001:db8:100::8"
AT_ONCE_S = 1.0


@pytest.fixture(scope="module", autouse=True)
def strict(lab: Lab) -> Iterator[None]:
    with reconfigured(lab, {"dns": {"profiles": {"adult": PROFILE}}}):
        yield


@pytest.fixture(autouse=True)
def c1_on(lab: Lab, strict: None) -> Iterator[None]:
    """Nothing is known of any device; c1 is on."""
    lab.end_all_sessions()
    for name in ("learned4", "learned6", "by_address"):
        assert lab.run("gw", ["nft", f"flush set inet cong {name}"]).returncode == 0
    lab.login("c1", "http://news.example.vn/")
    yield
    lab.end_all_sessions()


def dig(lab: Lab, client: str, *words: str) -> str:
    done = lab.run(client, ["dig", "+short", "+tries=1", "+timeout=4", *words])
    assert done.returncode == 0, done.stdout
    return done.stdout.strip()


def targets(port: int = 443) -> list[str]:
    return [f"tcp:{SECOND4}:{port}", f"tcp:{SECOND6}:{port}"]


def test_an_address_nobody_answered_is_refused_at_once(lab: Lab) -> None:
    with witness(lab):
        begun = time.monotonic()
        done = lab.run("c1", ["curl", "-sS", "--max-time", "5", f"https://{SECOND4}/"])
        assert done.returncode == 7 and time.monotonic() - begun < AT_ONCE_S, done.stderr
        all_refused_at_once(lab, "c1", [*targets(), f"udp:{SECOND4}:443"])
        assert attempts(lab, "c1", f"ping:{SECOND4}", f"ping:{SECOND6}") == {
            f"ping:{SECOND4}": "silent",
            f"ping:{SECOND6}": "silent",
        }
        assert crossed(lab) == (0, 0)


@pytest.mark.parametrize("resolver", ["10.77.0.1", "2001:db8:77::1", RESOLVER4, RESOLVER6])
@pytest.mark.parametrize("way", ["+notcp", "+tcp"])
def test_after_a_look_up_it_is_reached_whomever_was_asked_and_however(lab: Lab, resolver: str, way: str) -> None:
    assert dig(lab, "c1", way, f"@{resolver}", SECOND, "A") == SECOND4
    assert dig(lab, "c1", way, f"@{resolver}", SECOND, "AAAA") == SECOND6
    outcomes = attempts(lab, "c1", *targets(), f"udp:{SECOND4}:443", f"tcp:{SECOND6}:443@{privacy_address(lab, 'c1')}")
    assert set(outcomes.values()) <= {"open", "echo"}, outcomes


def test_the_other_family_is_still_refused_and_so_are_other_devices(lab: Lab) -> None:
    lab.login("c2", "http://news.example.vn/")
    assert dig(lab, "c1", SECOND, "A") == SECOND4
    assert attempts(lab, "c1", *targets()) == dict(zip(targets(), ("open", "refused"), strict=True))
    with witness(lab):
        all_refused_at_once(lab, "c2", targets())
        assert crossed(lab) == (0, 0)


def test_an_aliass_target_is_reached_and_a_refused_name_teaches_nothing(lab: Lab) -> None:
    assert dig(lab, "c1", "garena.vn") == "0.0.0.0"
    all_refused_at_once(lab, "c1", targets())
    assert "198.51.100.10" in dig(lab, "c1", "cdn.cdn.example")
    assert attempts(lab, "c1", "tcp:198.51.100.10:443") == {"tcp:198.51.100.10:443": "open"}


def test_pages_names_of_the_box_and_what_was_asked_before_login_work(lab: Lab) -> None:
    """The very page the device asked for before it was let in: it kept the garden's address (flows/unmask)."""
    assert lab.patron("c1").get("http://news.example.vn/").title == "news.example.vn"
    assert lab.patron("c1").get("http://www.example.com/").title == "www.example.com"
    assert lab.patron("c1").get("http://wifi.internal/status").status == 200


def test_a_hosts_file_and_an_address_in_the_url_lead_nowhere(lab: Lab) -> None:
    for words in (["--resolve", f"garena.vn:80:{SECOND4}", "http://garena.vn/"], [f"http://{SECOND4}/"]):
        done = lab.run("c1", ["curl", "-sS", "--max-time", "5", *words])
        assert done.returncode == 7, done.stderr


def test_a_vpn_by_address_does_not_come_up_and_one_by_name_does_as_we_say(lab: Lab) -> None:
    with tunnel(lab, "c1", ODD_PORT) as app:
        with witness(lab):
            app.dial(ODD_PORT)
            assert not any(app.carries() for _ in range(3))
            assert crossed(lab) == (0, 0)
        assert dig(lab, "c1", SECOND) == SECOND4
        lab.wait_until(app.carries, 15, "the tunnel")


def test_kept_answers_work_after_a_new_login_a_restart_and_a_flush(lab: Lab) -> None:
    assert dig(lab, "c1", SECOND, "A") == SECOND4
    lab.end_all_sessions()
    lab.login("c1", "http://news.example.vn/")
    assert attempts(lab, "c1", targets()[0]) == {targets()[0]: "open"}, "the device keeps its answers over the login"
    lab.restart("gateway")
    assert attempts(lab, "c1", targets()[0]) == {targets()[0]: "open"}
    assert dig(lab, "c1", SECOND, "AAAA") == SECOND6
    assert lab.run("gw", ["nft", "flush", "ruleset"]).returncode == 0
    lab.wait_until(lambda: attempts(lab, "c1", targets()[1])[targets()[1]] == "open", 15, "the repair")


def test_answers_are_short_lived_and_their_kernel_elements_are_not(lab: Lab) -> None:
    told = lab.run("c1", ["dig", "+noall", "+answer", SECOND]).stdout
    assert 0 < int(told.split()[1]) <= 600
    held = json.loads(lab.run("gw", ["nft", "-j", "list", "set", "inet", "cong", "learned4"]).stdout)
    (left_s,) = [
        each["elem"]["expires"]
        for item in held["nftables"]
        for each in item.get("set", {}).get("elem", [])
        if each["elem"]["val"]["concat"] == ["02:00:5e:10:00:01", SECOND4]
    ]
    assert left_s > 600


def test_a_session_open_at_the_switch_on_stays_as_it_was(lab: Lab) -> None:
    before = lab.files.config.read_text(encoding="utf-8")
    lab.end_all_sessions()
    lab.files.config.write_text(before.replace('strict = "on"', 'strict = "off"'), encoding="utf-8")
    lab.restart("gateway")
    lab.login("c1", "http://news.example.vn/")
    lab.files.config.write_text(before, encoding="utf-8")
    lab.restart("gateway")
    assert set(attempts(lab, "c1", *targets()).values()) == {"open"}, "what it was answered before is known to nobody"
    assert dig(lab, "c1", SECOND) == SECOND4


def test_tries_are_counted_for_the_profile_and_no_address_is_kept(lab: Lab) -> None:
    def counted() -> int:
        told = json.loads(lab.cong("dns", "stats", "--json").stdout)["today"]["profiles"]
        return int(told.get("adult", {}).get("refusals", {}).get("by-address", 0))

    before = counted()
    all_refused_at_once(lab, "c1", targets(8000))
    lab.wait_until(lambda: counted() >= before + 2, 40, "the tries in the day's counts")
    database = lab.config.state.database.read_bytes()
    assert SECOND4.encode() not in database and SECOND4 not in lab.log("gateway")
