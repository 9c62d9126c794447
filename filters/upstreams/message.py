"""Our own questions to an upstream, and whether what comes back answers them (pure but for the random bits)."""

import secrets
import struct

from filters.kept import Key
from filters.wire import (
    AD,
    CD,
    DO,
    FORMERR,
    HEADER,
    OPTION_PADDING,
    PAYLOAD,
    QR,
    RD,
    TYPE_OPT,
)

_PAD_TO = 128  # RFC 8467 section 4.1: what a query is filled up to
_LETTER = frozenset(range(ord("a"), ord("z") + 1))


def query_message(
    key: Key, *, edns: bool = True, ask_ad: bool = False, mix_case: bool = False, padded: bool = False
) -> bytes:
    """A query with an id of its own and our own OPT: no client subnet, no cookie of an asker goes any further.

    `ask_ad`: the upstream validates and its word counts (RFC 6840 section 5.7). `mix_case`: letters in random case,
    to be given back so (draft-vixie-dnsext-dns0x20).
    """
    question, dnssec_ok, checking_disabled = key
    flags = RD | (CD if checking_disabled else 0) | (AD if ask_ad else 0)
    if mix_case:
        question = _mixed(question[:-4]) + question[-4:]
    head = HEADER.pack(secrets.randbits(16), flags, 1, 0, 0, int(edns))
    if not edns:
        return head + question
    padding = b""
    if padded:
        size = -(len(head) + len(question) + 11 + 4) % _PAD_TO
        padding = struct.pack("!HH", OPTION_PADDING, size) + bytes(size)
    opt = struct.pack("!BHHIH", 0, TYPE_OPT, PAYLOAD, DO if dnssec_ok else 0, len(padding))
    return head + question + opt + padding


def is_answer(query: bytes, reply: bytes) -> bool:
    """Is it the answer to this very query? (RFC 5452 section 9.1; server and port are the connected socket's.)"""
    if len(reply) < 12 or reply[:2] != query[:2] or not reply[2] << 8 & QR:
        return False
    if reply[4:6] == b"\0\0" and rcode_of(reply) == FORMERR:
        return True  # a server that could not read the question does not repeat it
    end = _question_end(query)
    asked, told = query[12:end], reply[12:end]
    return reply[4:6] == b"\0\1" and told[:-4].lower() == asked[:-4].lower() and told[-4:] == asked[-4:]


def has_same_spelling(query: bytes, reply: bytes) -> bool:
    """Does the answer repeat the question letter by letter?"""
    end = _question_end(query)
    return reply[12:end] == query[12:end]


def rcode_of(reply: bytes) -> int:
    """The code in the header."""
    return reply[3] & 15


def _question_end(query: bytes) -> int:
    at = 12
    while query[at]:
        at += 1 + query[at]
    return at + 5


def _mixed(name: bytes) -> bytes:
    bits = secrets.randbits(8 * len(name))
    return bytes(byte ^ 0x20 if byte in _LETTER and bits >> at & 1 else byte for at, byte in enumerate(name))
