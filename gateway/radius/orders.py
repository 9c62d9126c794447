"""An account server's orders: Disconnect-Request and CoA-Request -> checked -> done -> answered (RFC 5176).

Heard are only configured servers, each with its own secret; what is not proved gets no answer. A packet that came
before gets its old answer and nothing is done again. An order that names its session can do no harm when it is played
back later: sessions' names are never used again; any other must carry a time that is near ours.
"""

import asyncio
import contextlib
import socket
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from ipaddress import IPv4Address, ip_address
from typing import cast

from gateway.access.client import parse_mac
from gateway.clock import Clock
from gateway.errors import GatewayError
from gateway.log import event
from gateway.ports import IpAddress
from gateway.ports_radius import Change, Disconnect, Order
from gateway.radius.changes import CHANGING, changes_of, has_unknown
from gateway.radius.values import integer, number_of
from gateway.radius.wire import Attribute, Code, Packet, RadiusError, Type, decode, is_signed, response
from gateway.units import epoch_s

WINDOW_S = 300
"""How far an order's Event-Timestamp may be from our clock (RFC 5176 section 6.3)."""
_REMEMBERED, _MOST_WAITING, _TOLD_EVERY_S = 1024, 64, 60
Peer = tuple[str, int]


class _BadLimitError(Exception):
    """A limit that can't be."""


class ErrorCause(IntEnum):
    """Why not (RFC 5176 section 3.5)."""

    UNSUPPORTED_ATTRIBUTE = 401
    MISSING_ATTRIBUTE = 402
    NAS_IDENTIFICATION_MISMATCH = 403
    INVALID_REQUEST = 404
    SESSION_NOT_FOUND = 503
    RESOURCES_UNAVAILABLE = 506
    INVALID_ATTRIBUTE_VALUE = 407


_SESSION = {Type.ACCT_SESSION_ID, Type.USER_NAME, Type.CALLING_STATION_ID, Type.FRAMED_IP_ADDRESS}
_NAS = {Type.NAS_IDENTIFIER, Type.NAS_IP_ADDRESS, Type.NAS_IPV6_ADDRESS}
_TAKEN = _SESSION | _NAS | {Type.EVENT_TIMESTAMP, Type.MESSAGE_AUTHENTICATOR, Type.PROXY_STATE, Type.STATE}
_TAKEN |= {Type.CLASS, Type.ACCT_TERMINATE_CAUSE, Type.REPLY_MESSAGE}
_ANSWERS = {
    Code.DISCONNECT_REQUEST: (Code.DISCONNECT_ACK, Code.DISCONNECT_NAK),
    Code.COA_REQUEST: (Code.COA_ACK, Code.COA_NAK),
}


@dataclass(slots=True)
class Orders:
    """What is done with an order's bytes."""

    secrets: Mapping[str, bytes]
    """By the server's address."""
    identifier: str
    disconnect: Disconnect
    change: Change
    clock: Clock
    _answered: OrderedDict[tuple[Peer, int, bytes], bytes] = field(default_factory=OrderedDict)
    _told_boot_s: float = -60.0

    async def answer(self, data: bytes, peer: Peer, own_address: str = "") -> bytes | None:
        """The answer's bytes; None: what came deserves none. `own_address`: ours, where it is known."""
        secret = self.secrets.get(peer[0])
        packet = _proved(data, secret)
        if secret is None or packet is None:
            self._tell_ignored(peer, "not proved")
            return None
        key = peer, packet.identifier, packet.authenticator
        if key in self._answered:
            return self._answered[key]
        if not self._is_timely(packet):
            self._tell_ignored(peer, "not of our time")
            return None
        code, attributes = await self._act(packet, own_address)
        echoed = [each for each in packet.attributes if each.type == Type.PROXY_STATE]
        told = response(code, packet, [*attributes, *echoed], secret)
        self._answered[key] = told
        while len(self._answered) > _REMEMBERED:
            self._answered.popitem(last=False)
        return told

    def _tell_ignored(self, peer: Peer, reason: str) -> None:
        if self.clock.boot_s() - self._told_boot_s >= _TOLD_EVERY_S:  # a flood is one line a minute
            self._told_boot_s = self.clock.boot_s()
            event("radius.order_ignored", "warning", server=peer[0], reason=reason)

    def _is_timely(self, packet: Packet) -> bool:
        at = number_of(packet, Type.EVENT_TIMESTAMP)
        return at is None or abs(at - epoch_s(self.clock.now())) <= WINDOW_S

    async def _act(self, packet: Packet, own_address: str) -> tuple[Code, list[Attribute]]:
        done, refused = _ANSWERS[Code(packet.code)]
        cause = self._cause_against(packet, own_address)
        ended: Sequence[int] = ()
        if cause is None:
            try:
                ended = await self._do(packet)
            except _BadLimitError:
                cause = ErrorCause.INVALID_ATTRIBUTE_VALUE
            except ValueError:  # UnicodeDecodeError, AddressValueError
                cause = ErrorCause.INVALID_REQUEST
            except (GatewayError, OSError):  # store or kernel; the server may ask again
                cause = ErrorCause.RESOURCES_UNAVAILABLE
            else:
                cause = None if ended else ErrorCause.SESSION_NOT_FOUND
        if cause is not None:
            event("radius.order_refused", cause=int(cause), request=packet.code)
            return refused, [integer(Type.ERROR_CAUSE, cause)]
        event("radius.order_done", sessions=len(ended))
        return done, []

    async def _do(self, packet: Packet) -> Sequence[int]:
        if packet.code == Code.DISCONNECT_REQUEST:
            return await self.disconnect(_order(packet))
        try:
            to = changes_of(packet)
        except ValueError as error:
            raise _BadLimitError from error
        return await self.change(_order(packet), to)

    def _cause_against(self, packet: Packet, own_address: str) -> ErrorCause | None:
        if not self._is_for_us(packet, own_address):
            return ErrorCause.NAS_IDENTIFICATION_MISMATCH
        given = {each.type for each in packet.attributes}
        is_change = packet.code == Code.COA_REQUEST
        if given - _TAKEN - (CHANGING if is_change else set()) or has_unknown(packet):
            return ErrorCause.UNSUPPORTED_ATTRIBUTE
        changes_nothing = is_change and not given & CHANGING
        can_be_played_back = not given & {Type.ACCT_SESSION_ID, Type.EVENT_TIMESTAMP}
        if changes_nothing or not given & _SESSION or can_be_played_back:
            return ErrorCause.MISSING_ATTRIBUTE
        return None

    def _is_for_us(self, packet: Packet, own_address: str) -> bool:
        name = packet.first(Type.NAS_IDENTIFIER)
        if name is not None and name != self.identifier.encode():
            return False
        told = [*packet.all_of(Type.NAS_IP_ADDRESS), *packet.all_of(Type.NAS_IPV6_ADDRESS)]
        return not own_address or all(each == ip_address(own_address).packed for each in told)


