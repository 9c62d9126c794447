"""`cong dns` takes up what the desk has set: the same process, the same sockets, and not one question lost."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from dnslib import DNSRecord

from filters.compile import update
from gateway.config.filtering import filter_settings
from gateway.config.load import load_config
from gateway.flows.settings import Settings
from gateway.lab.processes import wait_until
from gateway.store.desk_settings import DeskSettingsFiles
from tests.edge.filters_upstream import WAIT_S, Running, ScriptedUpstream, free_port
from tests.edge.test_filters_processes import Asking


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Path]:
    with ScriptedUpstream() as upstream:
        path = tmp_path / "cong.toml"
        path.write_text(
            f"""
[state]
directory = "{tmp_path}"
run_directory = "{tmp_path}"
[dns]
upstreams = ["127.0.0.1@{upstream.port}"]
client_qps = 0
[dns.profiles.adult]
port = {free_port()}
block = ["adult"]
games = "all"
""",
            encoding="utf-8",
        )
        update(filter_settings(load_config(path)))
        yield path


@pytest.fixture
def filter_(config: Path) -> Iterator[Running]:
    """The command itself, as its unit starts it."""
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("cong")), "dns", "--config", str(config)], stderr=subprocess.PIPE, text=True
    )
    try:
        server = Running(process, filter_settings(load_config(config)))
        server.events_until("dns.started")
        yield server
        process.terminate()
        _, rest = process.communicate(timeout=WAIT_S)
        assert process.returncode == 0, rest
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def change(config: Path, **wanted: object) -> None:
    flow = Settings(DeskSettingsFiles(config))
    assert not asyncio.run(flow.change({f"dns.profiles.adult.{key}": each for key, each in wanted.items()})).wrong


def is_refused(server: Running, name: str) -> bool:
    return str(DNSRecord.parse(server.ask(name).pack()).a.rdata) == "0.0.0.0"


def test_settings_of_the_desk_are_taken_up_and_no_question_is_lost(config: Path, filter_: Running) -> None:
    assert is_refused(filter_, "garena.vn")
    pid = filter_.process.pid
    with filter_.client() as client:
        asking = Asking(client, names=("garena.vn", "wifi.internal", "kept.example", "a.example", "b.example"))
        for games in ("open", "all"):
            change(config, games=games)
            asking.ask(1500)  # 3 s
            filter_.events_until("settings.renewing")
            filter_.events_until("dns.started")
            assert is_refused(filter_, "garena.vn") is (games == "all")
        asking.settle()
    assert not asking.open, "a question was lost"
    assert asking.asked == 3000
    assert asking.slowest_s < WAIT_S, "0.3 s on a calm machine; a client asks again after 5 s"
    assert filter_.process.pid == pid
    assert (config.parent / "desk.toml").stat().st_mode & 0o777 == 0o640


def test_what_concerns_the_filter_not_or_can_not_be_read_leaves_it_as_it_is(config: Path, filter_: Running) -> None:
    workers = filter_.workers()
    assert not asyncio.run(Settings(DeskSettingsFiles(config)).change({"site.phone": "0260"})).wrong
    text = config.read_text(encoding="utf-8")
    wait_until("told again", lambda: len(filter_.workers()) > len(workers), within_s=WAIT_S)
    wait_until("told", lambda: filter_.workers() == workers, within_s=WAIT_S)
    config.write_text("broken", encoding="utf-8")
    change_of_desk = config.parent / "desk.toml"
    change_of_desk.write_text('[dns.profiles.adult]\ngames = "open"\n', encoding="utf-8")
    assert filter_.process.stderr
    said = "".join(
        iter(filter_.process.stderr.readline, '{"level": "error", "event": "settings.kept_old", "code": 2}\n')
    )
    assert "cong.toml" in said
    assert "settings.renewing" not in said
    assert filter_.workers() == workers
    assert is_refused(filter_, "garena.vn")
    config.write_text(text, encoding="utf-8")
    change_of_desk.write_text('[dns.profiles.adult]\ngames = "open"\n# again\n', encoding="utf-8")
    filter_.events_until("dns.started")
    assert not is_refused(filter_, "garena.vn")
