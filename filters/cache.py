"""Upstreams' answers, cleaned, kept while their TTL lasts, in a bounded number of bytes.

Nothing of any profile's verdict is in here: all profiles share the entries.
"""

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from filters.policy import TYPE_A, TYPE_AAAA, Address, is_private
from filters.wire import (
    HEADER,
    NOERROR,
    NXDOMAIN,
    QR,
    RA,
    TYPE_CNAME,
    TYPE_HTTPS,
    TYPE_OPT,
    TYPE_SOA,
    TYPE_SVCB,
    BadPacketError,
    Query,
    Record,
    read_name,
    read_records,
    skip_name,
)

MAX_TTL_S = 86400
MAX_NEGATIVE_S = 3600  # RFC 2308 section 5 calls one to three hours sensible
FAILURE_S = 5.0  # RFC 9520 section 3.2: failures are kept at least a second, at most five minutes
_OVERHEAD = 600  # bytes of Python objects beside the message of one entry, measured with tracemalloc
_MAX_FAILURES = 10_000

Key = tuple[bytes, bool, bool]
"""Question in lower case, DNSSEC wanted, checking disabled."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One upstream answer, ready to be aged and sent."""

    message: bytes
    """A whole packet with id 0, without OPT."""
    question_end: int
    ttl_places: tuple[tuple[int, int], ...]
    """Offset of each TTL and its value at the start."""
    kept_at: float
    life_s: int
    targets: tuple[str, ...]
    """Names the answer leads on to: CNAME, SVCB and HTTPS targets."""
    inside: tuple[Address, ...]
    """Private addresses in the answer, hints of HTTPS records included."""

    def aged(self, now: float) -> bytearray:
        """The message with its TTLs counted down to now."""
        message = bytearray(self.message)
        age = int(now - self.kept_at)
        for at, ttl in self.ttl_places:
            struct.pack_into("!I", message, at, max(0, ttl - age))
        return message


def key_of(query: Query) -> Key:
    """What answers are shared by. Only the name is lowered: type 65 is the byte of a capital A."""
    question = query.question
    return question[:-4].lower() + question[-4:], query.dnssec_ok, bool(query.flags & 0x10)


def cleaned(message: bytes, now: float) -> Kept:
    """An upstream's message as what we pass on: no OPT, no claims, TTLs sane; BadPacketError if malformed."""
    start, records = read_records(message)
    _, flags, _, *counts = HEADER.unpack_from(message)
    opt = next((index for index, record in enumerate(records) if record.rtype == TYPE_OPT), None)
    if opt is not None:  # what stands behind an OPT (a signature of the hop) goes with it
        if records[opt].section != 3 or records[opt].ttl >> 24:
            raise BadPacketError("an extended error of the upstream, or OPT out of place")
        counts[2] = sum(record.section == 3 for record in records[:opt])
        records = records[:opt]
    end = records[-1].end if records else start
    # AD said by a plain upstream over an open line means nothing (RFC 6840 section 5.8): QR, RA and the code remain
    head = HEADER.pack(0, QR | RA | flags & 15, 1, *counts)
    negative = not any(record.section == 1 and record.rtype != TYPE_CNAME for record in records)
    places = tuple((record.ttl_at, _ttl(message, record, negative)) for record in records)
    targets, addresses = _leads_to(message, records)
    return Kept(
        message=head + message[12:end],
        question_end=start,
        ttl_places=places,
        kept_at=now,
        life_s=_life_s(records, places, negative, flags & 15),
        targets=targets,
        inside=tuple(address for address in addresses if is_private(address)),
    )


