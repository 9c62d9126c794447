"""The slow path with a clock in the test's hand and a scripted upstream behind it."""

import asyncio
import math
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from dnslib import EDNS0, QTYPE, RCODE, DNSRecord, EDNSOption

from filters.blockset import Match
from filters.cache import FAILURE_S, PREFETCH_USES, RECHECK_S, Cache
from filters.counts import ProfileCounts, Recent
from filters.kept import key_of
from filters.options import Options
from filters.policy import View
from filters.ready import Lane, Ready, Space
from filters.resolver import MAX_ASKED, STALE_AFTER_S, Resolver
from filters.rules import LocalRules
from filters.settings import FilterSettings, Refusal
from filters.upstreams.forwarder import Forwarder
from filters.wire import read_query
from tests.edge.filters_upstream import WAIT_S, ScriptedUpstream, free_port, settings_for

_CLIENT = bytes([192, 0, 2, 1])


class _NoLists:
    """Nothing is listed."""

    def matches(self, name: str) -> list[Match]:
        return []

    def patterns(self, name: str) -> list[Match]:
        return []


@dataclass
class _Asker:
    by_udp: bool = True
    client: bytes = _CLIENT
    came: "asyncio.Future[bytes]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def send(self, body: bytes | bytearray) -> None:
        self.came.set_result(bytes(body))


@dataclass
class _Time:
    """The monotonic clock of everything here."""

    at: float = 1000.0

    def now(self) -> float:
        return self.at


@dataclass
class _Bench:
    resolver: Resolver
    cache: Cache
    lane: Lane
    forwarder: Forwarder
    upstream: ScriptedUpstream
    time: _Time

    async def ask(self, name: str, qtype: str = "A", *, by_udp: bool = True, edns: EDNS0 | None = None) -> DNSRecord:
        asker = _Asker(by_udp)
        ready = self.answer(name, qtype, asker, edns)
        body = ready.body if ready is not None else await asyncio.wait_for(asker.came, WAIT_S + 1)
        return DNSRecord.parse(b"\0\0" + bytes(body))

    def answer(self, name: str, qtype: str, asker: _Asker, edns: EDNS0 | None = None) -> Ready | None:
        query = DNSRecord.question(name, qtype)
        query.add_ar(edns if edns is not None else EDNS0(udp_len=1232))
        return self.resolver.answer(bytes(query.pack()), self.lane, asker)

    async def until_asked(self, name: str, times: int) -> None:
        async with asyncio.timeout(WAIT_S):
            while len(self.upstream.asked(name)) < times:  # noqa: ASYNC110 - the upstream is a thread
                await asyncio.sleep(0.005)


@pytest.fixture
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream() as scripted:
        yield scripted


@asynccontextmanager
async def _bench(
    upstream: ScriptedUpstream, directory: Path, view: dict[str, Any], **more: Any
) -> AsyncIterator[_Bench]:
    settings: FilterSettings = settings_for(directory, [upstream.port], **more)
    cache = Cache(1_000_000, settings.stale_s)
    lane = Lane("adult", View({}, _NoLists(), LocalRules(), {}, **view), ProfileCounts(Recent()), Space(1_000_000))
    time = _Time()
    async with asyncio.TaskGroup() as group:
        forwarder = Forwarder(settings, group, time.now)
        resolver = Resolver(forwarder, cache, settings, Options(b"key", time.now), time.now)
        yield _Bench(resolver, cache, lane, forwarder, upstream, time)


@pytest.fixture
async def bench(upstream: ScriptedUpstream, tmp_path: Path) -> AsyncIterator[_Bench]:
    async with _bench(upstream, tmp_path, {}) as made:
        yield made


def _packet(name: str) -> bytes:
    return bytes(DNSRecord.question(name).pack())


def _ede(reply: DNSRecord) -> list[int]:
    return [int.from_bytes(option.data[:2], "big") for extra in reply.ar for option in extra.rdata if option.code == 15]


