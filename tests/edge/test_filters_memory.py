"""All DNS processes together stay within 100 MB with every list there is, while a day's mix of names goes through."""

import lzma
import socket
import sys
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import pytest
from dnslib import DNSRecord

from bench.lists import all_lists
from bench.memory import resident_sum
from filters.compile import update
from filters.settings import Profile
from tests.edge.filters_upstream import WAIT_S, Running, ScriptedUpstream, free_port, running, settings_for
from tests.filter_material import SHARED

MOST_MB = 100
QUESTIONS = 20_000
_TOGETHER = 40


def _replay(server: Running, names: list[tuple[str, str]]) -> int:
    """Ask from several ports, so that both workers have their part; how many were answered."""
    answered = 0
    for at in range(0, len(names), _TOGETHER):
        clients: list[socket.socket] = []
        for name, qtype in names[at : at + _TOGETHER]:
            client = server.client()
            client.send(bytes(DNSRecord.question(name, qtype).pack()))
            clients.append(client)
        for client in clients:
            with client:
                answered += bool(client.recv(4096))
    return answered


@pytest.mark.skipif(
    not (SHARED / "blocklists").exists(), reason="wants the shared lists: a million names are no sample"
)
def test_a_million_names_and_a_busy_day_take_a_hundred_megabytes(tmp_path: Path) -> None:
    lists = tuple(all_lists(SHARED / "blocklists"))
    categories = frozenset(each.category for each in lists)
    with lzma.open(SHARED / "queries" / "replay-mixed-200k.txt.xz", "rt", encoding="ascii") as text:
        lines = [line.split() for _, line in zip(range(QUESTIONS), text, strict=False)]
    with ScriptedUpstream() as upstream:
        settings = settings_for(tmp_path, [upstream.port], lists, workers=2)
        profiles = tuple(Profile(name, free_port(), categories) for name in ("adult", "child", "staff"))
        settings = replace(settings, profiles=profiles)
        made = update(settings).blockset
        assert sum(each.names for each in made.sources) > 1_150_000
        with running(settings) as server:
            assert _replay(server, [(name, qtype) for name, qtype in lines]) == QUESTIONS
            pids = [server.process.pid, *server.workers()]
            until = perf_counter() + WAIT_S
            while (seen := resident_sum(pids))[0] > MOST_MB and perf_counter() < until:
                pass  # pages of the mapped lists are given back each second
            told = f"{seen[0]:.1f} MB; with shared pages counted once {seen[1]:.1f} MB"
            sys.stdout.write(f"all DNS processes: {told}\n")  # seen with pytest -s
            assert seen[0] <= MOST_MB, told
