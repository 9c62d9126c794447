"""A library system over one kept connection: patrons in turn, a new connection when the old one is gone.

A system that can't be asked rests for some seconds: patrons who come meanwhile are told at once, not one after another
after a wait each.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone

from gateway.clock import Clock
from gateway.log import event
from gateway.sip2 import messages
from gateway.sip2.connection import Connection, Server, Sip2Error, Trouble
from gateway.sip2.messages import Asker, MessageError, Patron

REST_S = 10.0
_IDLE_S = 45.0
"""A connection idle for longer is opened anew: routers and library systems forget it about then, often in silence."""
_TURNS = 3
"""A turn, and the wait for one, lasts at most so many time-outs: patrons look at a page that loads."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked of each patron."""

    asker: Asker
    """An empty institution: as the system names itself."""
    category: str
    """The field with the patron's category."""
    zone: timezone


class Library:
    """One library system."""

    def __init__(self, server: Server, asking: Asking, clock: Clock) -> None:
        self.server = server
        self._asking = asking
        self._clock = clock
        self._turn = asyncio.Lock()
        self._most_s = _TURNS * server.timeout_s
        self._connection: Connection | None = None
        self._used_boot_s = 0.0
        self._trouble: Sip2Error | None = None
        self._rests_until_s = 0.0

    def can_ask(self, card: str, pin: str) -> bool:
        """Can SIP2 carry these?"""
        try:
            body = self._asking.asker.patron_information(card, pin, self._now())
            messages.seal(body, None, encoding=self.server.encoding)
        except ValueError:  # a bar, a control character, a letter the encoding has not
            return False
        return True

    async def patron(self, card: str, pin: str) -> Patron:
        """What the system says of a card; Sip2Error when it can't be asked."""
        try:
            async with asyncio.timeout(self._most_s):
                await self._turn.acquire()
        except TimeoutError:  # slow is not down: whoever has the turn is answered
            raise Sip2Error(Trouble.SILENT, "it is too slow for those who wait") from None
        try:
            if self._trouble and self._clock.boot_s() < self._rests_until_s:
                raise self._trouble
            with self._noted():
                found = await self._in_time(card, pin)
            if self._trouble:
                self._trouble = None
                event("sip2.server_returned", server=self.server.host, port=self.server.port)
            return found
        finally:
            self._turn.release()

    def close(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            with contextlib.suppress(RuntimeError):  # the loop may be over
                self._connection.close()
            self._connection = None

    async def _in_time(self, card: str, pin: str) -> Patron:
        try:
            async with asyncio.timeout(self._most_s):
                return await self._ask(card, pin)
        except TimeoutError:
            raise Sip2Error(Trouble.SILENT, f"it takes more than {self._most_s:g} s for one card") from None

    async def _ask(self, card: str, pin: str) -> Patron:
        if self._connection and self._clock.boot_s() - self._used_boot_s < _IDLE_S:
            try:
                return await self._ask_on(self._connection, card, pin)
            except Sip2Error as error:  # the system was started anew, or a router forgot the connection
                if error.trouble not in (Trouble.LOST, Trouble.SILENT):
                    raise
        self.close()
        self._connection = await Connection.open(self.server)
        return await self._ask_on(self._connection, card, pin)

    async def _ask_on(self, connection: Connection, card: str, pin: str) -> Patron:
        asking, status = self._asking, connection.status
        asker = Asker(asking.asker.institution or status.institution, asking.asker.terminal_password)
        build: Callable[[str, str, datetime], str] = asker.patron_information
        if not status.takes_information:
            build = asker.patron_status
        try:
            body = build(card, pin, self._now())
            answer = await connection.ask(body, ("64",) if status.takes_information else ("24",))
            found = messages.patron_of(answer, card=card, category=asking.category)
        except MessageError as error:
            self.close()
            raise Sip2Error(Trouble.GARBLED, str(error)) from error
        except BaseException:  # also when nobody waits any more: the answer must not meet the next patron
            self.close()
            raise
        self._used_boot_s = self._clock.boot_s()
        return found

    @contextlib.contextmanager
    def _noted(self) -> Iterator[None]:
        """Say once when the system can't be asked, and once when it can again."""
        host, port = self.server.host, self.server.port
        try:
            yield
        except Sip2Error as error:
            if self._trouble is None:
                event("sip2.server_lost", "warning", server=host, port=port, trouble=error.trouble, why=str(error))
            self._trouble, self._rests_until_s = error, self._clock.boot_s() + REST_S
            raise

    def _now(self) -> datetime:
        return self._clock.now().astimezone(self._asking.zone)
