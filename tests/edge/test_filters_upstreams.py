"""Asking upstreams: scripted ones for what goes wrong, Debian's unbound as another maker's DoT, DoH and validator."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from dnslib import EDNS0, QTYPE, RCODE, DNSRecord, EDNSOption

from filters.kept import Kept, Key, key_of
from filters.settings import ForwardZone, Transport, Upstream
from filters.upstreams.forwarder import EXPLORE_EVERY, Forwarder, NoAnswerError
from filters.upstreams.message import query_message
from filters.wire import read_query
from tests.edge.filters_upstream import ScriptedUpstream, free_port, settings_for
from tests.edge.unbound import TLS_NAME, Unbound, running_unbound

_DATA = (
    '  local-zone: "here.example." static',
    '  local-data: "www.here.example. 300 IN A 203.0.113.9"',
    *(f'  local-data: "n{n}.here.example. 300 IN A 203.0.113.{n}"' for n in range(1, 60)),
    *(f'  local-data: "big.here.example. 300 IN TXT {"x" * 200}{n}"' for n in range(20)),
)


@pytest.fixture(scope="module")
def unbound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Unbound]:
    with running_unbound(tmp_path_factory.mktemp("unbound"), *_DATA) as started:
        yield started


@asynccontextmanager
async def _forwarder(directory: Path, *upstreams: Upstream, **more: Any) -> AsyncIterator[Forwarder]:
    """One with a group of its own, whose stragglers end with it."""
    settings = settings_for(directory, [], **more)
    settings = type(settings)(**{**_fields(settings), "upstreams": upstreams})
    async with asyncio.TaskGroup() as group:
        forwarder = Forwarder(settings, group)
        yield forwarder
        forwarder.close()


def _fields(settings: Any) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in settings.__slots__}


def _plain(upstream: ScriptedUpstream) -> Upstream:
    return Upstream("127.0.0.1", upstream.port)


def _key(name: str, qtype: str = "A", edns: EDNS0 | None = None) -> Key:
    question = DNSRecord.question(name, qtype)
    if edns is not None:
        question.add_ar(edns)
    return key_of(read_query(bytes(question.pack())))


def _addresses(kept: Kept) -> list[str]:
    return [str(rr.rdata) for rr in DNSRecord.parse(kept.message).rr if QTYPE[rr.rtype] in ("A", "AAAA")]


@contextmanager
def _slow(upstream: ScriptedUpstream) -> Iterator[None]:
    upstream.gate.clear()
    try:
        yield
    finally:
        upstream.gate.set()


@pytest.mark.parametrize("transport", [Transport.TLS, Transport.HTTPS])
@pytest.mark.parametrize("name", [TLS_NAME, ""])  # a name, or the address itself, in the certificate
async def test_encrypted_upstreams_answer_many_questions_on_one_connection(
    unbound: Unbound, tmp_path: Path, transport: Transport, name: str
) -> None:
    upstream = _encrypted(unbound, transport, name)
    async with _forwarder(tmp_path, upstream) as forwarder:
        kept = await asyncio.gather(*(forwarder.ask(_key(f"n{n}.here.example")) for n in range(1, 60)))
        assert [_addresses(each) for each in kept] == [[f"203.0.113.{n}"] for n in range(1, 60)]
        big = await forwarder.ask(_key("big.here.example", "TXT"))
        assert len(DNSRecord.parse(big.message).rr) == 20
        gone = await forwarder.ask(_key("gone.here.example"))
        assert gone.is_nxdomain
        (figures,) = forwarder.stats()
        assert (figures.asked, figures.failed, figures.resting) == (61, 0, False)
        assert figures.rtt_ms is not None


@pytest.mark.parametrize("transport", [Transport.TLS, Transport.HTTPS])
@pytest.mark.parametrize("fault", ["name", "ca"])
async def test_a_certificate_of_another_is_never_believed(
    unbound: Unbound, tmp_path: Path, transport: Transport, fault: str
) -> None:
    name = "other.example" if fault == "name" else TLS_NAME
    upstream = _encrypted(unbound, transport, name, ca_file=None if fault == "ca" else unbound.ca_file)
    async with _forwarder(tmp_path, upstream) as forwarder:
        with pytest.raises(NoAnswerError) as raised:
            await forwarder.ask(_key("www.here.example"))
        assert [ede.code for ede in raised.value.edes] == [23]
        assert forwarder.is_down(_key("www.here.example"))


@pytest.mark.parametrize("transport", [Transport.TLS, Transport.HTTPS])
async def test_a_connection_that_was_closed_is_made_anew(tmp_path: Path, transport: Transport) -> None:
    ports = (free_port(), free_port(), free_port())
    with running_unbound(tmp_path, *_DATA, ports=ports) as first:
        upstream = _encrypted(first, transport, TLS_NAME)
        async with _forwarder(tmp_path, upstream) as forwarder:
            assert _addresses(await forwarder.ask(_key("n1.here.example"))) == ["203.0.113.1"]
            await asyncio.to_thread(first.stop)
            with running_unbound(tmp_path, *_DATA, ports=ports):
                assert _addresses(await forwarder.ask(_key("n2.here.example"))) == ["203.0.113.2"]


async def test_an_http_error_is_a_failure(unbound: Unbound, tmp_path: Path) -> None:
    wrong = Upstream("127.0.0.1", unbound.https_port, Transport.HTTPS, TLS_NAME, "/nothing", ca_file=unbound.ca_file)
    good = Upstream("127.0.0.1", unbound.port)
    async with _forwarder(tmp_path, wrong, good) as forwarder:
        assert _addresses(await forwarder.ask(_key("www.here.example"))) == ["203.0.113.9"]
        assert forwarder.stats()[0].failed == 1


def _encrypted(unbound: Unbound, transport: Transport, name: str, ca_file: str | None = "") -> Upstream:
    port = unbound.tls_port if transport is Transport.TLS else unbound.https_port
    return Upstream("127.0.0.1", port, transport, name, ca_file=unbound.ca_file if ca_file == "" else ca_file)


async def test_a_late_upstream_is_overtaken_by_the_second(tmp_path: Path) -> None:
    with ScriptedUpstream() as late, ScriptedUpstream() as quick:
        late.says("hedged.example", "A", "hedged.example 60 A 203.0.113.1")
        quick.says("hedged.example", "A", "hedged.example 60 A 203.0.113.2")
        with _slow(late):
            async with _forwarder(tmp_path, _plain(late), _plain(quick)) as forwarder:
                begun = perf_counter()
                kept = await forwarder.ask(_key("hedged.example"))
                took_s = perf_counter() - begun
                assert _addresses(kept) == ["203.0.113.2"]
                assert 0.3 < took_s < 1.0
                late.gate.set()
        assert late.asked("hedged.example") and quick.asked("hedged.example")


async def test_the_fastest_is_asked_first_and_the_others_now_and_then(tmp_path: Path) -> None:
    with ScriptedUpstream() as first, ScriptedUpstream() as second:
        async with _forwarder(tmp_path, _plain(first), _plain(second)) as forwarder:
            for number in range(2 * EXPLORE_EVERY):
                await forwarder.ask(_key(f"n{number}.example"))
            asked = sorted(figures.asked for figures in forwarder.stats())
        assert asked[0] >= 2
        assert asked[1] > EXPLORE_EVERY


async def test_a_silent_upstream_rests_and_is_tried_again(tmp_path: Path) -> None:
    with ScriptedUpstream() as silent, ScriptedUpstream() as good:
        for number in range(40):
            silent.says(f"n{number}.example", "A", silent=True)
        async with _forwarder(tmp_path, _plain(silent), _plain(good)) as forwarder:
            until = perf_counter() + 5
            number = 0
            while not forwarder.stats()[0].resting and perf_counter() < until:
                await forwarder.ask(_key(f"n{number % 40}.example"))
                number += 1
            assert forwarder.stats()[0].resting
            assert not forwarder.stats()[1].resting
            before = forwarder.stats()[0].asked
            await forwarder.ask(_key("after.example"))
            assert forwarder.stats()[0].asked == before


async def test_a_name_nobody_can_answer_does_not_make_a_good_upstream_rest(tmp_path: Path) -> None:
    with ScriptedUpstream() as alone:
        alone.says("dead.example", "A", silent=True)
        async with _forwarder(tmp_path, _plain(alone)) as forwarder:
            dead = forwarder.ask(_key("dead.example"))
            number = 0
            while not dead.done():
                await forwarder.ask(_key(f"n{number}.example"))
                number += 1
                await asyncio.sleep(0.05)
                assert not forwarder.is_down(_key("n.example"))
            assert isinstance(dead.exception(), NoAnswerError)
            assert forwarder.stats()[0].failed >= 2


async def test_an_upstream_without_tcp_does_not_rest_for_one_large_answer(tmp_path: Path) -> None:
    with ScriptedUpstream() as alone:
        alone.says("large.example", "TXT", truncated=True, udp_only=True)
        async with _forwarder(tmp_path, _plain(alone)) as forwarder:
            with pytest.raises(NoAnswerError):
                await forwarder.ask(_key("large.example", "TXT"))
            assert not forwarder.is_down(_key("n.example"))


async def test_nobody_answers(tmp_path: Path) -> None:
    closed = free_port()
    async with _forwarder(tmp_path, Upstream("127.0.0.1", closed), Upstream("127.0.0.1", free_port())) as forwarder:
        with pytest.raises(NoAnswerError) as raised:
            await forwarder.ask(_key("nobody.example"))
        assert raised.value.edes[0].code == 23
        assert all(figures.resting for figures in forwarder.stats())


async def test_a_lost_datagram_is_sent_again(tmp_path: Path) -> None:
    with ScriptedUpstream() as alone:
        alone.says("lost.example", "A", "lost.example 60 A 203.0.113.5", loses=1)
        async with _forwarder(tmp_path, _plain(alone)) as forwarder:
            assert _addresses(await forwarder.ask(_key("lost.example"))) == ["203.0.113.5"]
        assert len(alone.asked("lost.example")) == 2


async def test_servfail_goes_to_the_next_with_its_why(tmp_path: Path) -> None:
    with ScriptedUpstream() as broken, ScriptedUpstream() as good:
        broken.says("half.example", "A", rcode=RCODE.SERVFAIL)
        for each in (broken, good):
            each.says("broken.example", "A", rcode=RCODE.SERVFAIL, options=[EDNSOption(15, b"\0\x16lame")])
        async with _forwarder(tmp_path, _plain(broken), _plain(good)) as forwarder:
            assert _addresses(await forwarder.ask(_key("half.example"))) == ["203.0.113.7"]
            with pytest.raises(NoAnswerError) as raised:
                await forwarder.ask(_key("broken.example"))
            assert [(ede.code, ede.text) for ede in raised.value.edes] == [(22, "lame")]


async def test_what_a_validating_upstream_calls_bogus_nobody_else_is_asked(tmp_path: Path) -> None:
    with ScriptedUpstream() as validating, ScriptedUpstream() as careless:
        validating.says("bogus.example", "A", rcode=RCODE.SERVFAIL, options=[EDNSOption(15, b"\0\x06")])
        trusted = Upstream("127.0.0.1", validating.port, validates=True)
        async with _forwarder(tmp_path, trusted, _plain(careless)) as forwarder:
            with pytest.raises(NoAnswerError):
                await forwarder.ask(_key("bogus.example"))
        assert not careless.asked("bogus.example")
        assert validating.seen[0][3].header.ad  # RFC 6840 section 5.7: AD in the answer is wished for


async def test_ad_of_a_plain_upstream_means_nothing(tmp_path: Path) -> None:
    with ScriptedUpstream() as upstream:
        upstream.says("ad.example", "A", "ad.example 60 A 203.0.113.1", ad=True)
        for believed in (False, True):
            server = Upstream("127.0.0.1", upstream.port, validates=believed)
            async with _forwarder(tmp_path, server) as forwarder:
                kept = await forwarder.ask(_key("ad.example"))
                assert bool(DNSRecord.parse(kept.message).header.ad) is believed


async def test_a_zones_names_go_to_its_own_upstreams_alone(tmp_path: Path) -> None:
    with ScriptedUpstream() as outside, ScriptedUpstream() as inside:
        inside.says("opac.lib.example", "A", "opac.lib.example 60 A 10.0.0.5")
        zone = ForwardZone("lib.example", (_plain(inside),))
        async with _forwarder(tmp_path, _plain(outside), forward_zones=(zone,)) as forwarder:
            kept = await forwarder.ask(_key("opac.LIB.example"))
            assert (_addresses(kept), kept.telling) == (["10.0.0.5"], ())  # led inside by the site's own resolver
            await forwarder.ask(_key("xlib.example"))
        assert (inside.asked("opac.lib.example"), outside.asked("opac.lib.example")) == ([("A", "udp")], [])
        assert outside.asked("xlib.example")


async def test_mixed_case_must_come_back_and_tcp_settles_doubts(tmp_path: Path) -> None:
    name = "a-rather-long-name-with-letters.example"
    with ScriptedUpstream() as upstream:
        async with _forwarder(tmp_path, _plain(upstream), mix_case=True) as forwarder:
            await forwarder.ask(_key(name))
            upstream.lowers = True
            await forwarder.ask(_key("another-" + name))
        spelled = {str(query.q.qname) for _, _, _, query in upstream.seen}
        assert any(each != each.lower() for each in spelled)
        assert upstream.asked(name) == [("A", "udp")]
        assert upstream.asked("another-" + name) == [("A", "udp"), ("A", "tcp")]


async def test_an_answer_to_another_question_is_dropped(tmp_path: Path) -> None:
    with ScriptedUpstream() as upstream:
        upstream.says("asked.example", "A", "other.example 60 A 203.0.113.66", answers_for="other.example")
        async with _forwarder(tmp_path, _plain(upstream)) as forwarder:
            with pytest.raises(NoAnswerError):
                await forwarder.ask(_key("asked.example"))


def test_queries_are_padded_on_encrypted_ways_and_carry_nothing_of_the_asker() -> None:
    asked = EDNS0(flags="do", opts=[EDNSOption(8, b"\0\1\x18\0\xc0\0\2"), EDNSOption(10, b"12345678")])
    for name in ("a.vn", "a-much-longer-name-than-that.example.com.vn"):
        padded = query_message(_key(name, edns=asked), padded=True)
        assert len(padded) % 128 == 0  # RFC 8467 section 4.1
        plain = DNSRecord.parse(query_message(_key(name, edns=asked)))
        assert plain.ar[0].rdata == []
        assert [option.code for option in DNSRecord.parse(padded).ar[0].rdata] == [12]
