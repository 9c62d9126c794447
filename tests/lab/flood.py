"""Frames no honest device sends, put on the wire of a client's namespace; bounded in number, made without scapy: fast.

python -m tests.lab.flood syn ADDRESS PORT COUNT      SYNs from ever new ports, never completed
python -m tests.lab.flood ports ADDRESS PORT COUNT    a question by UDP from each of COUNT ports
python -m tests.lab.flood macs ADDRESS COUNT          a DHCP discover, a question and a SYN from each of COUNT MACs
"""

import json
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from ipaddress import IPv4Address

INTERFACE, GATEWAY = "eth0", "10.77.0.1"
QUESTION = b"\0\7\1\0\0\1\0\0\0\0\0\0\3www\7example\3com\0\0\1\0\1"
FIRST_PORT, PORTS = 1024, 60_000


def main(kind: str, address: str, *rest: str) -> None:
    """Send, and say how many frames went out."""
    neighbours = json.loads(subprocess.run(["ip", "-j", "neigh", "show", GATEWAY], capture_output=True).stdout)
    gateway = bytes.fromhex(neighbours[0]["lladdr"].replace(":", ""))
    (own,) = json.loads(subprocess.run(["ip", "-j", "-4", "address", "show", INTERFACE], capture_output=True).stdout)
    mac = bytes.fromhex(_link_address().replace(":", ""))
    source = own["addr_info"][0]["local"]
    numbers = [int(each) for each in rest]
    sent = 0
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as link:
        link.bind((INTERFACE, 0))
        for frame in _frames(kind, gateway, mac, source, address, numbers):
            link.send(frame)
            sent += 1
    print(sent)


def _frames(kind: str, gateway: bytes, mac: bytes, source: str, address: str, numbers: list[int]) -> Iterator[bytes]:
    ethernet = gateway + mac + b"\x08\0"
    if kind == "macs":
        yield from _strangers(gateway, address, numbers[0])
        return
    port, count = numbers
    for n in range(count):
        from_port = FIRST_PORT + n % PORTS
        if kind == "syn":
            yield ethernet + _ip(source, address, 6, _syn(source, address, from_port, port, n))
        else:
            yield ethernet + _ip(source, address, 17, _udp(from_port, port, QUESTION))


def _strangers(gateway: bytes, address: str, count: int) -> Iterator[bytes]:
    for n in range(count):
        mac = b"\x02\xaa" + struct.pack("!I", n)
        source = f"10.77.0.{20 + n % 200}"
        # BOOTP: request, Ethernet; DHCP: discover (RFC 2131)
        bootp = struct.pack("!BBBBIHH16x6s10x192xI", 1, 1, 6, 0, n, 0, 0, mac, 0x63825363) + b"\x35\1\1\xff"
        yield b"\xff" * 6 + mac + b"\x08\0" + _ip("0.0.0.0", "255.255.255.255", 17, _udp(68, 67, bootp))
        up = gateway + mac + b"\x08\0"
        yield up + _ip(source, address, 17, _udp(5000, 53, QUESTION))
        yield up + _ip(source, address, 6, _syn(source, address, FIRST_PORT + n, 80, n))


def _ip(source: str, target: str, protocol: int, payload: bytes) -> bytes:
    ends = IPv4Address(source).packed + IPv4Address(target).packed
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0, 64, protocol, 0) + ends
    return head[:10] + struct.pack("!H", _checksum(head)) + head[12:] + payload


def _udp(source: int, target: int, payload: bytes) -> bytes:
    return struct.pack("!HHHH", source, target, 8 + len(payload), 0) + payload  # no checksum (RFC 768)


def _syn(source: str, target: str, from_port: int, port: int, number: int) -> bytes:
    segment = struct.pack("!HHIIBBHHH", from_port, port, number, 0, 0x50, 2, 64240, 0, 0)
    ends = IPv4Address(source).packed + IPv4Address(target).packed + struct.pack("!BBH", 0, 6, len(segment))
    return segment[:16] + struct.pack("!H", _checksum(ends + segment)) + segment[18:]


def _checksum(data: bytes) -> int:
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _link_address() -> str:
    (link,) = json.loads(subprocess.run(["ip", "-j", "link", "show", INTERFACE], capture_output=True).stdout)
    return str(link["address"])


if __name__ == "__main__":
    main(*sys.argv[1:])
