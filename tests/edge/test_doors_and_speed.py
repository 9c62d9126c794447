"""Doors as staff tell them, and the speed of the line against a true server: what is noted, what reports say."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.errors import GatewayError
from gateway.facts.lines import header
from gateway.speedtest import measure
from tests.edge.desk import CommandDesk
from tests.edge.filters_upstream import free_port


@pytest.fixture
def desk(tmp_path: Path) -> CommandDesk:
    return CommandDesk.at(tmp_path)


def by_staff(desk: CommandDesk) -> None:
    path = desk.folder / "cong.toml"
    text = path.read_text(encoding="utf-8").replace("[hours]", '[hours]\nopened_by = "staff"')
    path.write_text(text, encoding="utf-8")


def hours(desk: CommandDesk) -> tuple[int, int]:
    service = desk.told("report", "month", "2027-03")["sites"][0]["service"]
    return service["held_s"], service["extra_s"]


def test_gv_f_with_doors_of_the_live_site(desk: CommandDesk) -> None:
    """2.6 GV-F: doors by `cong door`, the power cut and the ISP's outage as facts."""
    by_staff(desk)
    day = "2027-03-31T"
    alive = (("00:00", "09:10"), ("09:55", "23:59"))
    facts = (
        *({"kind": "heartbeat", "begin": f"{day}{a}:00+07:00", "end": f"{day}{b}:00+07:00"} for a, b in alive),
        {"kind": "outage", "id": "p", "begin": f"{day}09:10:00+07:00", "end": f"{day}09:55:00+07:00", "cause": "power"},
    )
    lines = "\n".join([header(), *(json.dumps({"site": "sa-thay", **one}) for one in facts)])
    desk.cong("facts", "import", desk.file("f.jsonl", lines))
    for what, at in (("open", "07:42"), ("close", "11:05"), ("open", "13:30"), ("close", "17:20"), ("close", "17:20")):
        desk.cong("door", what, "--at", f"2027-03-31 {at}", "--by", "Lan")
    assert hours(desk) == (363 * 60, 25 * 60)
    listed = desk.told("door", "list", "2027-03-31")
    assert [(one["at"][11:16], one["opens"]) for one in listed] == [
        ("00:42", True), ("04:05", False), ("06:30", True), ("10:20", False),
    ]  # fmt: skip
    assert [one["by"] for one in desk.told("facts", "history", "door", "2027-03-31T00:42:00Z|True")] == ["Lan"]


def test_by_evidence_a_door_is_noted_and_said_to_count_for_nothing(desk: CommandDesk) -> None:
    done = desk.run("door", "open", "--at", "2027-03-31 07:42")
    assert done.exception is None and 'hours.opened_by is "evidence"' in done.stderr
    assert desk.told("door", "list") == []


class _File(BaseHTTPRequestHandler):
    size = 300_000

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(self.size))
        self.end_headers()
        with suppress(ConnectionError):  # the measurement is over
            self.wfile.write(bytes(self.size))

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@contextmanager
def serving(size: int = 300_000) -> Iterator[str]:
    handler = type("_Sized", (_File,), {"size": size})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/file"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def test_bytes_of_a_short_file_fetched_again_and_again_and_what_clients_moved() -> None:
    moved = iter([1_000, 1_001_000])
    with serving() as url:
        found = await measure(url, 1.0, SystemClock().boot_s, lambda: next(moved), warm_up_s=0.1)
    assert found.lasted_s == 1 and found.kbit_s > 10_000
    assert 6_000 < found.client_kbit_s <= 8_000


@pytest.mark.parametrize("what", ["nobody", "empty"])
async def test_what_can_not_be_measured_is_an_error_and_no_figure(what: str) -> None:
    with serving(size=0) as url:
        asked = url if what == "empty" else f"http://127.0.0.1:{free_port()}/"
        with pytest.raises(GatewayError, match="can't be measured against"):
            await measure(asked, 5.0, SystemClock().boot_s, lambda: 0)


def test_the_command_notes_it_and_says_when_there_is_nothing_to_ask(desk: CommandDesk) -> None:
    assert "nothing to measure against" in desk.refused("line", "speed")
    with serving() as url:
        told = desk.told("line", "speed", "--url", url, "--lasts", "1")
    assert told["kbit_s"] > 10_000 and told["lasted_s"] == 1
    (kept,) = desk.told("facts", "list", "speed_test")
    assert kept == told
