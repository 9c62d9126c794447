"""What is fuzzed: each target takes any bytes and raises when the filter does what it must never do.

packets: readers of DNS packets. lists: readers of lists and what policy makes of them. answers: the whole slow path of
a question, from the packet that came in to the packet that goes out, with an upstream that says anything.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from dnslib import DNSRecord

from filters.cache import Cache
from filters.counts import ProfileCounts, Recent
from filters.errors import FilterError
from filters.formats.entry import Format
from filters.formats.listing import read_listing
from filters.kept import Kept, Key, cleaned, edes_of
from filters.names import normal_form
from filters.options import Options
from filters.policy import View, decide
from filters.ready import Lane, Ready, Space
from filters.resolver import Resolver
from filters.rules import LocalRules
from filters.settings import FilterSettings, Profile, Refusal
from filters.upstreams.forwarder import Forwarder, NoAnswerError
from filters.upstreams.message import is_answer, query_message, rcode_of
from filters.wire import (
    FORMERR,
    NOERROR,
    NXDOMAIN,
    TYPE_OPT,
    BadPacketError,
    Query,
    check_names,
    options_of,
    read_name,
    read_query,
    read_records,
    skip_name,
    whole_name,
)
from tests.filter_material import TextLists

SLOWEST_S = 2.0
"""No input of a few kilobytes may hold the filter up for longer, on however slow a machine."""
_ASKED = ("example.vn", "www.example.com", "a.b.c.d.e.f.ads.example", "x" * 63 + ".example", "xn--80ak6aa92e.com", "")
_NOW = 100_000.0


def packets(data: bytes) -> None:
    """Readers of packets: BadPacketError or a value that agrees with itself."""
    if len(data) < 12:
        return
    with suppress(BadPacketError):
        query = read_query(data)
        assert query.question == data[12 : 12 + len(query.question)]
        assert read_name(data, 12) == query.name
        assert len(query.name) <= 4 * 255
    with suppress(BadPacketError):
        start, records = read_records(data)
        assert all(12 < start <= record.start < record.data_at <= record.end <= len(data) for record in records)
        for record in records:
            with suppress(BadPacketError):
                list(options_of(data, record))
            _same_name(data, record.start)
            _same_name(data, record.data_at)
    edes_of(data)
    try:
        kept = cleaned(data, _NOW)
    except BadPacketError:
        return
    try:
        _check_kept(kept, _NOW)
    except BadPacketError as error:
        raise AssertionError("what was cleaned can't be read") from error


def _same_name(packet: bytes, at: int) -> None:
    """Three readers of one name agree on it."""
    with suppress(BadPacketError):
        name = read_name(packet, at)
        assert skip_name(packet, at) <= len(packet)
        whole = whole_name(packet, at)
        assert len(whole) <= 255
        assert read_name(whole, 0) == name


def _check_kept(kept: Kept, now: float) -> None:
    for message in (kept.message, bytes(kept.aged(now + 7)), bytes(kept.stale())):
        _, records = read_records(message)
        assert all(record.rtype != TYPE_OPT for record in records)
        assert len(records) == len(kept.ttl_places)
        for record in records:
            check_names(message, record)
        assert all(record.ttl <= 86400 for record in records) or message == kept.message
    assert 0 <= kept.life_s <= 86400


def lists(data: bytes) -> None:
    """Readers of lists: FilterError, or names in normal form and rules that policy can ask."""
    form = Format.EXPRESSIONS if data[:1] == b"E" else None
    begun = time.perf_counter()
    try:
        listing = read_listing(data[1:], where="fuzz", form=form)
    except FilterError:
        return
    most = data.count(b"\n") + data.count(b"\r") + 1
    for entry in listing.entries:
        assert normal_form(entry.name) == entry.name
        assert 1 <= entry.line <= most
    for special in listing.specials:
        assert not special.name or normal_form(special.name) == special.name
        assert len(special.text) <= 200
    assert all(rejects.count >= len(rejects.first) >= 1 for rejects in listing.rejects)
    with suppress(UnicodeDecodeError):  # the lists below are made of text
        if form is None:
            _ask(TextLists().add("fuzz", "fuzz", data[1:].decode()), [entry.name for entry in listing.entries[:3]])
    assert time.perf_counter() - begun < SLOWEST_S, "held the filter up"


def _ask(text_lists: TextLists, names: list[str]) -> None:
    view = View({"fuzz": ""}, text_lists, LocalRules(), {})
    for name in {*_ASKED, *names}:
        for qtype in (1, 28, 65, 255):
            decide(name, qtype, view)


class _Upstreams(Forwarder):
    """Answers each question with the same bytes behind it, as a hostile upstream would."""

    def __init__(self, loop: asyncio.AbstractEventLoop, said: bytes) -> None:
        self._loop = loop
        self._said = said
        self.was_asked = False

    def ask(self, key: Key) -> "asyncio.Future[Kept]":
        """See Forwarder."""
        self.was_asked = True
        future: asyncio.Future[Kept] = self._loop.create_future()
        query = query_message(key)
        said = self._said.ljust(6, b"\0")
        counts = b"".join(bytes((0, each & 7)) for each in said[2:5])
        reply = query[:2] + bytes((said[0] | 0x80, said[1])) + b"\0\1" + counts + key[0] + said[6:]
        try:
            if not is_answer(query, reply) or rcode_of(reply) not in (NOERROR, NXDOMAIN):
                raise BadPacketError("not taken")
            future.set_result(cleaned(reply, _NOW, believed=bool(said[5] & 1), ours=bool(said[5] & 2)))
        except BadPacketError:
            future.set_exception(NoAnswerError(edes_of(reply)))
        return future

    def is_down(self, key: Key) -> bool:
        """See Forwarder."""
        return False


class _Asker:
    def __init__(self, *, by_udp: bool) -> None:
        self.client = b"\x0a\x4d\0\2"
        self.by_udp = by_udp
        self.came: list[bytes] = []

    def send(self, body: bytes | bytearray) -> None:
        """See filters.ready.Asker."""
        self.came.append(bytes(body))


_LISTS = (
    TextLists()
    .add("names", "games", "blocked.example\nadjug.com\n0.0.0.0 hosts.example\n")
    .add("rules", "ads", "||ads.example^$dnstype=A\n||re.example^$dnsrewrite=1.2.3.4\n/^track[0-9]/\n@@||ok.example^\n")
    .add(
        "more", "ads", "||cn.example^$dnsrewrite=NOERROR;CNAME;other.example\n||tx.example^$dnsrewrite=NOERROR;TXT;hi\n"
    )
)
_RECENT = Recent()
_LOOP = asyncio.new_event_loop()


def answers(data: bytes) -> None:
    """The slow path: nothing, or a packet that mirrors its question; data only where the question was well formed.

    `data`: a byte of choices, two of length, the packet that came in, what the upstream says.
    """
    if len(data) < 3:
        return
    size = data[1] << 8 | data[2]
    _LOOP.run_until_complete(_answered(data[0], data[3 : 3 + size], data[3 + size :]))


async def _answered(choices: int, packet: bytes, said: bytes) -> None:
    refusal = (Refusal.ZERO, Refusal.NXDOMAIN, Refusal.PAGE)[choices >> 1 & 3 if choices >> 1 & 3 < 3 else 0]
    settings = _settings(refusal)
    view = View(
        {"games": "", "ads": "night" if choices & 8 else ""},
        _LISTS,
        LocalRules(),
        {"wifi.internal": ("10.77.0.1", "fd00::1")},
        safe={"www.google.com": "forcesafesearch.google.com"},
        refusal=refusal,
    )
    upstreams = _Upstreams(asyncio.get_running_loop(), said)
    resolver = Resolver(upstreams, Cache(1_000_000, 86400), settings, Options(b"k" * 16, _now), _now)
    lane = Lane("adult", view, ProfileCounts(_RECENT), Space(1_000_000))
    for _ in range(2):  # the second time from what the first one kept
        asker = _Asker(by_udp=not choices & 1)
        ready = resolver.answer(packet, lane, asker)
        for _ in range(4):  # the upstream has answered already: only call-backs are left
            await asyncio.sleep(0)
        assert resolver.is_idle
        bodies = asker.came + ([bytes(ready.body)] if isinstance(ready, Ready) else [])
        assert len(bodies) <= 1
        for body in bodies:
            _check_answer(packet, packet[:2] + body, by_udp=asker.by_udp, is_ours=not upstreams.was_asked)


def _now() -> float:
    return _NOW


def _settings(refusal: Refusal) -> FilterSettings:
    return FilterSettings(
        (Profile("adult", 1, frozenset({"games", "ads"}), refusal=refusal),),
        (),
        (),
        Path(),
        Path(),
        Path(),
        (),
        page_addresses=("10.77.0.1", "fd00::1"),
        info_url="http://wifi.internal/help",
    )


def _check_answer(packet: bytes, answer: bytes, *, by_udp: bool, is_ours: bool) -> None:
    assert len(packet) >= 12
    assert not packet[2] & 0x80, "an answer was answered"
    assert len(answer) >= 12
    assert answer[2] & 0x80
    assert answer[2] & 0x79 == packet[2] & 0x79, "opcode and RD are mirrored"
    assert not answer[3] & 0x40, "Z is zero"
    query = _well_formed(packet)
    if query is None:
        assert answer[3] & 15 in (FORMERR, 4)
        assert answer[6:10] == bytes(4), "data for a malformed packet"
        return
    assert answer[4:6] == b"\0\1"
    assert answer[12 : 12 + len(query.question)] == query.question
    _, records = read_records(answer)
    for record in records:
        check_names(answer, record)
    assert (records[-1].end if records else 12 + len(query.question)) == len(answer), "bytes behind the last record"
    assert sum(record.rtype == TYPE_OPT for record in records) == (query.edns is not None)
    assert len(answer) <= (query.udp_limit() if by_udp else 65535)
    if is_ours and query.question.isascii():  # an upstream's records go on as they are; dnslib reads ASCII only
        assert DNSRecord.parse(answer).q.qtype == query.qtype


def _well_formed(packet: bytes) -> Query | None:
    if packet[2] & 0x78:
        return None
    try:
        return read_query(packet)
    except BadPacketError:
        return None


TARGETS: Mapping[str, Callable[[bytes], None]] = {"packets": packets, "lists": lists, "answers": answers}
