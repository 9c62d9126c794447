"""Start, stop, upstreams that fail, lists that change under the running filter, and sockets systemd holds."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import pytest
from dnslib import EDNS0, RCODE, DNSRecord

from filters.compile import update
from filters.generations import load_current, pointed_to
from filters.settings import Source
from tests.edge.filters_upstream import WAIT_S, Running, ScriptedUpstream, running, settings_for, start


@pytest.fixture(scope="module")
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream() as scripted:
        yield scripted


@pytest.fixture
def silent() -> Iterator[int]:
    """A port where nobody ever answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as dead:
        dead.bind(("127.0.0.1", 0))
        yield dead.getsockname()[1]


@pytest.fixture
def refusing() -> int:
    """A port that is closed."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        port: int = closed.getsockname()[1]
    return port


def _list(path: Path, *lines: str) -> Source:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Source(path.stem, "games", str(path))


def _address(server: Running, name: str) -> str:
    return str(server.ask(name).rr[0].rdata)


def _ede_codes(reply: DNSRecord) -> list[int]:
    return [int.from_bytes(option.data[:2], "big") for extra in reply.ar for option in extra.rdata if option.code == 15]


def test_a_second_start_says_which_port_is_taken(upstream: ScriptedUpstream, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, [upstream.port])
    with running(settings) as server:
        second = start(settings)
        _, said = second.communicate(timeout=WAIT_S)
        assert second.returncode == 1
        assert f"port {settings.profiles[0].port} (UDP) is taken" in said
        assert "dns.profiles.adult" in said
        assert "hint: see who: ss" in said
        assert "Traceback" not in said
        assert _address(server, "still.example") == "203.0.113.7"


def test_a_silent_upstream_is_passed_over_and_rests(upstream: ScriptedUpstream, silent: int, tmp_path: Path) -> None:
    with running(settings_for(tmp_path, [silent, upstream.port])) as server:
        begun = perf_counter()
        assert _address(server, "first.example") == "203.0.113.7"
        assert perf_counter() - begun < 1.4  # the second is asked long before the first one's time is over
        rested = [event for event in server.events_until("upstream.rested") if event["event"] == "upstream.rested"]
        assert rested[0]["port"] == silent
        assert _address(server, "second.example") == "203.0.113.7"
        assert upstream.asked("first.example") and upstream.asked("second.example")


def test_when_none_answers_it_is_said_and_kept_for_seconds(refusing: int, tmp_path: Path) -> None:
    with running(settings_for(tmp_path, [refusing])) as server:
        reply = server.ask("nowhere.example", edns=EDNS0())
        assert (reply.header.rcode, _ede_codes(reply)) == (RCODE.SERVFAIL, [23])
        again = server.ask("nowhere.example", edns=EDNS0())
        assert (again.header.rcode, _ede_codes(again)) == (RCODE.SERVFAIL, [13])
        assert _address(server, "wifi.internal") == "10.77.0.1"


def test_an_upstreams_own_failure_asks_the_next(upstream: ScriptedUpstream, tmp_path: Path) -> None:
    with ScriptedUpstream() as failing:
        failing.says("try.example", "A", rcode=RCODE.SERVFAIL)
        with running(settings_for(tmp_path, [failing.port, upstream.port])) as server:
            assert _address(server, "try.example") == "203.0.113.7"
            for number in range(100):
                assert _address(server, f"odd{number}.example") == "203.0.113.7"
            assert len(failing.seen) > 1  # it is not resting for that: now and then it is asked


def test_lists_are_swapped_while_queries_run(upstream: ScriptedUpstream, tmp_path: Path) -> None:
    source = _list(tmp_path / "own.txt", "one.example")
    settings = settings_for(tmp_path, [upstream.port], [source], workers=2)
    with running(settings) as server:
        stop, lost = threading.Event(), list[str]()

        def ask_on() -> None:
            while not stop.is_set():
                try:
                    server.ask("one.example")
                except OSError as error:
                    lost.append(repr(error))

        asking = threading.Thread(target=ask_on)
        asking.start()
        try:
            assert _address(server, "one.example") == "0.0.0.0"
            assert _address(server, "two.example") == "203.0.113.7"
            _list(tmp_path / "own.txt", "two.example", "three.example")
            assert update(settings).blockset.generation == 2
            for _ in range(2):  # either worker
                assert server.events_until("lists.swapped")[-1]["generation"] == 2
            for _ in range(8):
                assert _address(server, "two.example") == "0.0.0.0"
                assert _address(server, "one.example") == "203.0.113.7"
        finally:
            stop.set()
            asking.join()
        assert not lost


def test_a_bad_list_at_start_keeps_the_last_good_generation(upstream: ScriptedUpstream, tmp_path: Path) -> None:
    source = _list(tmp_path / "own.txt", "one.example")
    settings = settings_for(tmp_path, [upstream.port], [source])
    update(settings)
    (tmp_path / "own.txt").write_text("<!doctype html><title>log in</title>", encoding="utf-8")
    with running(settings) as server:
        told = server.events_until("list.kept_last_good")[-1]
        assert (told["list"], told["why"]) == ("own", "is a web page, not a list of names")
        assert _address(server, "one.example") == "0.0.0.0"


def test_a_first_start_leaves_a_bad_list_out(upstream: ScriptedUpstream, tmp_path: Path) -> None:
    good = _list(tmp_path / "good.txt", "one.example")
    missing = Source("missing", "games", str(tmp_path / "nowhere.txt"))
    with running(settings_for(tmp_path, [upstream.port], [good, missing])) as server:
        assert _address(server, "one.example") == "0.0.0.0"


def test_a_changed_list_is_compiled_beside_the_service(upstream: ScriptedUpstream, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, [upstream.port], [_list(tmp_path / "own.txt", "one.example")])
    update(settings)
    _list(tmp_path / "own.txt", "one.example", "two.example")
    with running(settings) as server:
        server.events_until("lists.swapped")
        assert _address(server, "two.example") == "0.0.0.0"


def test_a_damaged_generation_is_passed_over(upstream: ScriptedUpstream, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, [upstream.port], [_list(tmp_path / "own.txt", "one.example")])
    update(settings)
    update(settings)
    damaged = pointed_to(settings.blockset_directory)
    assert damaged is not None
    damaged.write_bytes(damaged.read_bytes()[:-1])
    current = load_current(settings.blockset_directory)
    assert current is not None
    assert current.generation == 1
    with running(settings) as server:
        assert _address(server, "one.example") == "0.0.0.0"


@pytest.mark.parametrize("dual", [True, False], ids=["one for both families", "one a family"])
def test_sockets_held_by_systemd_are_used(upstream: ScriptedUpstream, tmp_path: Path, dual: bool) -> None:
    settings = settings_for(tmp_path, [upstream.port], workers=2)
    adult = settings.profiles[0].port
    held: list[socket.socket] = []
    try:
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            made = socket.socket(socket.AF_INET6 if dual else socket.AF_INET, kind)
            if dual:  # as systemd makes them when nothing else is said
                made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            made.bind(("::" if dual else "0.0.0.0", adult))
            if kind == socket.SOCK_STREAM:
                made.listen()
            held.append(made)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as early:
            early.settimeout(WAIT_S)
            early.sendto(bytes(DNSRecord.question("wifi.internal").pack()), ("127.0.0.1", adult))
            with running(settings, held) as server:
                assert DNSRecord.parse(early.recv(4096)).rr  # it waited for the filter to start
                for _ in range(4):
                    assert _address(server, "wifi.internal") == "10.77.0.1"
                    later = bytes(DNSRecord.question("a.example").pack())
                    assert server.exchange(later, address="::1")
                    assert _address(server, "b.example") == "203.0.113.7"
                with server.tcp() as connection:
                    assert connection.getpeername()[1] == adult
    finally:
        for each in held:
            each.close()


def test_a_directory_that_can_not_be_written_stops_the_start(upstream: ScriptedUpstream, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, [upstream.port])
    settings.blockset_directory.write_text("a file where a directory belongs", encoding="utf-8")
    process = start(settings)
    _, said = process.communicate(timeout=WAIT_S)
    assert process.returncode == 1
    assert "hint: run: cong lists update" in said
