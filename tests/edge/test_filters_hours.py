"""What ends or changes by itself, or by a word of the operator, on the running filter."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from filters.settings import SafeSearch, Schedule, Source
from gateway.store.aside import replace_whole
from gateway.store.flush import ask_to_forget
from tests.edge.filters_upstream import WAIT_S, Running, ScriptedUpstream, running, settings_for

_SOURCES = (Source("games-vn", "games", "package:games-vn"),)
_ALWAYS = Schedule("exams", frozenset(range(7)), 0, 0, block=frozenset({"games"}), safe_search=SafeSearch.STRICT)


@pytest.fixture
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream() as scripted:
        yield scripted


def _until(true: Callable[[], bool]) -> float:
    begun = time.perf_counter()
    while not true():
        assert time.perf_counter() < begun + WAIT_S
    return time.perf_counter() - begun


def _address(server: Running, name: str, profile: int = 0) -> str:
    return str(server.ask(name, profile=profile).rr[-1].rdata)


def test_a_grant_ends_by_itself_and_lives_no_longer_in_caches(upstream: ScriptedUpstream, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, [upstream.port], _SOURCES)
    until = int(datetime.now(UTC).timestamp()) + 3  # noqa: TID251 - the filter's own clock is the true one
    grant = {"name": "garena.vn", "action": "allow", "reason": "", "profiles": ["adult"], "until": until, "by": "hoa"}
    with running(settings) as server:
        assert _address(server, "www.garena.vn") == "0.0.0.0"
        text = json.dumps({"generation": 1, "rules": [grant]})
        replace_whole(settings.local_rules, text, what="rules", hint="")
        assert _until(lambda: _address(server, "www.garena.vn") == "203.0.113.7") < 1.0
        assert server.ask("www.garena.vn").rr[0].ttl <= 3
        assert _until(lambda: _address(server, "www.garena.vn") == "0.0.0.0") < 3.5


def test_a_schedule_that_holds_closes_and_leads_to_safe_search(upstream: ScriptedUpstream, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, [upstream.port], _SOURCES)
    adult, staff = settings.profiles
    upstream.says("strict.bing.com", "A", "strict.bing.com 300 A 203.0.113.20")
    with running(replace(settings, profiles=(adult, replace(staff, schedules=(_ALWAYS,))))) as server:
        assert _address(server, "www.garena.vn", 1) == "0.0.0.0"
        safe = server.ask("www.bing.com", profile=1)
        assert [str(record.rdata) for record in safe.rr] == ["strict.bing.com.", "203.0.113.20"]
        assert _address(server, "www.bing.com") == "203.0.113.7"


@pytest.mark.parametrize("names", [["kept.example"], []], ids=["by name", "all"])
def test_what_the_operator_wants_forgotten_is_asked_anew(
    upstream: ScriptedUpstream, tmp_path: Path, names: list[str]
) -> None:
    settings = settings_for(tmp_path, [upstream.port], _SOURCES)
    path = settings.local_rules.with_name("flush.json")
    with running(settings) as server:
        for name in ("www.kept.example", "other.example"):
            for _ in range(3):
                server.ask(name)
            assert len(upstream.asked(name)) == 1
        for serial in (1, 2):
            ask_to_forget(path, names)
            assert json.loads(path.read_text(encoding="utf-8"))["serial"] == serial
            _until(lambda: bool(server.ask("www.kept.example").rr) and len(upstream.asked("www.kept.example")) > serial)  # noqa: B023
        server.ask("other.example")
        assert (len(upstream.asked("other.example")) == 1) == bool(names)
