"""A refusal counts once for an asker and a domain in half a minute, in all workers together; datagrams are bounded."""

import json
import socket
from pathlib import Path
from typing import Any

from filters.counts import MAX_NAMES, ONCE_IN_S, CountsSender, ProfileCounts, Recent


def test_the_same_asker_and_domain_count_once_for_a_while() -> None:
    recent = Recent()
    first, second = ProfileCounts(recent), ProfileCounts(recent)  # two workers share the memory
    first.refuse(b"\x0a\0\0\1", "game.vn", "games", 100.0)
    first.refuse(b"\x0a\0\0\1", "game.vn", "games", 100.0 + ONCE_IN_S - 1)
    second.refuse(b"\x0a\0\0\1", "game.vn", "games", 101.0)
    assert (first.refused, second.refused) == ({"games": 1}, {})
    assert (first.blocked, second.blocked) == (2, 1)
    second.refuse(b"\x0a\0\0\2", "game.vn", "games", 101.0)
    second.refuse(b"\x0a\0\0\1", "other.vn", "games", 101.0)
    second.refuse(b"\x0a\0\0\1", "game.vn", "games", 100.0 + ONCE_IN_S)
    assert second.refused == {"games": 3}


def test_sums_wait_while_nobody_listens(tmp_path: Path) -> None:
    counts = ProfileCounts(Recent())
    sender = CountsSender(tmp_path / "nobody.sock", [("adult", counts)], dict)
    counts.queries = 7
    assert not sender.send()
    assert counts.queries == 7
    sender.close()


def test_names_are_counted_only_where_the_site_wants_it(tmp_path: Path) -> None:
    plain, named = ProfileCounts(Recent()), ProfileCounts(Recent(), with_names=True)
    for counts in (plain, named):
        counts.refuse(b"\x0a\0\0\1", "game.vn", "games", 1.0)
        counts.refuse(b"\x0a\0\0\2", "game.vn", "games", 1.0)
    assert plain.names is None
    assert named.names == {("games", "game.vn"): 2}
    (told,) = _datagrams(tmp_path, [("adult", plain), ("child", named)], 1)
    assert told["names"] == [["child", "games", "game.vn", 2]]
    assert told["state"] == {"worker": 3}


def test_a_datagram_is_bounded_and_nothing_is_lost(tmp_path: Path) -> None:
    counts = ProfileCounts(Recent(), with_names=True)
    names = [f"{'x' * 60}{n}.{'y' * 60}.vn" for n in range(MAX_NAMES + 50)]
    for name in names:
        counts.refuse(b"\x0a\0\0\1", name, "games", 1.0)
    told = _datagrams(tmp_path, [("adult", counts)], 40)
    assert [name for each in told for _, _, name, _ in each["names"]] == names[:MAX_NAMES]
    assert sum(each["profiles"].get("adult", {"blocked": 0})["blocked"] for each in told) == MAX_NAMES + 50
    assert not counts.names


def _datagrams(directory: Path, profiles: list[tuple[str, ProfileCounts]], count: int) -> list[dict[str, Any]]:
    path = directory / "counts.sock"
    told = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(path))
        sender = CountsSender(path, profiles, lambda: {"worker": 3})
        for _ in range(count):
            assert sender.send()
            datagram = listener.recv(1 << 20)
            assert len(datagram) < 60_000
            told.append(json.loads(datagram))
        sender.close()
    return told
