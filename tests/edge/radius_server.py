"""A small scripted RADIUS server on the loopback: it checks what comes by the secret and answers as it is told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

from gateway.radius.wire import Attribute, Code, Packet, Type, decode, is_signed, response

SECRET = b"a shared secret of some length"
Script = Callable[[Packet], tuple[int, Sequence[Attribute]] | None]
"""What is answered; None: nothing."""


def accepts(*attributes: Attribute) -> Script:
    """Yes to every login; records are acknowledged."""
    return lambda packet: (
        (Code.ACCESS_ACCEPT, attributes) if packet.code == Code.ACCESS_REQUEST else (Code.ACCOUNTING_RESPONSE, ())
    )


def silent(_packet: Packet) -> None:
    """No answer at all."""


@dataclass(slots=True)
class ScriptedServer(asyncio.DatagramProtocol):
    script: Script
    secret: bytes = SECRET
    came: list[Packet] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    forge: Callable[[Packet], Sequence[bytes]] = lambda _packet: ()
    """Datagrams sent before the true answer, by somebody without the secret."""
    heard_from: Callable[[object], None] = lambda _address: None
    port: int = 0
    transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        packet = decode(data)
        self.raw.append(data)
        self.heard_from(addr)
        if packet.code == Code.ACCOUNTING_REQUEST:
            assert is_signed(packet, self.secret), "an accounting request that is not signed"
        self.came.append(packet)
        assert self.transport is not None
        for forged in self.forge(packet):
            self.transport.sendto(forged, addr)
        if (told := self.script(packet)) is not None:
            self.transport.sendto(response(told[0], packet, told[1], self.secret), addr)

    def numbers(self, kind: Type) -> list[int]:
        """An integer attribute of all that came and has it."""
        return [int.from_bytes(value, "big") for packet in self.came for value in packet.all_of(kind)]


@asynccontextmanager
async def scripted(script: Script, host: str = "127.0.0.1") -> AsyncIterator[ScriptedServer]:
    """The server, until this is left."""
    transport, server = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: ScriptedServer(script), local_addr=(host, 0)
    )
    try:
        yield server
    finally:
        transport.close()
