"""The fast path: UDP questions in batches, answered from ready bytes without a message object.

A batch is one recvmmsg; bytes 2.. of a packet (all but the id) are the key of the profile's ready answers; a reply is
two pieces, the id still in the receive buffer and the ready body, so nothing is copied; one sendmmsg sends the batch.
The control message that tells which of our addresses was asked (IP_PKTINFO) goes back as it came, so the answer leaves
from that address: behind a kernel redirect on a wildcard socket nothing else would reach the asker.
"""

import contextlib
import ctypes
import socket
import struct
import sys
from collections.abc import Callable

from filters.errors import FilterError
from filters.guards import Level, RateGuard, limited_body
from filters.log import event
from filters.ready import Lane, Ready
from filters.resolver import Resolver

BATCH = 64
_ROUNDS = 8  # batches before the loop's other work gets its turn: about 4 ms
_SLOT, _NAME, _CONTROL = 2048, 32, 48
_MSG_DONTWAIT = 0x40
IPV6_RECVPKTINFO, IPV6_PKTINFO, IP_PKTINFO = 49, 50, 8


class Buffers:
    """Memory of a batch for one address family; all ports of a worker use the same in turn.

    Layout of struct mmsghdr on 64-bit machines, in words of 8 bytes: 0 name, 1 its length, 2 pieces, 3 their number,
    4 control, 5 its length, 6 flags, 7 bytes received.
    """

    def __init__(self, family: int) -> None:
        if struct.calcsize("P") != 8 or sys.byteorder != "little":
            raise FilterError("the filter needs a 64-bit little-endian machine", hint="use an amd64 or arm64 system")
        v6 = family == socket.AF_INET6
        self.family = family
        name_bytes, control_bytes = (28, 40) if v6 else (16, 32)
        self.client = (8, 24) if v6 else (4, 8)
        self._memory = [bytearray(BATCH * size) for size in (_SLOT, _NAME, _CONTROL, 64, 64, 16, 32)]
        views = [memoryview(each) for each in self._memory]
        self.slots, self.names, self.controls, headers, sends, pieces, outs = views
        slots, names, controls, header, send, piece, out = (
            ctypes.addressof(ctypes.c_char.from_buffer(each)) for each in self._memory
        )
        header_words, send_words = headers.cast("Q"), sends.cast("Q")
        piece_words, self.out = pieces.cast("Q"), outs.cast("Q")
        for i in range(BATCH):
            piece_words[2 * i], piece_words[2 * i + 1] = slots + _SLOT * i, _SLOT
            self.out[4 * i], self.out[4 * i + 1] = slots + _SLOT * i, 2
            shared = (names + _NAME * i, name_bytes)
            control = (controls + _CONTROL * i, control_bytes, 0, 0)
            header_words[8 * i : 8 * i + 8] = _words(*shared, piece + 16 * i, 1, *control)
            send_words[8 * i : 8 * i + 8] = _words(*shared, out + 32 * i, 2, *control)
        self.header_bytes, self.header_words, self.fresh = headers, header_words, bytes(headers)
        self.received, self.to_send = ctypes.c_void_p(header), send
        self.plan = [(i, _SLOT * i, 8 * i + 7, 4 * i + 2) for i in range(BATCH)]

    def address(self, index: int) -> tuple[str, int] | tuple[str, int, int, int]:
        """Who sent packet `index`, as Python's sockets have it."""
        raw = bytes(self.names[_NAME * index : _NAME * index + 28])
        port = int.from_bytes(raw[2:4], "big")
        if self.family == socket.AF_INET:
            return socket.inet_ntop(self.family, raw[4:8]), port
        scope = int.from_bytes(raw[24:28], sys.byteorder)
        return socket.inet_ntop(self.family, raw[8:24]), port, 0, scope

    def asked_address(self, index: int) -> tuple[int, int, bytes]:
        """The control message that makes an answer leave from the address that was asked."""
        raw = self.controls[_CONTROL * index :]
        if self.family == socket.AF_INET:
            return socket.IPPROTO_IP, IP_PKTINFO, bytes(raw[16:28])
        return socket.IPPROTO_IPV6, IPV6_PKTINFO, bytes(raw[16:36])


class UdpAsker:
    """Waits for a later answer by UDP."""

    __slots__ = ("_address", "_control", "_id", "_socket", "by_udp", "client")

    def __init__(self, port: "UdpPort", index: int, ident: bytes) -> None:
        buffers = port.buffers
        self._socket = port.socket
        self._id = ident
        self._address = buffers.address(index)
        self._control = buffers.asked_address(index)
        self.client = port.client(index)
        self.by_udp = True

    def send(self, body: bytes | bytearray) -> None:
        """See Asker."""
        with contextlib.suppress(OSError):  # the asker is gone or the line is full: it asks again, as UDP has it
            self._socket.sendmsg([self._id, body], [self._control], _MSG_DONTWAIT, self._address)


