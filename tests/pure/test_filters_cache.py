"""What is kept of upstreams' answers, and for how long."""

from dnslib import RR, DNSRecord

from filters.cache import FAILURE_S, PREFETCH_USES, RECHECK_S, Cache, is_worth_prefetching
from filters.kept import Kept, Key, cleaned, key_of
from filters.wire import read_query


def _key(name: str, qtype: str = "A") -> Key:
    return key_of(read_query(bytes(DNSRecord.question(name, qtype).pack())))


def _kept(name: str, ttl: int = 300, now: float = 0.0, zone: str = "") -> Kept:
    reply = DNSRecord.question(name).reply()
    reply.add_answer(*RR.fromZone(zone or f"{name} {ttl} A 203.0.113.1"))
    return cleaned(bytes(reply.pack()), now)


def test_an_entry_lives_as_long_as_its_ttl() -> None:
    cache = Cache(100_000)
    cache.put(_key("a.vn"), _kept("a.vn", 20, now=5.0))
    assert cache.get(_key("a.vn"), 24.9) is not None
    assert cache.get(_key("a.vn"), 25.0) is None
    assert cache.used_bytes == 0
    cache.put(_key("b.vn"), _kept("b.vn", 0))
    assert cache.get(_key("b.vn"), 0.0) is None


def test_the_longest_unused_goes_when_the_bytes_are_spent() -> None:
    cache = Cache(20_000)
    for number in range(100):
        cache.put(_key(f"n{number}.vn"), _kept(f"n{number}.vn"))
        cache.get(_key("n0.vn"), 1.0)
        assert cache.used_bytes <= 20_000
    assert cache.get(_key("n0.vn"), 1.0) is not None
    assert cache.get(_key("n1.vn"), 1.0) is None
    assert cache.get(_key("n99.vn"), 1.0) is not None
    assert 5 < len(cache) < 40


def test_an_entry_put_twice_is_counted_once() -> None:
    cache = Cache(20_000)
    cache.put(_key("a.vn"), _kept("a.vn"))
    once = cache.used_bytes
    cache.put(_key("a.vn"), _kept("a.vn"))
    assert cache.used_bytes == once


def test_failures_are_kept_for_seconds() -> None:
    cache = Cache(20_000)
    cache.fail(_key("a.vn"), 10.0)
    assert cache.failed_until(_key("a.vn"), 10.0 + FAILURE_S - 0.1)
    assert not cache.failed_until(_key("a.vn"), 10.0 + FAILURE_S)
    cache.fail(_key("a.vn"), 10.0)
    cache.put(_key("a.vn"), _kept("a.vn"))
    assert not cache.failed_until(_key("a.vn"), 10.1)


def test_an_answer_past_its_life_is_kept_for_a_dead_line() -> None:  # RFC 8767
    cache = Cache(20_000, stale_s=100)
    cache.put(_key("a.vn"), _kept("a.vn", 20, now=5.0))
    assert cache.get(_key("a.vn"), 25.0) is None
    stale = cache.stale(_key("a.vn"), 124.9)
    assert stale is not None
    assert [rr.ttl for rr in DNSRecord.parse(bytes(stale.stale())).rr] == [30]
    assert cache.stale(_key("a.vn"), 125.0) is None
    assert cache.get(_key("a.vn"), 125.0) is None
    assert cache.used_bytes == 0


def test_a_failure_is_kept_longer_where_a_stale_answer_serves() -> None:
    cache = Cache(20_000, stale_s=100)
    cache.put(_key("a.vn"), _kept("a.vn", 20))
    cache.fail(_key("a.vn"), 30.0)
    cache.fail(_key("b.vn"), 30.0)
    assert cache.failed_until(_key("a.vn"), 30.0) == 30.0 + RECHECK_S
    assert cache.failed_until(_key("b.vn"), 30.0) == 30.0 + FAILURE_S


def test_popular_answers_are_fetched_anew_before_they_end() -> None:
    cache = Cache(20_000)
    cache.put(_key("a.vn"), _kept("a.vn", 100))
    for _ in range(PREFETCH_USES):
        found = cache.get(_key("a.vn"), 50.0)
    assert found is not None
    assert not is_worth_prefetching(found, 89.9)
    assert is_worth_prefetching(found, 90.0)
    rare, short = _kept("b.vn", 100), _kept("c.vn", 9)
    short.uses = 99
    assert not is_worth_prefetching(rare, 99.0)
    assert not is_worth_prefetching(short, 8.9)


def test_a_name_is_flushed_with_all_below_and_what_leads_to_it() -> None:
    cache = Cache(20_000)
    for name in ("a.vn", "www.a.vn", "ba.vn", "c.vn"):
        cache.put(_key(name), _kept(name))
    cache.put(_key("alias.vn"), _kept("alias.vn", zone="alias.vn 60 CNAME a.vn\na.vn 60 A 203.0.113.1"))
    cache.fail(_key("x.a.vn"), 0.0)
    assert cache.flush(["a.vn"]) == 3
    assert cache.get(_key("ba.vn"), 1.0) and cache.get(_key("c.vn"), 1.0)
    assert not cache.failed_until(_key("x.a.vn"), 1.0)
    assert cache.flush() == 2
    assert (len(cache), cache.used_bytes) == (0, 0)