def _data(reply: DNSRecord) -> list[tuple[str, int, str]]:
    return [(QTYPE[rr.rtype], rr.ttl, str(rr.rdata)) for rr in reply.rr]


_SOA = "example 900 SOA ns.example. root.example. 1 2 3 4 60"


async def test_an_old_answer_serves_when_nobody_answers(bench: _Bench, upstream: ScriptedUpstream) -> None:  # RFC 8767
    upstream.says("gone.example", "A", authority=_SOA, rcode=RCODE.NXDOMAIN)
    await bench.ask("old.example")
    await bench.ask("gone.example")
    bench.time.at += 400
    for name in ("old.example", "gone.example", "new.example"):
        upstream.says(name, "A", rcode=RCODE.SERVFAIL)
    reply = await bench.ask("old.example")
    assert (_data(reply), _ede(reply)) == ([("A", 30, "203.0.113.7")], [3])
    gone = await bench.ask("gone.example")
    assert (gone.header.rcode, gone.auth[0].ttl, _ede(gone)) == (RCODE.NXDOMAIN, 30, [19])
    assert (await bench.ask("new.example")).header.rcode == RCODE.SERVFAIL
    assert (bench.lane.counts.stale, bench.lane.counts.failed) == (2, 1)


async def test_a_name_with_an_old_answer_is_asked_again_every_half_minute(
    bench: _Bench, upstream: ScriptedUpstream
) -> None:
    await bench.ask("old.example")
    bench.time.at += 400
    upstream.says("old.example", "A", rcode=RCODE.SERVFAIL)
    for _ in range(3):
        assert _ede(await bench.ask("old.example")) == [3]
        bench.time.at += RECHECK_S / 4
    failed = len(upstream.asked("old.example"))
    upstream.says("old.example", "A", "old.example 60 A 203.0.113.8")
    bench.time.at += RECHECK_S / 4 - 0.1
    assert _ede(await bench.ask("old.example")) == [3]
    assert len(upstream.asked("old.example")) == failed
    bench.time.at += 0.1
    assert _data(await bench.ask("old.example")) == [("A", 60, "203.0.113.8")]


async def test_an_old_answer_serves_after_a_while_and_the_question_goes_on(
    bench: _Bench, upstream: ScriptedUpstream
) -> None:
    await bench.ask("slow.example")
    bench.time.at += 400
    upstream.says("slow.example", "A", "slow.example 60 A 203.0.113.8")
    upstream.gate.clear()
    begun = perf_counter()
    reply = await bench.ask("slow.example")
    assert (_data(reply), _ede(reply)) == ([("A", 30, "203.0.113.7")], [3])
    assert STALE_AFTER_S - 0.1 < perf_counter() - begun < STALE_AFTER_S + 1
    begun = perf_counter()
    assert _ede(await bench.ask("slow.example")) == [3]  # who comes later need not wait again
    assert perf_counter() - begun < 0.5
    upstream.gate.set()
    async with asyncio.timeout(WAIT_S):
        while _data(await bench.ask("slow.example")) != [("A", 60, "203.0.113.8")]:
            bench.time.at += 1.1
            await asyncio.sleep(0.01)


async def test_too_old_is_never_given(upstream: ScriptedUpstream, tmp_path: Path) -> None:
    async with _bench(upstream, tmp_path, {}, stale_s=0) as bench:
        await bench.ask("old.example")
        bench.time.at += 400
        upstream.says("old.example", "A", rcode=RCODE.SERVFAIL)
        reply = await bench.ask("old.example")
        assert (reply.header.rcode, reply.rr) == (RCODE.SERVFAIL, [])


async def test_a_failure_is_not_repeated_for_seconds(bench: _Bench, upstream: ScriptedUpstream) -> None:  # RFC 9520
    upstream.says("broken.example", "A", rcode=RCODE.SERVFAIL, options=[EDNSOption(15, b"\0\x09")])
    assert _ede(await bench.ask("broken.example")) == [9]
    asked = len(upstream.asked("broken.example"))
    bench.time.at += FAILURE_S - 0.1
    assert _ede(await bench.ask("broken.example")) == [13]
    assert len(upstream.asked("broken.example")) == asked
    bench.time.at += 0.1
    upstream.says("broken.example", "A", "broken.example 60 A 203.0.113.1")
    assert _data(await bench.ask("broken.example"))