class UdpPort:
    """One socket of one profile."""

    def __init__(
        self,
        sock: socket.socket,
        lane: Lane,
        resolver: Resolver,
        buffers: Buffers,
        now: Callable[[], float],
        rate: RateGuard | None,
    ) -> None:
        self.socket = sock
        self.buffers = buffers
        self._lane = lane
        self._resolver = resolver
        self._now = now
        self._rate = rate
        self._sample = 0
        libc = ctypes.CDLL(None)
        self._recvmmsg, self._sendmmsg = libc.recvmmsg, libc.sendmmsg
        self._fd = ctypes.c_int(sock.fileno())

    def on_readable(self) -> None:
        """Answer what has come, a few batches at most."""
        for _ in range(_ROUNDS):
            if self._answer_batch() < BATCH:
                return

    def client(self, index: int) -> bytes:
        """The asker's address, for de-duplicating counts."""
        start, end = self.buffers.client
        return bytes(self.buffers.names[_NAME * index + start : _NAME * index + end])

    def _answer_batch(self) -> int:
        buffers, lane = self.buffers, self._lane
        buffers.header_bytes[:] = buffers.fresh
        count: int = self._recvmmsg(self._fd, buffers.received, BATCH, _MSG_DONTWAIT, None)
        if count <= 0:
            return 0
        now, find = self._now(), lane.ready.get
        limited = None if self._rate is None else self._limited(self._rate, count, now)
        slots, sizes, out = buffers.slots, buffers.header_words, buffers.out
        answers: list[Ready | None] = []  # holds what is being sent, whatever is thrown out of the ready answers
        refused = gaps = False
        for index, start, size_at, out_at in buffers.plan[:count]:
            ready = find(slots[start + 2 : start + sizes[size_at]].tobytes())
            if limited is not None and (level := limited[index]):
                body = limited_body(slots[start : start + sizes[size_at]].tobytes(), level)
                ready = None if body is None else Ready(body, 0.0)
                lane.counts.limited += 1
            elif ready is None or (ready.valid_until <= now and not ready.refresh(now)):
                ready = self._slow(index, bytes(slots[start : start + sizes[size_at]]))
            answers.append(ready)
            if ready is None:
                gaps = True
                continue
            out[out_at] = ready.address
            out[out_at + 1] = ready.length
            if ready.category:
                refused = True
        self._send(answers, gaps)
        lane.counts.queries += count
        if refused:
            for index, ready in enumerate(answers):
                if ready is not None and ready.category:
                    lane.counts.refuse(self.client(index), ready.domain, ready.category, now)
        return count

    def _limited(self, rate: RateGuard, count: int, now: float) -> list[Level] | None:
        """How each packet is to be treated; None: all are fine.

        While nobody is over the limit one packet of the batch, any, stands for all: right on average, and exact where
        packets come one by one.
        """
        if rate.watches(now):
            return [rate.charge(self.client(index), 1, now) for index in range(count)]
        if count > 1:
            self._sample = (self._sample * 1103515245 + 12345) & 0x7FFFFFFF
        rate.charge(self.client((self._sample >> 8) % count), count, now)
        return None

    def _slow(self, index: int, packet: bytes) -> Ready | None:
        try:
            if respelled := self._lane.respelled(packet, self._now()):
                return respelled
            return self._resolver.answer(packet, self._lane, UdpAsker(self, index, packet[:2]))
        except Exception as error:  # noqa: BLE001 - one odd packet must not end the worker for all
            event("query.failed", "error", error=repr(error))
            return None

    def _send(self, answers: list[Ready | None], gaps: bool) -> None:
        """Send the batch, run by run where some have no answer yet; a message the kernel refuses is left out."""
        at, count = 0, len(answers)
        while at < count:
            end = count
            if gaps:
                if answers[at] is None:
                    at += 1
                    continue
                end = next((i for i in range(at, count) if answers[i] is None), count)
            sent = self._sendmmsg(self._fd, ctypes.c_void_p(self.buffers.to_send + 64 * at), end - at, _MSG_DONTWAIT)
            at += sent if sent > 0 else 1


def _words(*values: int) -> memoryview:
    return memoryview(struct.pack("8Q", *values)).cast("Q")