@dataclass(slots=True)
class OrderDoor:
    """UDP 3799, one socket a family that has servers."""

    orders: Orders
    _came: asyncio.Queue[tuple[bytes, Peer, asyncio.DatagramTransport]] = field(
        default_factory=lambda: asyncio.Queue(_MOST_WAITING)
    )

    async def serve(self) -> None:
        """Answer what comes while the door is open, one order after the other, until cancelled."""
        while True:
            data, peer, transport = await self._came.get()
            told = await self.orders.answer(data, peer, _own_address(peer))
            if told is not None:
                transport.sendto(told, peer)

    @contextlib.asynccontextmanager
    async def opened(self, port: int) -> AsyncIterator[None]:
        """The door is open; GatewayError when somebody else holds the port."""
        loop = asyncio.get_running_loop()
        versions = {ip_address(address).version for address in self.orders.secrets}
        with contextlib.ExitStack() as opened:
            for version in sorted(versions):
                any_address = "0.0.0.0" if version == 4 else "::"
                try:
                    transport, _ = await loop.create_datagram_endpoint(
                        lambda: _Ear(self._came), local_addr=(any_address, port)
                    )
                except OSError as error:
                    raise GatewayError(
                        f"port {port} can't be had: {error.strerror}",
                        where="login.radius.orders_port",
                        hint=f"see who holds it: ss -lunp 'sport = :{port}'",
                    ) from error
                opened.callback(transport.close)
            yield


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, came: asyncio.Queue[tuple[bytes, Peer, asyncio.DatagramTransport]]) -> None:
        self._came = came

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # no isinstance: Python 3.11's own datagram transport is none of this class
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        with contextlib.suppress(asyncio.QueueFull):  # a flood: the servers ask again
            self._came.put_nowait((data, (str(addr[0]), int(addr[1])), self._transport))


def _proved(data: bytes, secret: bytes | None) -> Packet | None:
    try:
        packet = decode(data)
    except RadiusError:
        return None
    return packet if secret is not None and packet.code in _ANSWERS and is_signed(packet, secret) else None


def _order(packet: Packet) -> Order:
    """Which sessions are meant; ValueError when that can't be read: what is passed over would mean more of them."""
    for kind in _SESSION:
        values = packet.all_of(kind)
        if len(values) > 1 or b"" in values:
            raise ValueError(f"attribute {kind} stands there twice, or says nothing")
    session_id, name, mac = (
        None if value is None else value.decode()
        for value in map(packet.first, (Type.ACCT_SESSION_ID, Type.USER_NAME, Type.CALLING_STATION_ID))
    )
    address = packet.first(Type.FRAMED_IP_ADDRESS)
    return Order(
        session_id,
        name,
        None if mac is None else parse_mac(mac),
        None if address is None else IpAddress(str(IPv4Address(address))),
    )


def _own_address(peer: Peer) -> str:
    """The address the box speaks to a server from: what it has named itself by."""
    family = socket.AF_INET6 if ":" in peer[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(peer)
        return str(probe.getsockname()[0])
    return ""