async def test_popular_names_are_asked_for_before_their_answer_ends(bench: _Bench, upstream: ScriptedUpstream) -> None:
    for _ in range(PREFETCH_USES + 1):
        await bench.ask("popular.example")
    await bench.ask("rare.example")
    upstream.says("popular.example", "A", "popular.example 100 A 203.0.113.8")
    bench.time.at += 275
    assert _data(await bench.ask("popular.example")) == [("A", 25, "203.0.113.7")]
    assert _data(await bench.ask("rare.example")) == [("A", 25, "203.0.113.7")]
    await bench.until_asked("popular.example", 2)
    async with asyncio.timeout(WAIT_S):
        while _data(await bench.ask("popular.example")) != [("A", 100, "203.0.113.8")]:  # noqa: ASYNC110 - a thread's work
            await asyncio.sleep(0.005)
    assert len(upstream.asked("popular.example")) == 2
    assert len(upstream.asked("rare.example")) == 1


async def test_a_ready_answer_tells_the_slow_path_when_its_end_is_near(bench: _Bench) -> None:
    await bench.ask("hot.example")
    ready = bench.answer("hot.example", "A", _Asker())
    assert ready is not None
    for second in range(1, 270):
        assert ready.refresh(bench.time.at + second)
    assert not ready.refresh(bench.time.at + 270)


async def test_no_ttl_reaches_past_the_edge_of_a_schedule(bench: _Bench) -> None:
    bench.lane.edge_at = bench.time.at + 20.5
    assert _data(await bench.ask("school.example")) == [("A", 20, "203.0.113.7")]
    ready = bench.answer("school.example", "A", _Asker())
    assert ready is not None
    assert ready.refresh(bench.time.at + 5)
    assert _data(DNSRecord.parse(b"\0\0" + bytes(ready.body))) == [("A", 15, "203.0.113.7")]
    bench.time.at += 20
    assert _data(await bench.ask("school.example")) == [("A", 1, "203.0.113.7")]
    bench.lane.edge_at = math.inf
    assert _data(await bench.ask("school.example")) == [("A", 280, "203.0.113.7")]


async def test_an_old_answer_lives_no_longer_than_the_schedule(bench: _Bench, upstream: ScriptedUpstream) -> None:
    await bench.ask("school.example")
    bench.time.at += 400
    bench.lane.edge_at = bench.time.at + 10.5
    upstream.says("school.example", "A", rcode=RCODE.SERVFAIL)
    assert _data(await bench.ask("school.example")) == [("A", 10, "203.0.113.7")]


