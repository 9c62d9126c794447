"""A name led elsewhere (safe search, a list's rewrite): the alias and its target's records in one answer.

In: the question and the target's own answer (Kept). Out: Kept for the question, sent and aged like any other.
"""

import struct

from filters.kept import Kept, cleaned
from filters.wire import (
    HEADER,
    NAMES_IN,
    QR,
    RA,
    RECORD_TAIL,
    TYPE_CNAME,
    Record,
    read_records,
    skip_name,
    whole_name,
)

_SIGNING = frozenset({46, 47, 50})  # RRSIG, NSEC, NSEC3
_FARTHEST = 0x3FFF  # a compression pointer has 14 bits


def aliased(kept: Kept, question: bytes, target: bytes, now: float, ttl_s: int) -> Kept:
    """The answer to `question` as an alias of `target` (wire form), whose own answer `kept` is, all in one message.

    Signatures are left out: they can't hold for what was put together here.
    """
    age = int(now - kept.kept_at)
    pieces = _Pieces(12 + len(question), question)
    pieces.add(question[:-4], TYPE_CNAME, age + ttl_s, target)
    answers, authorities = 1, 0
    ttls = dict(kept.ttl_places)
    for record in read_records(kept.message)[1]:
        if record.section == 3 or record.rtype in _SIGNING:
            continue
        owner = whole_name(kept.message, record.start)
        pieces.add(owner, record.rtype, ttls[record.ttl_at], _whole_data(kept.message, record))
        answers, authorities = answers + (record.section == 1), authorities + (record.section == 2)
    head = HEADER.pack(0, QR | RA | kept.message[3] & 15, 1, answers, authorities, 0)
    return cleaned(head + question + bytes(pieces.written), kept.kept_at)


class _Pieces:
    """Records of a message that is being written; an owner seen before becomes a pointer."""

    def __init__(self, start: int, question: bytes) -> None:
        self._start = start
        self._known = {question[:-4].lower(): 12}
        self.written = bytearray()

    def add(self, owner: bytes, rtype: int, ttl_s: int, data: bytes) -> None:
        at = self._known.get(owner.lower())
        if at is None:
            self._know(owner)
            self.written += owner
        else:
            self.written += struct.pack("!H", 0xC000 | at)
        self.written += RECORD_TAIL.pack(rtype, 1, ttl_s, len(data))
        if rtype == TYPE_CNAME:
            self._know(data)
        self.written += data

    def _know(self, name: bytes) -> None:
        at = self._start + len(self.written)
        if at <= _FARTHEST:
            self._known.setdefault(name.lower(), at)


def _whole_data(message: bytes, record: Record) -> bytes:
    before, names = NAMES_IN.get(record.rtype, (0, 0))
    if not names:
        return message[record.data_at : record.end]
    at = record.data_at + before
    pieces = [message[record.data_at : at]]
    for _ in range(names):
        pieces.append(whole_name(message, at))
        at = skip_name(message, at)
    return b"".join((*pieces, message[at : record.end]))
