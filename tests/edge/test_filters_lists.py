"""`cong lists` as an operator types it."""

import contextlib
import json
import os
import pty
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from filters.errors import FilterError
from gateway.cli.lists import lists
from gateway.config.example import example_config

_MAIN = "from gateway.cli.main import main; main()"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    text = example_config().replace("/var/lib/cong", str(tmp_path / "lib")).replace("/run/cong", str(tmp_path / "run"))
    path = tmp_path / "cong.toml"
    path.write_text(text, encoding="utf-8")
    return path


@dataclass
class Site:
    """What a small server says to everybody."""

    address: str
    status: int = 200
    body: bytes = b""


@contextlib.contextmanager
def serving() -> Iterator[Site]:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(site.status)
            self.send_header("Content-Length", str(len(site.body)))
            self.end_headers()
            self.wfile.write(site.body)

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        site = Site(f"http://127.0.0.1:{server.server_port}/list.txt")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()


def only_lists(config: Path, **locations: str) -> None:
    """Put these lists into the place of all others, and profiles that go with them."""
    text = config.read_text(encoding="utf-8")
    own = "".join(
        f'[[dns.lists]]\nname = "{name}"\ncategory = "games"\nlocation = "{location}"\n'
        for name, location in locations.items()
    )
    blocks = 'profiles.adult]\nport = 5301\nblock = ["games"]\n\n[dns.profiles.staff]\nport = 5302\nblock = ["games"]\n'
    begin = '[dns]\nshipped_lists = false\nlist_networks = ["127.0.0.1/32"]\n[dns.'
    config.write_text(text[: text.index("[dns")] + begin + blocks + "\n" + own, encoding="utf-8")


def _run(config: Path, *words: str) -> Result:
    return CliRunner().invoke(lists, [*words, "--config", str(config)])


def test_update_then_status(config: Path) -> None:
    updated = _run(config, "update")
    assert updated.exit_code == 0
    assert "generation 1, made 0 seconds ago" in updated.stdout
    status = _run(config, "status")
    assert status.exit_code == 0
    assert "games-vn-exceptions" in status.stdout
    told = json.loads(_run(config, "status", "--json").stdout)
    assert set(told) == {"generation", "built_at", "age_s", "stale", "lists", "not_used", "faults"}
    assert told["stale"] is False
    assert [each["names"] for each in told["lists"]][:2] == [310, 27]
    assert {each["state"] for each in told["lists"]} == {"good"}
    names = sum(each["names"] for each in told["lists"] if each["kind"] == "names")
    assert f": {names} names\n" in updated.stdout
    assert told["lists"][0].pop("bytes") > 5000
    assert told["lists"][0] == {
        "name": "games-vn",
        "category": "games",
        "action": "block",
        "kind": "names",
        "location": "package:games-vn",
        "state": "good",
        "why": None,
        "since": None,
        "format": "plain",
        "names": 310,
        "changed_at": None,
        "age_s": None,
        "checked_at": None,
        "due": False,
        "rejected": {},
    }
    (addresses,) = [each for each in told["lists"] if each["kind"] == "addresses"]
    assert addresses["format"] == "addresses" and addresses["names"] > 300


def test_what_has_not_changed_is_not_compiled_again_unless_forced(config: Path) -> None:
    for words, generation in (([], 1), ([], 1), (["games-vn"], 1), (["--force"], 2), (["--accept", "games-vn"], 3)):
        assert json.loads(_run(config, "update", "--json", *words).stdout)["generation"] == generation