async def test_old_answers_asked_for_anew_stay_within_the_bound(bench: _Bench, upstream: ScriptedUpstream) -> None:
    names = [f"n{number}.example" for number in range(MAX_ASKED + 50)]
    for name in names:
        await bench.ask(name)
    bench.time.at += 400
    before = sum(each.asked for each in bench.forwarder.stats())
    upstream.gate.clear()
    given = [
        bench.answer(name, "A", _Asker(client=bytes([192, 0, 2, number // 100]))) for number, name in enumerate(names)
    ]
    await asyncio.sleep(0)
    assert sum(each.asked for each in bench.forwarder.stats()) - before == MAX_ASKED
    assert [ready is not None for ready in given] == [False] * MAX_ASKED + [True] * 50
    upstream.gate.set()


async def test_a_search_engine_is_led_to_its_safe_variant_in_one_answer(
    upstream: ScriptedUpstream, tmp_path: Path
) -> None:
    safe = {"www.search.example": "safe.search.example"}
    async with _bench(upstream, tmp_path, {"safe": safe}) as bench:
        for _ in range(2):
            reply = await bench.ask("www.Search.example")
            assert _data(reply) == [("CNAME", 30, "safe.search.example."), ("A", 300, "203.0.113.7")]
            assert _ede(reply) == [4]
        assert upstream.asked("safe.search.example") == [("A", "udp")]
        assert not upstream.asked("www.search.example")
        assert (await bench.ask("www.search.example", "HTTPS")).rr == []
        signal = EDNS0(udp_len=1232, opts=[EDNSOption(15, b"\0\0")])
        assert _data(await bench.ask("www.search.example", edns=signal))


async def test_when_the_safe_variant_fails_the_original_is_not_given(
    upstream: ScriptedUpstream, tmp_path: Path
) -> None:
    upstream.says("safe.search.example", "A", rcode=RCODE.SERVFAIL, options=[EDNSOption(15, b"\0\x16")])
    async with _bench(upstream, tmp_path, {"safe": {"www.search.example": "safe.search.example"}}) as bench:
        reply = await bench.ask("www.search.example")
        assert (reply.header.rcode, reply.rr, _ede(reply)) == (RCODE.SERVFAIL, [], [22])
        assert not upstream.asked("www.search.example")


async def test_a_rule_made_while_the_upstream_thinks_holds(bench: _Bench, upstream: ScriptedUpstream) -> None:
    upstream.gate.clear()
    asker = _Asker()
    assert bench.answer("late.example", "A", asker) is None
    await bench.until_asked("late.example", 1)
    bench.lane.change(replace(bench.lane.view, records={"late.example": ("10.0.0.9",)}, refusal=Refusal.ZERO))
    upstream.gate.set()
    body = await asyncio.wait_for(asker.came, WAIT_S)
    assert _data(DNSRecord.parse(b"\0\0" + body)) == [("A", 30, "10.0.0.9")]


async def test_the_resolver_tells_of_itself(bench: _Bench) -> None:  # RFC 9606
    query = bytes(DNSRecord.question("resolver.arpa").pack())
    ready = bench.resolver.answer(query[:-4] + b"\1\5\0\1", bench.lane, _Asker())
    assert ready is not None
    assert b"exterr=" in ready.body
    assert (await bench.ask("_dns.resolver.arpa", "TYPE64")).rr == []  # RFC 9462: no other resolver here


async def test_without_any_way_to_an_upstream(tmp_path: Path) -> None:
    async with asyncio.TaskGroup() as group:
        settings = settings_for(tmp_path, [free_port()])
        forwarder = Forwarder(settings, group)
        lane = Lane("adult", View({}, _NoLists(), LocalRules(), {}), ProfileCounts(Recent()), Space(1_000_000))
        resolver = Resolver(forwarder, Cache(9999), settings, Options(b"key", lambda: 0.0), lambda: 0.0)
        asker = _Asker()
        query = DNSRecord.question("no.example")
        query.add_ar(EDNS0())
        assert resolver.answer(bytes(query.pack()), lane, asker) is None
        reply = DNSRecord.parse(b"\0\0" + await asyncio.wait_for(asker.came, WAIT_S + 1))
        assert (reply.header.rcode, _ede(reply)) == (RCODE.SERVFAIL, [23])


async def test_when_the_line_is_back_old_answers_end_at_once(upstream: ScriptedUpstream, tmp_path: Path) -> None:
    async with _bench(upstream, tmp_path, {}) as bench:
        await bench.ask("old.example")
        bench.time.at += 400
        upstream.says("old.example", "A", silent=True)
        assert _ede(await bench.ask("old.example")) == [3]
        async with asyncio.timeout(2 * WAIT_S):
            while not bench.cache.failed_until(key_of(read_query(_packet("old.example"))), bench.time.at):  # noqa: ASYNC110 - the time-outs are real
                await asyncio.sleep(0.02)
        assert _ede(await bench.ask("old.example")) == [3]
        upstream.says("old.example", "A", "old.example 60 A 203.0.113.8")
        await bench.ask("new.example")
        assert _data(await bench.ask("old.example")) == [("A", 60, "203.0.113.8")]
