"""The lab itself: its Internet answers as promised, its commands do what they say, and nothing of it stays behind."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.lab import netns, processes
from gateway.lab.daemons import cong
from gateway.lab.driver import Lab
from gateway.lab.names import GAME_SITE, WEB_NAMES
from gateway.lab.patron import parse_answer
from gateway.lab.plan import (
    DNS_IPV4,
    ECHO_PORT,
    MODEM_IPV4,
    OUTSIDE_RESOLVER_IPV4,
    SECOND_WEB_IPV4,
    WEB_IPV4,
    WEB_IPV6,
    is_ours,
)
from gateway.probe_table import PROBES

_STATUS_KEYS = {
    "gateway": {
        "netns",
        "lan_ipv4",
        "lan_ipv6",
        "portal_url",
        "desk_url",
        "desk_user",
        "desk_password",
        "database",
        "config",
        "pids",
    },
    "isp": {"netns", "web_names", "web_ipv4", "web_ipv6", "dns_ipv4", "outside_resolver_ipv4"},
}
_CLIENT_KEYS = {"name", "netns", "mac", "ipv4", "ipv6"}


def _dig(lab: Lab, *words: str) -> str:
    done = lab.run("gw", ["dig", "+tries=1", "+timeout=3", f"@{DNS_IPV4}", *words])
    assert done.returncode == 0, done.stdout
    return done.stdout


def _short(lab: Lab, *words: str) -> list[str]:
    return _dig(lab, "+short", *words).split()


class TestInternet:
    """Asked from the gateway's own namespace, where nothing filters."""

    def test_web_names_have_both_addresses(self, lab: Lab) -> None:
        for name in WEB_NAMES:
            assert _short(lab, name, "A", name, "AAAA") == [WEB_IPV4, WEB_IPV6]

    def test_game_site_resolves_at_the_isp(self, lab: Lab) -> None:
        assert _short(lab, GAME_SITE) == [SECOND_WEB_IPV4]

    def test_cname_is_followed(self, lab: Lab) -> None:
        assert _short(lab, "cdn.example") == ["www.example.com.", WEB_IPV4]

    def test_name_below_a_wildcard_resolves(self, lab: Lab) -> None:
        assert _short(lab, "a.b.wild.example") == [WEB_IPV4]

    def test_big_answer_needs_tcp(self, lab: Lab) -> None:
        cut = _dig(lab, "+noall", "+comments", "+question", "+ignore", "big.example", "TXT")
        assert "tc" in cut.split("flags:")[1].split(";")[0].split()
        assert "QUERY: 1, ANSWER: 0" in cut
        assert len(_short(lab, "+tcp", "big.example", "TXT")) == 20

    def test_unknown_name_is_nxdomain_with_soa(self, lab: Lab) -> None:
        answer = _dig(lab, "no-such-name.example")
        assert "status: NXDOMAIN" in answer
        assert "SOA" in answer

    def test_known_name_without_that_type_is_no_data(self, lab: Lab) -> None:
        answer = _dig(lab, "v4only.example", "AAAA")
        assert "status: NOERROR" in answer
        assert "ANSWER: 0" in answer

    def test_outside_resolver_tells_itself_apart(self, lab: Lab) -> None:
        assert _short(lab, "who.isp.example", "TXT") == ['"inside"']
        done = lab.run("gw", ["dig", "+short", f"@{OUTSIDE_RESOLVER_IPV4}", "who.isp.example", "TXT"])
        assert done.stdout.split() == ['"outside"']

    def test_questions_are_noted(self, lab: Lab) -> None:
        _dig(lab, "noted.wild.example")
        assert f"{DNS_IPV4} udp 203.0.113.2 noted.wild.example A" in lab.log("isp-dns")

    @pytest.mark.parametrize("family", ["-4", "-6"])
    def test_sites_answer_by_host(self, lab: Lab, family: str) -> None:
        for name in WEB_NAMES:
            done = lab.run("gw", ["curl", "-sS", family, f"http://{name}/"])
            assert f"<title>{name}</title>" in done.stdout, done.stderr

    def test_https_is_good_for_who_knows_the_certificate(self, lab: Lab) -> None:
        command = ["curl", "-sS", "--cacert", str(lab.files.certificate), f"https://{WEB_NAMES[0]}/"]
        assert WEB_NAMES[0] in lab.run("gw", command).stdout
        assert lab.run("gw", ["curl", "-sS", f"https://{WEB_NAMES[0]}/"]).returncode != 0

    def test_probe_hosts_give_their_exact_online_answers(self, lab: Lab) -> None:
        for probe in (each for each in PROBES if each.status and not each.https):
            url = f"http://{probe.host}{probe.path}?ipv4"
            raw = subprocess.run(
                [*lab.inside("gw"), "curl", "-sS", "-i", url], capture_output=True, timeout=10, check=True
            ).stdout
            answer = parse_answer(url, raw)
            assert (answer.status, answer.body.encode()) == (probe.status, probe.body or b""), url
            if probe.header:
                assert answer.headers[probe.header[0].lower()] == probe.header[1]

    def test_apple_bodies_have_the_known_lengths(self) -> None:
        bodies = {probe.host: probe.body or b"" for probe in PROBES if probe.client == "Apple"}
        assert len(bodies["captive.apple.com"]) == 69
        assert len(bodies["www.apple.com"]) == 68

    def test_modem_page_answers_on_the_line(self, lab: Lab) -> None:
        assert "<title>ISP modem</title>" in lab.run("gw", ["curl", "-sS", f"http://{MODEM_IPV4}/"]).stdout

    def test_download_and_upload_have_the_asked_length(self, lab: Lab) -> None:
        done = lab.run(
            "gw", ["curl", "-sS", "-o", "/dev/null", "-w", "%{size_download}", f"http://{WEB_IPV4}/bytes/7000000"]
        )
        assert done.stdout == "7000000"
        done = lab.run("gw", ["curl", "-sS", "-T", "-", f"http://{WEB_IPV4}/upload"], stdin="x" * 300_000)
        assert done.stdout == "300000\n"

    @pytest.mark.parametrize("port", [443, ECHO_PORT])
    def test_udp_comes_back(self, lab: Lab, port: int) -> None:
        code = (
            "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(3);"
            f"s.sendto(b'quic?', ('{WEB_IPV4}', {port})); print(s.recvfrom(99)[0].decode())"
        )
        assert lab.run("gw", ["python3", "-c", code]).stdout == "quic?\n"

    @pytest.mark.parametrize("address", [WEB_IPV4, WEB_IPV6])
    def test_iperf3_serves_both_families(self, lab: Lab, address: str) -> None:
        done = lab.run("gw", ["iperf3", "--json", "-c", address, "-n", "1M"])
        assert json.loads(done.stdout)["end"]["sum_sent"]["bytes"] >= 1_000_000