def test_a_fetched_list_in_all_its_states(config: Path, tmp_path: Path) -> None:
    with serving() as site:
        only_lists(config, own=site.address, second=str(tmp_path / "second.txt"))
        (tmp_path / "second.txt").write_text("second.example\n", encoding="utf-8")
        site.status = 404

        def told(*words: str) -> tuple[int, dict[str, object], int]:
            ran = _run(config, *words, "--json")
            said = json.loads(ran.stdout)
            return ran.exit_code, said["lists"][0], said["generation"]

        code, own, generation = told("update")
        assert (code, own["state"], own["names"], generation) == (1, "unused", 0, 1)
        assert own["why"] == "was not fetched yet; can't be renewed: its server said 404 Not Found"
        assert json.loads(_run(config, "status", "--json").stdout)["not_used"][0]["why"] == own["why"]
        site.status, site.body = 200, "".join(f"n{n}.example\n" for n in range(100)).encode()
        code, own, generation = told("update")
        assert (code, own["state"], own["names"], generation) == (0, "good", 100, 2)
        assert own["checked_at"] == own["changed_at"] and own["due"] is False
        site.status = 503
        code, own, generation = told("update", "--force", "own")
        assert (code, own["state"], own["names"], own["why"]) == (
            1, "old", 100, "can't be renewed: its server said 503 Service Unavailable"
        )  # fmt: skip
        assert own["due"] is True and own["since"]
        site.status, site.body = 200, b"n1.example\nn2.example\n"
        code, own, generation = told("update")
        assert (code, own["state"], own["names"]) == (1, "kept", 100)
        assert str(own["why"]).startswith("has shrunk to 2 names from 100")
        shown = _run(config, "status")
        assert shown.exit_code == 1 and "kept" in shown.stdout and "has shrunk to 2 names" in shown.stdout
        assert told("update")[0] == 1  # still
        code, own, generation = told("update", "--accept", "own")
        assert (code, own["state"], own["names"], own["why"]) == (0, "good", 2, None)
        assert _run(config, "status").exit_code == 0


def test_without_fetching_what_is_there_is_compiled(config: Path, tmp_path: Path) -> None:
    with serving() as site:
        site.body = b"a.example\n"
        (tmp_path / "second.txt").write_text("second.example\n", encoding="utf-8")
        only_lists(config, own=site.address, second=str(tmp_path / "second.txt"))
        first = json.loads(_run(config, "update", "--no-fetch", "--json").stdout)
        assert [each["state"] for each in first["lists"]] == ["unused", "good"]
        assert _run(config, "update").exit_code == 0
        site.status = 500
        again = _run(config, "update", "--no-fetch", "--force", "--json")
        assert again.exit_code == 0 and json.loads(again.stdout)["generation"] == 3


def test_the_log_tells_of_fetched_lists(config: Path) -> None:
    with serving() as site:
        only_lists(config, own=site.address)
        site.body = b"a.example\n"
        events = [json.loads(line) for line in _run(config, "update").stderr.splitlines()]
        assert events == [
            {"level": "info", "event": "list.fetched", "list": "own", "bytes": 10},
            {"level": "info", "event": "lists.compiled", "generation": 1},
        ]
        site.status = 500
        (failed,) = [json.loads(line) for line in _run(config, "update", "--force").stderr.splitlines()][:1]
        assert (failed["level"], failed["event"], failed["list"]) == ("warning", "list.fetch_failed", "own")


def test_a_lists_text_does_not_move_the_terminals_cursor(config: Path, tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("good.example\nbad\x1b[2Jname.example\n", encoding="utf-8")
    only_lists(config, own=str(tmp_path / "own.txt"))
    assert "the first in line 2: bad?[2Jname.example" in _run(config, "update").stdout


def test_on_a_terminal_bars_are_shown_and_gone(config: Path) -> None:
    """As an operator sees it: a true terminal, the whole command."""
    with serving() as site:
        only_lists(config, own=site.address)
        site.body = b"".join(b"n%d.example\n" % n for n in range(50_000))
        ours, theirs = pty.openpty()
        command = [sys.executable, "-c", _MAIN, "lists", "update", "--config", str(config)]
        with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs) as process:
            os.close(theirs)
            seen = b""
            with contextlib.suppress(OSError):  # EIO: the other side is closed
                while piece := os.read(ours, 65536):
                    seen += piece
            os.close(ours)
        assert process.returncode == 0, seen
        assert b"own" in seen and b"MB" in seen and b"generation 1" in seen and b"Traceback" not in seen


