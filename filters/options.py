"""EDNS options an answer carries back to whoever sent theirs: the cookie, the keepalive of a connection.

In: the query's OPT and the asker's address. Out: options in wire form (wire.Query.options).
"""

import hashlib
import struct
from collections.abc import Callable

from filters.wire import OPTION_COOKIE, OPTION_KEEPALIVE, Edns

TCP_IDLE_S = 10.0
"""How long a connection may be silent."""
_KEEPALIVE = struct.pack("!HHH", OPTION_KEEPALIVE, 2, int(TCP_IDLE_S * 10))  # RFC 7828 section 3.1: in 100 ms
_VERSION = b"\x01\0\0\0"


class Options:
    """What one filter gives back; the key is made at its start and the same in all its workers."""

    def __init__(self, key: bytes, now: Callable[[], float]) -> None:
        """`key`: 16 random bytes and more."""
        self._key = key
        self._now = now

    def reply_to(self, edns: Edns | None, client: bytes, *, by_udp: bool) -> bytes:
        """The options of an answer to a query with this OPT from this address."""
        if edns is None or not edns.has_options:
            return b""
        keepalive = _KEEPALIVE if edns.keepalive and not by_udp else b""
        return (self._cookie(edns.cookie, client) if edns.cookie else b"") + keepalive

    def _cookie(self, asked: bytes, client: bytes) -> bytes:
        # Laid out as RFC 9018 section 4 has it. Its SipHash is for servers of several makers behind one address; this
        # one is checked by nobody but the client, which compares it with the one before (RFC 7873 section 5.3).
        fixed = asked + _VERSION + struct.pack("!I", int(self._now()) & 0xFFFFFFFF)
        mark = hashlib.blake2b(fixed + client, key=self._key, digest_size=8).digest()
        return struct.pack("!HH", OPTION_COOKIE, 24) + fixed + mark
