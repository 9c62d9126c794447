"""One TCP connection to a library system: opened, logged in, asked one thing at a time.

An answer belongs to the question it follows, and with error detection it carries its sequence number. A connection on
which an answer is overdue, or more came than was asked for, is closed: no answer is ever taken for the next patron's.
"""

import asyncio
import os
import re
import ssl
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from gateway.sip2 import messages
from gateway.sip2.messages import MESSAGE_BYTES, RESEND_TO_ACS, RESEND_TO_SC, Message, MessageError, Status

_RESENDS = 3
_END = re.compile(rb"[\r\n]")


class Trouble(StrEnum):
    """Why a library system could not be asked."""

    UNREACHABLE = "unreachable"
    LOST = "lost"
    SILENT = "silent"
    LOGIN = "login"
    OFFLINE = "offline"
    GARBLED = "garbled"


class Sip2Error(Exception):
    """There is no answer; the text says why to an operator, and holds nothing of a message."""

    def __init__(self, trouble: Trouble, said: str) -> None:
        super().__init__(said)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Server:
    """A library system, and how it is spoken to."""

    host: str
    port: int
    login: str
    password: str = field(repr=False)
    location: str = ""
    encoding: str = "utf-8"
    end: bytes = b"\r"
    error_detection: bool = True
    tls: ssl.SSLContext | None = None
    timeout_s: float = 5.0
    """For opening, and for each answer."""


class Connection:
    """One that is open and logged in."""

    def __init__(self, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.status = Status(online=False, institution="", takes_information=False, takes_status=False)
        self._server = server
        self._reader, self._writer = reader, writer
        self._sequence = -1
        self._buffer = b""
        self._checked: bool | None = None if server.error_detection else False
        """Do answers carry checksums? None: the first one tells."""

    @classmethod
    async def open(cls, server: Server) -> Self:
        """Connect, log in, ask how the system stands; Sip2Error otherwise."""
        opened = cls(server, *await _connected(server))
        try:
            await opened._begin()
        except BaseException:
            opened.close()
            raise
        return opened

    def close(self) -> None:
        """Let it go; what is under way gets no answer."""
        self._writer.transport.abort()

    async def ask(self, body: str, expected: Collection[str]) -> Message:
        """The answer; after a Sip2Error the connection is of no use."""
        self._sequence = (self._sequence + 1) % 10
        number = self._sequence if self._server.error_detection else None
        try:
            async with asyncio.timeout(self._server.timeout_s):
                return await self._exchange(body, number, expected)
        except TimeoutError:
            wait = f"{self._server.timeout_s:g} s"
            raise Sip2Error(Trouble.SILENT, f"it took our question and did not answer within {wait}") from None
        except OSError as error:
            raise Sip2Error(Trouble.LOST, f"the connection broke: {error.strerror or error}") from error

    async def _begin(self) -> None:
        server = self._server
        if server.login:
            answer = await self.ask(messages.login(server.login, server.password, server.location), ("94",))
            if not messages.login_taken(answer):
                raise Sip2Error(Trouble.LOGIN, "it refuses our login: look at login.sip2.login and its password file")
        self.status = messages.status_of(await self.ask(messages.status(), ("98",)))
        if not self.status.online:
            raise Sip2Error(Trouble.OFFLINE, "it answers, and says that it is off line")
        if not self.status.takes_information and not self.status.takes_status:
            raise Sip2Error(Trouble.OFFLINE, "it answers no questions about patrons (BX)")

    async def _exchange(self, body: str, number: int | None, expected: Collection[str]) -> Message:
        encoding, end = self._server.encoding, self._server.end
        question = messages.seal(body, number, encoding=encoding, end=end)
        again = messages.seal(RESEND_TO_ACS, number, encoding=encoding, end=end)
        if not await self._is_quiet():
            raise Sip2Error(Trouble.LOST, "it closed the connection, or sent what nobody asked for")
        await self._send(question)
        spoiled = 0
        while spoiled <= _RESENDS:
            line = await self._line()
            try:
                message = messages.read(line, checked=bool(self._checked), encoding=encoding)
                if self._checked is None and message.code != RESEND_TO_SC:
                    self._checked = message.sequence is not None
            except MessageError:
                spoiled += 1
                await self._send(again)
                continue
            if message.code == RESEND_TO_SC:  # our question came damaged
                spoiled += 1
                await self._send(question)
            elif number is not None and self._is_anothers(message, number):
                spoiled += 1  # said again, or an answer to another question: ours is still to come
            elif message.code in expected:
                return message
            else:
                raise Sip2Error(Trouble.GARBLED, f"it answered with message {message.code}: is this its SIP2 port?")
        raise Sip2Error(Trouble.GARBLED, "its answers are damaged, or no SIP2")

    def _is_anothers(self, message: Message, number: int) -> bool:
        return message.sequence != number if self._checked else message.sequence not in (None, number)

    async def _is_quiet(self) -> bool:
        """Has nothing come unasked, not even the end?"""
        try:
            async with asyncio.timeout(0):
                self._buffer += await self._reader.read(4096) or b"end"
        except TimeoutError:
            pass
        return not self._buffer.strip(b"\r\n\0 ")

    async def _send(self, raw: bytes) -> None:
        self._writer.write(raw)
        await self._writer.drain()

    async def _line(self) -> bytes:
        """The next one that is not empty, without its end."""
        while True:
            while (found := _END.search(self._buffer)) is not None:
                line, self._buffer = self._buffer[: found.start()], self._buffer[found.end() :]
                if line.strip(b"\0 "):
                    return line
            if len(self._buffer) > MESSAGE_BYTES:
                raise Sip2Error(Trouble.GARBLED, "it sends without an end of line: is this its SIP2 port?")
            more = await self._reader.read(4096)
            if not more:
                raise Sip2Error(Trouble.LOST, "it closed the connection")
            self._buffer += more


async def _connected(server: Server) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        async with asyncio.timeout(server.timeout_s):
            name = server.host if server.tls else None
            return await asyncio.open_connection(server.host, server.port, ssl=server.tls, server_hostname=name)
    except TimeoutError:
        how = "speaks TLS" if server.tls else "answers"
        said = f"nobody {how} there within {server.timeout_s:g} s"
    except ssl.SSLError as error:
        said = f"TLS fails: {error.reason or error}"
        if isinstance(error, ssl.SSLCertVerificationError):
            said = f"its certificate is not believed: {error.verify_message}"
    except OSError as error:  # asyncio's own words name a system call; a look-up that fails has no errno of the system
        said = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
    raise Sip2Error(Trouble.UNREACHABLE, said)
