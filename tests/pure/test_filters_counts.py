"""A refusal counts once for an asker and a domain in half a minute, in all workers together."""

from pathlib import Path

from filters.counts import ONCE_IN_S, CountsSender, ProfileCounts, Recent


def test_the_same_asker_and_domain_count_once_for_a_while() -> None:
    recent = Recent()
    first, second = ProfileCounts(recent), ProfileCounts(recent)  # two workers share the memory
    first.refuse(b"\x0a\0\0\1", "game.vn", "games", 100.0)
    first.refuse(b"\x0a\0\0\1", "game.vn", "games", 100.0 + ONCE_IN_S - 1)
    second.refuse(b"\x0a\0\0\1", "game.vn", "games", 101.0)
    assert (first.refused, second.refused) == ({"games": 1}, {})
    second.refuse(b"\x0a\0\0\2", "game.vn", "games", 101.0)
    second.refuse(b"\x0a\0\0\1", "other.vn", "games", 101.0)
    second.refuse(b"\x0a\0\0\1", "game.vn", "games", 100.0 + ONCE_IN_S)
    assert second.refused == {"games": 3}


def test_sums_wait_while_nobody_listens(tmp_path: Path) -> None:
    counts = ProfileCounts(Recent())
    sender = CountsSender(tmp_path / "nobody.sock", [("adult", counts)])
    assert sender.send()  # nothing counted, nothing to send
    counts.queries = 7
    assert not sender.send()
    assert counts.queries == 7
    sender.close()