def test_what_only_looks_loads_neither_rich_nor_aiohttp(config: Path) -> None:
    assert _run(config, "update").exit_code == 0
    code = (
        f"import atexit, sys\natexit.register(lambda: print(sorted({{'rich', 'aiohttp'}} & set(sys.modules))))\n{_MAIN}"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "lists", "status", "--config", str(config)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "[]"


def test_status_before_any_update_is_a_fault_with_a_hint(config: Path) -> None:
    failed = _run(config, "status")
    assert isinstance(failed.exception, FilterError)
    assert failed.exception.exit_code == 1
    assert "cong lists update" in failed.exception.hint


def test_check_says_why_without_a_running_filter(config: Path) -> None:
    said = json.loads(_run(config, "check", "www.Garena.vn", "--json").output)
    assert len(said.pop("at")) == len("2026-11-23T09:00")
    assert said == {
        "name": "www.garena.vn",
        "profile": None,
        "verdict": "block",
        "step": "category",
        "category": "games",
        "list": "games-vn",
        "line": 12,
        "rule": "garena.vn",
        "schedule": None,
        "why": "list games-vn, line 12, has garena.vn (with all below); category games",
        "profiles": {"adult": "block", "staff": "none", "child": "block"},
        "generation": 0,
    }
    assert json.loads(_run(config, "check", "garena.vn", "--profile", "staff", "--json").output)["verdict"] == "none"
    assert "ioe.goplay.vn: allow" in _run(config, "check", "ioe.goplay.vn").output


def test_check_tries_files(config: Path, tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("new.example\n||odd^\n", encoding="utf-8")
    said = _run(config, "check", "a.new.example", "--with", str(tmp_path / "new.txt"))
    assert "a.new.example: block" in said.output
    assert "new.txt, line 1" in said.output


@pytest.mark.parametrize(
    "words",
    [
        ["update", "nothing"],
        ["update", "--accept", "nothing"],
        ["check"],
        ["check", "a.vn", "--profile", "nobody"],
        ["check", "a.vn", "--with", "no"],
    ],
)
def test_wrong_use_is_exit_code_2(config: Path, words: list[str]) -> None:
    assert _run(config, *words).exit_code == 2


def test_a_name_that_is_none_is_wrong_use(config: Path) -> None:
    failed = _run(config, "check", "a..b")
    assert isinstance(failed.exception, FilterError)
    assert failed.exception.exit_code == 2


def test_what_was_rejected_is_shown_with_its_line(config: Path, tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("good.example\nads.example##.ad\n", encoding="utf-8")
    only_lists(config, own=str(tmp_path / "own.txt"))
    updated = _run(config, "update")
    assert updated.exit_code == 0, updated.exception
    assert "1  entry not used: adblock-cosmetic; the first in line 2: ads.example##.ad" in updated.output
    told = json.loads(_run(config, "status", "--json").output)
    assert told["lists"][0]["rejected"] == {
        "adblock-cosmetic": {"lines": 1, "first": [{"line": 2, "text": "ads.example##.ad"}]}
    }


def test_check_asks_for_a_profile_a_type_and_a_moment_of_the_site(config: Path) -> None:
    asked = ["check", "garena.vn", "--profile", "child", "--type", "HTTPS"]
    told = json.loads(_run(config, *asked, "--at", "2026-11-23 09:00", "--json").output)
    assert (told["verdict"], told["at"], told["profile"]) == ("block", "2026-11-23T09:00", "child")
    assert "T09:00" in json.loads(_run(config, *asked, "--at", "09:00", "--json").output)["at"]
    assert "(profile child, 2026-11-23 09:00)" in _run(config, *asked, "--at", "2026-11-23T09:00").output
    for wrong in (["--at", "noon"], ["--type", "NOPE"], ["--type", "TYPE99999"], ["--profile", "nobody"]):
        assert _run(config, *asked, *wrong).exit_code == 2
