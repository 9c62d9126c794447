"""Asks the upstreams: each question from a port and with an id of its own, the first good upstream first.

In: a question. Out: Kept, the cleaned answer; or NoAnswerError with what to tell the asker.
"""

import asyncio
import secrets
import socket
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from filters import clock
from filters.answer import EDE_NETWORK_ERROR, EDE_NO_REACHABLE_AUTHORITY, Ede
from filters.cache import Kept, Key, cleaned
from filters.log import event
from filters.settings import Upstream
from filters.wire import CD, DO, FORMERR, HEADER, NOERROR, NXDOMAIN, PAYLOAD, QR, RD, TC, BadPacketError

TRY_S = 1.5
WHOLE_S = 5.0
REST_S, LONGEST_REST_S = 2.0, 60.0
_LEAST_TRIES = 2


class NoAnswerError(Exception):
    """None of the upstreams gave a usable answer; `ede` says why, when it was not the upstream's own SERVFAIL."""

    def __init__(self, ede: Ede | None) -> None:
        super().__init__(ede)
        self.ede = ede


class _UnusableError(Exception):
    """The upstream lives, but has no answer to this question (SERVFAIL, REFUSED …)."""


@dataclass(slots=True)
class _Health:
    """How an upstream has done lately."""

    upstream: Upstream
    failures: int = 0
    rests_until: float = 0.0


class Forwarder:
    """All upstreams of one worker. One that fails rests, longer each time; then one question tries it again."""

    def __init__(self, upstreams: Sequence[Upstream], now: Callable[[], float] = clock.monotonic) -> None:
        self._health = [_Health(upstream) for upstream in upstreams]
        self._now = now

    async def ask(self, key: Key) -> Kept:
        """The answer to a question, or NoAnswerError within WHOLE_S."""
        ede: Ede | None = Ede(EDE_NO_REACHABLE_AUTHORITY, "no upstream answers")
        try:
            async with asyncio.timeout(WHOLE_S):
                for health in self._order():
                    try:
                        kept = cleaned(await _exchange(health.upstream, key), self._now())
                    except TimeoutError:
                        self._rest(health)
                        ede = Ede(EDE_NO_REACHABLE_AUTHORITY, "the upstreams do not answer in time")
                    except OSError:
                        self._rest(health)
                        ede = Ede(EDE_NETWORK_ERROR, "no way to the upstreams")
                    except (BadPacketError, _UnusableError):
                        self._well(health)  # it answers: the fault is this question's
                        ede = None
                    else:
                        self._well(health)
                        return kept
        except TimeoutError:
            pass  # the whole time is over: told as below
        raise NoAnswerError(ede)

    def _order(self) -> list[_Health]:
        now = self._now()
        order = sorted(self._health, key=lambda each: each.rests_until > now)
        if order and order[0].failures:
            order[0].rests_until = now + TRY_S  # this question tries it again; the others keep away meanwhile
        return order if len(order) >= _LEAST_TRIES else order * _LEAST_TRIES

    def _rest(self, health: _Health) -> None:
        health.failures += 1
        health.rests_until = self._now() + min(REST_S * 2 ** min(health.failures - 1, 10), LONGEST_REST_S)
        if health.failures == 1:
            event("upstream.rested", "warning", upstream=health.upstream.address, port=health.upstream.port)

    def _well(self, health: _Health) -> None:
        if health.failures:
            event("upstream.returned", upstream=health.upstream.address, port=health.upstream.port)
        health.failures, health.rests_until = 0, 0.0


async def _exchange(upstream: Upstream, key: Key) -> bytes:
    """A usable answer of one upstream: NOERROR or NXDOMAIN to this question, whole."""
    query = _query(key)
    async with asyncio.timeout(TRY_S):
        reply = await _by_udp(upstream, query)
    if _rcode(reply) == FORMERR:  # a resolver from before EDNS: ask as in its days (RFC 6891 section 6.2.2)
        query = _query(key, edns=False)
        async with asyncio.timeout(TRY_S):
            reply = await _by_udp(upstream, query)
    if reply[2] << 8 & TC:
        async with asyncio.timeout(TRY_S):
            reply = await _by_tcp(upstream, query)
    if _rcode(reply) not in (NOERROR, NXDOMAIN):
        raise _UnusableError
    return reply


def _query(key: Key, *, edns: bool = True) -> bytes:
    # our own OPT in place of the asker's: no client subnet, no cookie, no padding goes any further
    question, dnssec_ok, checking_disabled = key
    flags = RD | (CD if checking_disabled else 0)
    head = HEADER.pack(secrets.randbits(16), flags, 1, 0, 0, int(edns))
    opt = b"\0" + struct.pack("!HHIH", 41, PAYLOAD, DO if dnssec_ok else 0, 0)
    return head + question + (opt if edns else b"")


def _answers(query: bytes, reply: bytes) -> bool:
    """Is it the answer to this very query? (RFC 5452 section 9.1; server and port are the connected socket's.)"""
    if len(reply) < 12 or reply[:2] != query[:2] or not reply[2] << 8 & QR:
        return False
    end = _question_end(query)
    if reply[4:6] == b"\0\0" and _rcode(reply) == FORMERR:
        return True  # a server that could not read the question does not repeat it
    asked, told = query[12:end], reply[12:end]
    return reply[4:6] == b"\0\1" and told[:-4].lower() == asked[:-4] and told[-4:] == asked[-4:]


def _question_end(query: bytes) -> int:
    at = 12
    while query[at]:
        at += 1 + query[at]
    return at + 5


def _rcode(reply: bytes) -> int:
    return reply[3] & 15


async def _by_udp(upstream: Upstream, query: bytes) -> bytes:
    loop = asyncio.get_running_loop()
    family = socket.AF_INET6 if ":" in upstream.address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as asking:
        asking.connect((upstream.address, upstream.port))  # a fresh random port, and the kernel drops other senders
        asking.send(query)
        while True:
            reply = await loop.sock_recv(asking, 65535)
            if _answers(query, reply):
                return reply


async def _by_tcp(upstream: Upstream, query: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(upstream.address, upstream.port)
    try:
        writer.write(struct.pack("!H", len(query)) + query)
        (size,) = struct.unpack("!H", await reader.readexactly(2))
        reply = await reader.readexactly(size)
    except asyncio.IncompleteReadError as error:
        raise OSError("the upstream closed the connection") from error
    finally:
        writer.close()
    if not _answers(query, reply):
        raise BadPacketError("an answer to another question")
    return reply