class TestCommands:
    def test_status_has_exactly_the_promised_keys(self, lab: Lab) -> None:
        status = lab.status()
        assert set(status) == {"gateway", "clients", "isp"}
        assert {key: set(status[key]) for key in _STATUS_KEYS} == _STATUS_KEYS
        assert set(status["gateway"]["pids"]) == {"gateway", "dns"}
        assert [set(client) for client in status["clients"]] == [_CLIENT_KEYS] * 3

    def test_clients_have_their_addresses_from_the_gateway(self, lab: Lab) -> None:
        status = lab.status()
        network = lab.config.lan.ipv4.network
        assert lab.config.lan.ipv6 is not None
        for number, client in enumerate(status["clients"], 1):
            assert client["mac"] == f"02:00:5e:10:00:0{number}"
            assert socket.inet_aton(client["ipv4"]) > network.network_address.packed
            assert len(client["ipv6"]) >= 2, "one lasting, one privacy address"
            assert all(address.startswith("2001:db8:77:") for address in client["ipv6"])
        assert len({client["ipv4"] for client in status["clients"]}) == 3

    def test_client_learned_resolver_and_routes(self, lab: Lab) -> None:
        assert lab.run("c1", ["cat", "/etc/resolv.conf"]).stdout == "nameserver 10.77.0.1\n"
        assert "default via 10.77.0.1" in lab.run("c1", ["ip", "-4", "route"]).stdout
        assert "default via fe80:" in lab.run("c1", ["ip", "-6", "route"]).stdout

    def test_host_keeps_its_own_resolver(self, lab: Lab) -> None:
        lab.status()
        assert "10.77.0.1" not in Path("/etc/resolv.conf").read_text(encoding="utf-8")

    def test_exec_passes_input_output_and_exit_code(self, lab: Lab) -> None:
        done = subprocess.run(
            cong("lab", "exec", "c1", "--", "sh", "-c", "cat; echo err >&2; exit 7"),
            input="Thư viện",
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (7, "Thư viện", "err\n")

    def test_unknown_client_is_named_with_those_there_are(self, lab: Lab) -> None:
        done = lab.command("lab", "exec", "c9", "true", check=False)
        assert done.returncode == 2
        assert "c1, c2, c3, gw, isp" in done.stderr

    def test_second_up_is_refused_and_harms_nothing(self, lab: Lab) -> None:
        before = lab.status()
        done = lab.command("lab", "up", check=False)
        assert done.returncode == 1
        assert "up already" in done.stderr
        assert "cong lab down" in done.stderr
        assert lab.status() == before

    @pytest.mark.parametrize("daemon", ["gateway", "dns"])
    def test_killed_daemon_is_started_again(self, lab: Lab, daemon: str) -> None:
        killed = lab.status()["gateway"]["pids"][daemon]
        first = killed if isinstance(killed, int) else killed[0]
        os.kill(first, signal.SIGKILL)
        lab.wait_until(lambda: first not in _flat(lab.status()["gateway"]["pids"][daemon]), what="the kill seen")
        lab.restart(daemon)
        now = _flat(lab.status()["gateway"]["pids"][daemon])
        assert now
        assert first not in now

    def test_dhcp_starts_again(self, lab: Lab) -> None:
        lab.restart("dhcp")
        assert "answers" in lab.command("lab", "restart", "dhcp").stdout

    def test_configuration_is_one_the_gateway_reads(self, lab: Lab) -> None:
        assert "good" in lab.command("check", "--config", str(lab.files.config)).stdout
        assert lab.config.session.book_every_s == 5


class TestDriver:
    """What the other tests of this folder lean on."""

    def test_login_opens_one_session_and_the_operator_ends_it(self, lab: Lab) -> None:
        lab.end_all_sessions()
        page = lab.login("c1", f"http://{WEB_NAMES[1]}/")
        assert page.status == 200
        assert lab.patron("c1").get(f"http://{WEB_NAMES[1]}/").title == WEB_NAMES[1]
        (session,) = lab.sessions()
        assert session["mac"] == lab.status()["clients"][0]["mac"]
        assert lab.sql("SELECT state FROM sessions WHERE id = ?", (session["id"],)) == [("open",)]
        lab.end_all_sessions()
        assert lab.sessions() == []
        assert lab.wait_until(lambda: lab.sql("SELECT 1 FROM sessions WHERE state = 'closed'"))

    def test_database_can_only_be_read(self, lab: Lab) -> None:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            lab.sql("DELETE FROM usage")

    def test_waiting_in_vain_says_for_what_and_what_was_seen(self, lab: Lab) -> None:
        with pytest.raises(AssertionError, match=r"rain: not within 0\.1 s; last: 0"):
            lab.wait_until(lambda: 0, within_s=0.1, what="rain")


class TestDown:
    """Each takes the shared lab down and brings it up again."""

    @pytest.fixture(autouse=True)
    def _up_again(self, lab: Lab) -> Iterator[None]:
        yield
        lab.up()

    def test_nothing_is_left(self, lab: Lab) -> None:
        inodes = set(lab.namespaces().values())
        status = lab.status()
        lab.down()
        _assert_gone(lab, inodes)
        for pid in [status["gateway"]["pids"]["gateway"], *status["gateway"]["pids"]["dns"]]:
            assert processes.this_process(pid) is None
        done = lab.command("lab", "status", check=False)
        assert done.returncode == 1
        assert "not up" in done.stderr

    def test_nothing_is_left_after_a_crash(self, lab: Lab) -> None:
        inodes = set(lab.namespaces().values())
        stray = subprocess.Popen([*lab.inside("c2"), "sleep", "1000"], start_new_session=True)
        os.kill(lab.status()["gateway"]["pids"]["gateway"], signal.SIGKILL)
        state = lab.files.directory / "state.json"
        state.write_text(state.read_text(encoding="ascii")[:40], encoding="ascii")
        assert "only parts" in lab.command("lab", "status", check=False).stderr
        lab.down()
        assert stray.wait(5) != 0
        _assert_gone(lab, inodes)


def _flat(pids: int | list[int] | None) -> list[int]:
    return [] if pids is None else [pids] if isinstance(pids, int) else pids


def _assert_gone(lab: Lab, inodes: set[int]) -> None:
    assert inodes
    assert processes.in_namespaces("net", inodes) == []
    assert not lab.files.directory.exists()
    if netns.PER_NAMESPACE_ETC.is_dir():
        assert not [entry for entry in netns.PER_NAMESPACE_ETC.iterdir() if is_ours(entry.name)]
    assert netns.ours() == []
