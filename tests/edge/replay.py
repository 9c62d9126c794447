"""An upstream that makes its answers from the name itself, the same each time; and a client that asks many at once."""

import socket
import struct
from collections.abc import Sequence
from time import perf_counter
from zlib import crc32

from filters.names import to_wire
from tests.edge.filters_upstream import ScriptedUpstream

WINDOW = 64
_OF_ONE = 100
_AGAIN_S, _LONGEST_S = 1.0, 20.0
A, PTR, SOA, MX, TXT, AAAA, SRV, HTTPS = 1, 12, 6, 15, 16, 28, 33, 65
_OPT = b"\0" + struct.pack("!HHIH", 41, 1232, 0, 0)


class ReplayUpstream(ScriptedUpstream):
    """Answers by UDP and TCP: records of the asked type, alias chains, no data, no name, too much for UDP."""

    def _reply(self, packet: bytes, transport: str) -> bytes:
        return answer(packet, 1232 if transport == "udp" else 65535)


def answer(packet: bytes, limit: int) -> bytes:
    """The answer to a query, made from its name and type."""
    at = 12
    while packet[at]:
        at += 1 + packet[at]
    question = packet[12 : at + 5]
    (qtype,) = struct.unpack_from("!H", packet, at + 1)
    dice = crc32(question[:-4].lower())
    rcode, answers, authority = 0, list[bytes](), list[bytes]()
    owner = b"\xc0\x0c"
    if dice % 20 == 0:
        rcode, authority = 3, [_record(b"\0", SOA, _soa())]
    elif dice % 20 == 1:
        authority = [_record(owner, SOA, _soa())]
    else:
        if dice % 20 < 5 and qtype != PTR:
            for step in range(1 + dice % 3):  # an alias chain, each name a pointer into the one before
                target = to_wire(f"e{step}-{dice:x}.cdn.example")
                answers.append(_record(owner, 5, target))
                owner = target
        answers += [_record(owner, qtype, data) for data in _data(qtype, dice)]
    flags = struct.pack("!H", 0x8180 | rcode)
    counts = struct.pack("!HHHH", 1, len(answers), len(authority), 1)
    whole = packet[:2] + flags + counts + question + b"".join(answers) + b"".join(authority) + _OPT
    if len(whole) <= limit:
        return whole
    return packet[:2] + b"\x83\x80" + struct.pack("!HHHH", 1, 0, 0, 1) + question + _OPT


def _record(owner: bytes, rtype: int, data: bytes) -> bytes:
    return owner + struct.pack("!HHIH", rtype, 1, 60 + len(data) % 1000, len(data)) + data


def _soa() -> bytes:
    return to_wire("ns.example") + to_wire("root.example") + struct.pack("!IIIII", 7, 3600, 600, 86400, 300)


def _data(qtype: int, dice: int) -> list[bytes]:
    many = range(1 + dice % 4)
    host = to_wire(f"h{dice % 97}.example")
    match qtype:
        case 1:
            return [bytes([203, 0, 113, (dice + n) % 256]) for n in many]
        case 28:
            return [bytes.fromhex("20010db8") + struct.pack("!IQ", dice, n) for n in many]
        case 65:
            return [b"\0\1\0" + b"\0\1\0\6\2h2\2h3" + b"\0\4\0\4\xcb\0\x71\1" + b"\0\5\0\3ech"]
        case 16:
            return [bytes([200]) + bytes([97 + n % 26]) * 200 for n in range(1 + dice % 9)]  # to 1,900 bytes
        case 33:
            return [struct.pack("!HHH", n, 1, 443) + host for n in many]
        case 12 | 2:
            return [host]
        case 15:
            return [struct.pack("!H", 10) + host]
        case _:
            return [b"\1\2\3"]


def ask_all(packets: Sequence[bytes], port: int) -> list[bytes]:
    """The answer to each packet, in its order, each hundred from a client of its own; ids are put in here.

    One client that asks a day's names of a library within seconds would be a tunnel for the guard.
    """
    parts = [packets[at : at + _OF_ONE] for at in range(0, len(packets), _OF_ONE)]
    clients = (f"127.{1 + number // 250}.0.{1 + number % 250}" for number in range(len(parts)))
    return [reply for part, client in zip(parts, clients, strict=True) for reply in _ask(part, port, client)]


def _ask(packets: Sequence[bytes], port: int, address: str) -> list[bytes]:
    """WINDOW at a time; a lost one is asked again."""
    answers: dict[int, bytes] = {}
    numbered = list(enumerate(packets))
    waiting: dict[int, tuple[bytes, float]] = {}
    begun = last = perf_counter()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(_AGAIN_S / 4)
        client.bind((address, 0))
        client.connect(("127.0.0.1", port))
        at = 0
        while len(answers) < len(numbered):
            assert perf_counter() - last < _LONGEST_S, f"no answer to {len(waiting)} questions since {begun}"
            while len(waiting) < WINDOW and at < len(numbered):
                waiting[at] = (numbered[at][1], 0.0)
                at += 1
            now = perf_counter()
            for number, (packet, sent_at) in list(waiting.items()):
                if now - sent_at > _AGAIN_S:
                    client.send(struct.pack("!H", number & 0xFFFF) + packet[2:])
                    waiting[number] = (packet, now)
            try:
                reply = client.recv(65535)
            except TimeoutError:
                continue
            last = perf_counter()
            (ident,) = struct.unpack_from("!H", reply)
            number = next((each for each in waiting if each & 0xFFFF == ident), -1)
            if number >= 0:
                del waiting[number]
                answers[number] = reply
    return [answers[number] for number, _ in numbered]


def ask_by_tcp(packet: bytes, port: int) -> bytes:
    """One question on a connection of its own."""
    with socket.create_connection(("127.0.0.1", port), _LONGEST_S) as connection, connection.makefile("rb") as stream:
        connection.sendall(struct.pack("!H", len(packet)) + packet)
        (size,) = struct.unpack("!H", stream.read(2))
        return bytes(stream.read(size))
