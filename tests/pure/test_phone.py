"""gateway.phone.dhcp and access.client.phone_mac; the packets as scapy reads and writes them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scapy.layers.dhcp import BOOTP, DHCP
from scapy.layers.inet import IP, UDP

from gateway.access.client import parse_mac, phone_mac
from gateway.phone import dhcp

_MAC = bytes.fromhex("060102030405")
_OFFER = dhcp.Offer(dhcp.OFFER, "10.77.0.99", "10.77.0.1", "255.255.255.0", "10.77.0.1", "10.77.0.1", "https://a/b")


def _options(packet: bytes) -> dict[str, object]:
    return {each[0]: each[1] for each in IP(packet)[DHCP].options if isinstance(each, tuple)}


@pytest.mark.parametrize(("kind", "offer", "to"), [
    (dhcp.DISCOVER, None, "255.255.255.255"),
    (dhcp.REQUEST, _OFFER, "255.255.255.255"),
    (dhcp.RELEASE, _OFFER, "10.77.0.1"),
])  # fmt: skip
def test_packets_are_what_another_program_reads(kind: int, offer: dhcp.Offer | None, to: str) -> None:
    sent = dhcp.packet(kind, _MAC, 77, offer)
    read, again = IP(sent), IP(sent)
    del again.chksum
    assert read.chksum == IP(bytes(again)).chksum
    assert (read.dst, read[UDP].sport, read[UDP].dport) == (to, 68, 67)
    assert (read[BOOTP].xid, read[BOOTP].chaddr[:6]) == (77, _MAC)
    options = _options(sent)
    assert options["message-type"] == kind
    assert options.get("server_id") == (offer.server if offer else None)
    assert options.get("requested_addr") == (offer.address if kind == dhcp.REQUEST and offer else None)
    assert read[BOOTP].ciaddr == (_OFFER.address if kind == dhcp.RELEASE else "0.0.0.0")


def _offered() -> bytes:
    told: list[object] = [("message-type", "offer"), ("server_id", "10.77.0.1"), ("subnet_mask", "255.255.255.0")]
    told += [("router", "10.77.0.1"), ("name_server", "10.77.0.1"), (114, b"https://a/b"), "end"]
    said = BOOTP(op=2, xid=77, yiaddr="10.77.0.99", chaddr=_MAC) / DHCP(options=told)
    return bytes(IP(src="10.77.0.1", dst="10.77.0.99") / UDP(sport=67, dport=68) / said)


def test_an_offer_of_another_program_is_read_and_anothers_is_not() -> None:
    assert dhcp.read(_offered(), _MAC, 77) == _OFFER
    assert dhcp.read(_offered(), _MAC, 78) is None and dhcp.read(_offered(), bytes(6), 77) is None


@given(st.binary(max_size=300), st.integers(0, 400))
@example(b"\x35\x00", 268)  # a message type without one
def test_odd_packets_raise_nothing(noise: bytes, cut: int) -> None:
    assert dhcp.read(noise, _MAC, 77) is None
    dhcp.read(_offered()[:cut] + noise, _MAC, 77)


def test_the_mac_is_the_boxs_own_and_locally_administered() -> None:
    mac = phone_mac(b"a" * 32)
    assert parse_mac(mac) == mac == phone_mac(b"a" * 32) != phone_mac(b"b" * 32)
    assert int(mac[:2], 16) & 3 == 2