class Cache:
    """Entries by key, the longest unused one goes first when the bytes are spent."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: dict[Key, Kept] = {}
        self._failed: dict[Key, float] = {}

    def get(self, key: Key, now: float) -> Kept | None:
        """The answer, if its life is not over."""
        kept = self._kept.pop(key, None)
        if kept is None:
            return None
        if now - kept.kept_at >= kept.life_s:
            self._bytes -= _size(key, kept)
            return None
        self._kept[key] = kept  # at the end again: used just now
        return kept

    def put(self, key: Key, kept: Kept) -> None:
        """Keep an answer that has any life."""
        self._failed.pop(key, None)
        old = self._kept.pop(key, None)
        if old is not None:
            self._bytes -= _size(key, old)
        size = _size(key, kept)
        if kept.life_s <= 0 or size > self._max_bytes // 4:
            return
        self._kept[key] = kept
        self._bytes += size
        while self._bytes > self._max_bytes:
            oldest = next(iter(self._kept))
            self._bytes -= _size(oldest, self._kept.pop(oldest))

    def fail(self, key: Key, now: float) -> None:
        """Nobody could answer: do not ask again for a few seconds (RFC 9520)."""
        if len(self._failed) >= _MAX_FAILURES:
            self._failed.pop(next(iter(self._failed)))
        self._failed[key] = now + FAILURE_S

    def failed(self, key: Key, now: float) -> bool:
        """Did it fail a moment ago?"""
        until = self._failed.get(key)
        if until is None:
            return False
        if until <= now:
            del self._failed[key]
            return False
        return True

    @property
    def used_bytes(self) -> int:
        """Bytes the entries take."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._kept)


def _size(key: Key, kept: Kept) -> int:
    return len(key[0]) + len(kept.message) + 120 * len(kept.ttl_places) + _OVERHEAD


def _ttl(message: bytes, record: Record, negative: bool) -> int:
    ttl = 0 if record.ttl & 0x80000000 else min(record.ttl, MAX_TTL_S)  # RFC 2181 section 8
    if record.rtype == TYPE_SOA and record.section == 2 and negative:
        return min(ttl, _soa_minimum(message, record))  # RFC 2308 section 5
    return ttl


def _soa_minimum(message: bytes, record: Record) -> int:
    fixed = skip_name(message, skip_name(message, record.data_at))
    if fixed + 20 != record.end:
        raise BadPacketError("an SOA of the wrong length")
    minimum: int = struct.unpack_from("!I", message, fixed + 16)[0]
    return minimum


def _life_s(records: list[Record], places: tuple[tuple[int, int], ...], negative: bool, rcode: int) -> int:
    if rcode not in (NOERROR, NXDOMAIN):
        return 0
    ttls = [ttl for record, (_, ttl) in zip(records, places, strict=True) if record.section == 1 or negative]
    if not negative:
        return min(ttls)
    if not any(record.rtype == TYPE_SOA and record.section == 2 for record in records):
        return 0  # without an SOA nobody said for how long (RFC 2308 section 5)
    return min(*ttls, MAX_NEGATIVE_S)


def _leads_to(message: bytes, records: list[Record]) -> tuple[tuple[str, ...], list[Address]]:
    targets: list[str] = []
    addresses: list[Address] = []
    for record in records:
        if record.section == 2:
            continue
        size = record.end - record.data_at
        if record.rtype == TYPE_A and size == 4:
            addresses.append(IPv4Address(message[record.data_at : record.end]))
        elif record.rtype == TYPE_AAAA and size == 16:
            addresses.append(IPv6Address(message[record.data_at : record.end]))
        elif record.rtype == TYPE_CNAME and record.section == 1:
            targets.append(read_name(message, record.data_at))
        elif record.rtype in (TYPE_SVCB, TYPE_HTTPS) and record.section == 1:
            target, hints = _service(message, record)
            addresses += hints
            targets += [target] if target else []
    return tuple(dict.fromkeys(targets)), addresses


def _service(message: bytes, record: Record) -> tuple[str, list[Address]]:
    """Target and address hints (keys 4 and 6) of an SVCB or HTTPS record (RFC 9460 sections 2.2, 7.3)."""
    target = read_name(message, record.data_at + 2)
    at, hints = skip_name(message, record.data_at + 2), list[Address]()
    while at + 4 <= record.end:
        key, size = struct.unpack_from("!HH", message, at)
        value = message[at + 4 : min(at + 4 + size, record.end)]
        if key == 4:
            hints += [IPv4Address(value[i : i + 4]) for i in range(0, len(value) - 3, 4)]
        elif key == 6:
            hints += [IPv6Address(value[i : i + 16]) for i in range(0, len(value) - 15, 16)]
        at += 4 + size
    return target, hints
