"""A small library system on the loopback, written from the specification (3M SIP 2.00): bytes in, bytes out.

It shares no line with gateway/sip2. What it does wrong on purpose is told by `spoil`, answer by answer.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from ssl import SSLContext

BLANKS = b" " * 14
STAMP = b"20270331    080000"
TAKES_ALL = b"YYYYYYYYYYYYYYYY"


def sealed(body: bytes, asked: bytes) -> bytes:
    """Error detection as the question has it: its sequence number, and what makes the sum of all bytes nothing."""
    at = asked.rfind(b"AY")
    if at < 0 or asked[at + 3 : at + 5] != b"AZ":
        return body + b"\r"
    whole = body + asked[at : at + 3] + b"AZ"
    return whole + f"{(-sum(whole)) & 0xFFFF:04X}".encode() + b"\r"


def value_of(line: bytes, name: bytes, fixed: int) -> bytes:
    """A field of a message whose fixed part, with the code, has so many bytes."""
    parts = line[fixed:].split(b"|")
    return next((part[2:] for part in parts if part[:2] == name), b"")


@dataclass(frozen=True, slots=True)
class Card:
    """What is said of one."""

    pin: bytes
    flags: bytes = BLANKS
    category: bytes = b"A"
    number: bytes = b""
    """Its number, where it was asked for by another name."""
    says_pin: bool = True
    valid: bytes = b"Y"


Spoil = Callable[[bytes, asyncio.StreamWriter, int], Awaitable[None]]


async def as_it_is(answer: bytes, writer: asyncio.StreamWriter, count: int) -> None:
    """Send it whole."""
    writer.write(answer)


@dataclass(slots=True)
class LibrarySystem:
    cards: dict[bytes, Card]
    login: tuple[bytes, bytes] = (b"gateway", b"secret 1")
    takes: bytes = TAKES_ALL
    online: bytes = b"Y"
    institution: bytes = b"SATHAY"
    spoil: Spoil = as_it_is
    """Given each answer about a patron; called with how many there were before."""
    resends: bool = True
    came: list[bytes] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    _last: bytes = b""
    _patrons: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        try:
            while True:
                line = (await reader.readuntil(b"\r")).strip(b"\r\n")
                self.came.append(line)
                self._assert_checked(line)
                await self._answer(line, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _assert_checked(self, line: bytes) -> None:
        if line[-6:-4] == b"AZ":
            assert (sum(line[:-4]) + int(line[-4:], 16)) & 0xFFFF == 0, "a question with a wrong checksum"

    async def _answer(self, line: bytes, writer: asyncio.StreamWriter) -> None:
        code = line[:2]
        if code == b"97":
            writer.write(self._last if self.resends else b"")
            return
        if code == b"93":
            right = (value_of(line, b"CN", 4), value_of(line, b"CO", 4)) == self.login
            answer = sealed(b"941" if right else b"940", line)
        elif code == b"99":
            body = b"98" + self.online + b"YYYYN" + b"030003" + STAMP + b"2.00"
            answer = sealed(body + b"AO" + self.institution + b"|BX" + self.takes + b"|", line)
        else:
            answer = sealed(self._patron(line), line)
        self._last = answer
        if code in (b"63", b"23"):
            self._patrons += 1
            await self.spoil(answer, writer, self._patrons - 1)
        else:
            writer.write(answer)

    def _patron(self, line: bytes) -> bytes:
        fixed = 33 if line[:2] == b"63" else 23
        asked, pin = value_of(line, b"AA", fixed), value_of(line, b"AD", fixed)
        card = self.cards.get(asked)
        head = (b"64", b"0000" * 6) if line[:2] == b"63" else (b"24", b"")
        if card is None:
            flags, told = b"YYYY" + b" " * 10, b"AA" + asked + b"|AE|BLN|CQN|"
        else:
            flags = card.flags
            checked = b"CQ" + (b"Y" if pin == card.pin else b"N") + b"|" if card.says_pin else b""
            number = card.number or asked
            told = b"AA" + number + b"|AETr\xe1\xba\xa7n Lan|BL" + card.valid + b"|" + checked + b"PC" + card.category
            told += b"|AFXin ch\xc3\xa0o|"
        return head[0] + flags + b"001" + STAMP + head[1] + b"AO" + self.institution + b"|" + told


@asynccontextmanager
async def serving(system: LibrarySystem, tls: SSLContext | None = None) -> AsyncIterator[LibrarySystem]:
    """The system, until this is left."""
    server = await asyncio.start_server(system.serve, "127.0.0.1", system.port, ssl=tls)
    system.port = server.sockets[0].getsockname()[1]
    try:
        yield system
    finally:
        server.close()
        for writer in system.writers:
            writer.close()


@contextmanager
def running(system: LibrarySystem) -> Iterator[LibrarySystem]:
    """The same on a thread and loop of its own, for commands that have their own loop."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    stop = asyncio.Event()

    async def run() -> None:
        async with serving(system):
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    try:
        assert ready.wait(10)
        yield system
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()
