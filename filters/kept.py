"""An upstream's message -> Kept: checked, cleaned of what belongs to the hop, with its life and where it leads.

In: bytes of an upstream. Out: Kept, which filters.cache keeps and filters.answer sends on. Nothing of any profile's
verdict is in it: all profiles share it.
"""

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from filters.ede import Ede, shortened
from filters.policy import TYPE_A, TYPE_AAAA
from filters.special_names import Address, is_block_page, is_private
from filters.wire import (
    AD,
    HEADER,
    NOERROR,
    NXDOMAIN,
    OPTION_EDE,
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
    check_names,
    options_of,
    read_name,
    read_records,
    skip_name,
)

MAX_TTL_S = 86400
STALE_TTL_S = 30
MAX_NEGATIVE_S = 3600  # RFC 2308 section 5 calls one to three hours sensible
_MAX_EDES = 3

Key = tuple[bytes, bool, bool]
"""Question in lower case, DNSSEC wanted, checking disabled."""


@dataclass(slots=True)
class Kept:
    """One upstream answer, ready to be aged and sent. Only `uses` ever changes."""

    message: bytes
    """A whole packet with id 0, without OPT. AD stands in it only when the upstream's word on it is believed."""
    question_end: int
    ttl_places: tuple[tuple[int, int], ...]
    """Offset of each TTL and its value at the start."""
    kept_at: float
    life_s: int
    targets: tuple[str, ...]
    """Names the answer leads on to: CNAME, SVCB and HTTPS targets."""
    telling: tuple[Address, ...]
    """Private addresses and block pages in the answer, hints of HTTPS records included."""
    edes: tuple[Ede, ...] = ()
    """What the upstream itself said of it (RFC 8914)."""
    uses: int = 0
    """How often it was looked for, at most once a second and form of the question: what is worth a prefetch."""

    @property
    def is_nxdomain(self) -> bool:
        """Does the name not exist?"""
        return self.message[3] & 15 == NXDOMAIN

    def stale(self, most_s: int = MAX_TTL_S) -> bytearray:
        """The message with STALE_TTL_S in every record (RFC 8767 section 4), or `most_s` where that is less."""
        message = bytearray(self.message)
        for at, _ in self.ttl_places:
            struct.pack_into("!I", message, at, min(STALE_TTL_S, most_s))
        return message

    def aged(self, now: float, most_s: int = MAX_TTL_S) -> bytearray:
        """The message with its TTLs counted down to now, none above `most_s`."""
        message = bytearray(self.message)
        age = int(now - self.kept_at)
        for at, ttl in self.ttl_places:
            struct.pack_into("!I", message, at, min(max(0, ttl - age), most_s))
        return message


def key_of(query: Query) -> Key:
    """What answers are shared by. Only the name is lowered: type 65 is the byte of a capital A."""
    question = query.question
    return question[:-4].lower() + question[-4:], query.dnssec_ok, bool(query.flags & 0x10)


def cleaned(message: bytes, now: float, *, believed: bool = False, ours: bool = False) -> Kept:
    """An upstream's message as what we pass on: no OPT, TTLs sane; BadPacketError if malformed.

    `believed`: its AD may be passed on; from a plain upstream over an open line it means nothing (RFC 6840 section
    5.8). `ours`: a resolver of the site's own, whose names may lead to private addresses.
    """
    start, records = read_records(message)
    _, flags, _, *counts = HEADER.unpack_from(message)
    opt = next((index for index, record in enumerate(records) if record.rtype == TYPE_OPT), None)
    edes: tuple[Ede, ...] = ()
    if opt is not None:  # what stands behind an OPT (a signature of the hop) goes with it
        if records[opt].section != 3 or records[opt].ttl >> 24:
            raise BadPacketError("an extended error of the upstream, or OPT out of place")
        edes = _edes(message, records[opt])
        counts[2] = sum(record.section == 3 for record in records[:opt])
        records = records[:opt]
    end = records[-1].end if records else start
    _check_names(message[:end], records)
    head = HEADER.pack(0, QR | RA | flags & (15 | (AD if believed else 0)), 1, *counts)
    (qtype,) = struct.unpack_from("!H", message, start - 4)
    negative = not any(record.section == 1 and record.rtype == qtype for record in records)  # aliases alone are no data
    places = tuple((record.ttl_at, _ttl(message, record, negative)) for record in records)
    targets, addresses = _leads_to(message, records)
    return Kept(
        message=head + message[12:end],
        question_end=start,
        ttl_places=places,
        kept_at=now,
        life_s=_life_s(records, places, negative, flags & 15),
        targets=targets,
        telling=() if ours else tuple(each for each in addresses if is_private(each) or is_block_page(each)),
        edes=edes,
    )


def _check_names(message: bytes, records: list[Record]) -> None:
    """A client's reader may be a simpler one: a loop, or a name led on by what changes on the way, stops here."""
    fixed = bytearray(message)
    fixed[: HEADER.size] = b"\xff" * HEADER.size  # read as a pointer, and one that leads forward
    for record in records:
        fixed[record.ttl_at : record.ttl_at + 4] = b"\xff" * 4
    whole = bytes(fixed)
    for record in records:
        check_names(whole, record)


def edes_of(message: bytes) -> tuple[Ede, ...]:
    """What an upstream says of its failure; nothing when the message can't be read."""
    try:
        _, records = read_records(message)
        return next((_edes(message, record) for record in records if record.rtype == TYPE_OPT), ())
    except BadPacketError:
        return ()


def _edes(message: bytes, opt: Record) -> tuple[Ede, ...]:
    told = [value for code, value in options_of(message, opt) if code == OPTION_EDE and len(value) >= 2]
    return tuple(
        Ede(int.from_bytes(value[:2], "big"), shortened(value[2:].decode("utf-8", "replace")))
        for value in told[:_MAX_EDES]
    )


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
