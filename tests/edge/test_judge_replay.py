"""Names of a day's mix through the filter and directly at the same upstream: what is not refused must be the same.

The whole of replay-mixed-200k (75,000 distinct questions): CONG_REPLAY=all. Else SAMPLE of them, spread evenly; where
the shared data is not there, tests/samples/replay.txt.
"""

import lzma
import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dnslib import EDNS0, QTYPE, DNSRecord

from filters.names import suffixes
from filters.settings import Action, Source
from filters.special_names import special_name
from tests.edge.filters_upstream import Running, running, settings_for
from tests.edge.replay import ReplayUpstream, ask_all, ask_by_tcp
from tests.filter_material import SHARED, shipped

SAMPLE = 5000
_WHOLE = SHARED / "queries" / "replay-mixed-200k.txt.xz"
_SMALL = Path(__file__).parents[1] / "samples" / "replay.txt"
_SOURCES = (
    Source("games-vn", "games", "package:games-vn"),
    Source("games-vn-exceptions", "games", "package:games-vn-exceptions", Action.ALLOW),
    Source("threats-vn", "threats", "package:threats-vn"),
)
Shown = tuple[object, ...]


def _questions() -> list[tuple[str, str]]:
    text = (lzma.decompress(_WHOLE.read_bytes()) if _WHOLE.exists() else _SMALL.read_bytes()).decode("ascii")
    distinct = {(name.lower(), qtype): (name, qtype) for name, qtype in map(str.split, text.splitlines())}
    found = [(name, qtype) for name, qtype in distinct.values() if special_name(name.lower()) is None]
    # reverse names of private addresses are never asked outside (RFC 6303)
    step = 1 if os.environ.get("CONG_REPLAY") == "all" else max(1, len(found) // SAMPLE)
    return found[::step]


@pytest.fixture(scope="module")
def upstream() -> Iterator[ReplayUpstream]:
    with ReplayUpstream() as answering:
        yield answering


@pytest.fixture(scope="module")
def server(upstream: ReplayUpstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(settings_for(tmp_path_factory.mktemp("dns"), [upstream.port], _SOURCES, workers=2)) as started:
        yield started


def _packet(name: str, qtype: str, edns: bool) -> bytes:
    query = DNSRecord.question(name, qtype)
    if edns:
        query.add_ar(EDNS0(udp_len=1232))
    return bytes(query.pack())


def _shown(packet: bytes) -> Shown:
    """An answer but for id, TTLs and spelling."""
    reply = DNSRecord.parse(packet)
    head = reply.header
    sections = (
        [(str(rr.rname).lower(), QTYPE[rr.rtype], str(rr.rdata).lower()) for rr in section]
        for section in (reply.rr, reply.auth)
    )
    opts = [(rr.rclass, rr.ttl, len(rr.rdata)) for rr in reply.ar if rr.rtype == QTYPE.OPT]
    flags = (head.rcode, head.qr, head.aa, head.tc, head.rd, head.ra, head.ad, head.cd)
    return (*flags, str(reply.q.qname), reply.q.qtype, *map(tuple, sections), opts)


def _is_refused(packet: bytes) -> bool:
    options = [option for extra in DNSRecord.parse(packet).ar for option in extra.rdata]
    return any(option.code == 15 and option.data[:2] in (b"\0\x0f", b"\0\x11") for option in options)


def test_what_is_not_refused_is_answered_as_the_upstream_does(
    server: Running, upstream: ReplayUpstream, record_testsuite_property: Callable[[str, object], None]
) -> None:
    questions = _questions()
    packets = [_packet(name, qtype, edns=True) for name, qtype in questions]
    port = server.settings.profiles[0].port
    direct = ask_all(packets, upstream.port)
    results: Counter[str] = Counter()
    listed = {name for source in ("games-vn", "threats-vn") for name in shipped(source)}
    for round_of in ("from the upstream", "from the cache"):
        through = ask_all(packets, port)
        for question, packet, ours, theirs in zip(questions, packets, through, direct, strict=True):
            if _is_refused(ours):
                assert not listed.isdisjoint(suffixes(question[0].lower())), f"{question[1]} refused, and on no list"
                results["refused"] += 1
                continue
            results[f"{question[1]} {round_of}"] += 1
            assert _shown(ours) == _shown(theirs), f"{question[1]} {round_of}"
            if ours[2] & 0x02 and round_of == "from the upstream":  # too much for UDP: by TCP
                assert _shown(ask_by_tcp(packet, port)) == _shown(ask_by_tcp(packet, upstream.port))
                results["by tcp"] += 1
    record_testsuite_property("questions", f"{len(questions)}, twice: {dict(results)}")
    assert results["refused"] < len(questions) // 5  # twice 2.5 % of games, and the threats among the gambling names
    assert {key.split()[0] for key in results} >= {"A", "AAAA", "HTTPS", "TXT"}


def test_without_edns_as_well(server: Running, upstream: ReplayUpstream) -> None:
    questions = _questions()[:300]
    packets = [_packet(name, qtype, edns=False) for name, qtype in questions]
    asked_with_edns = ask_all(
        [_packet(name, qtype, edns=True) for name, qtype in questions], server.settings.profiles[0].port
    )
    through = ask_all(packets, server.settings.profiles[0].port)
    for packet, ours, with_edns in zip(packets, through, asked_with_edns, strict=True):
        assert not DNSRecord.parse(ours).ar
        if not _is_refused(with_edns) and not ours[2] & 0x02:
            theirs = _shown(ask_all([packet], upstream.port)[0])
            assert _shown(ours)[:-1] == theirs[:-1]
