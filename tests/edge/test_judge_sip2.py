"""pysip2, a SIP2 server of others, judges our messages: it refuses what is not as the protocol has it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest
from anyio.abc import SocketAttribute

from gateway.access.login import WRONG, Claim, Method, Refused, Verified
from gateway.sip2.cards import LibraryCards
from gateway.sip2.connection import Server
from gateway.sip2.library import Asking, Library
from gateway.sip2.messages import Asker
from tests.contracts import PHONE
from tests.fakes import FakeClock
from tests.lab.judges.sip2 import CARDS, Judge
from tests.reception import ZONE


@asynccontextmanager
async def cards(judge: Judge, detection: str, *, detects: bool) -> AsyncIterator[LibraryCards]:
    # its own start() leaves the listening socket open
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, judge.server(detection)._handle_connection)
        port = listener.extra(SocketAttribute.local_port)
        server = Server("127.0.0.1", port, "gateway", "secret 1", "portal", error_detection=detects, timeout_s=2)
        library = Library(server, Asking(Asker(""), "PC", ZONE), FakeClock())
        yield LibraryCards(library, {}, frozenset({"blocked"}))
        library.close()
        tasks.cancel_scope.cancel()


async def verdict(cards: LibraryCards, card: str, pin: str) -> Verified | Refused:
    return await cards.verify(Claim(PHONE, Method.CARD, {"card": card, "pin": pin}))


@pytest.mark.parametrize("informed", [True, False])
@pytest.mark.parametrize(("detection", "detects"), [("required", True), ("auto", True), ("auto", False)])
async def test_a_server_of_others_understands_each_question(informed: bool, detection: str, detects: bool) -> None:
    judge = Judge(informed)
    async with cards(judge, detection, detects=detects) as verifier:
        for _ in range(6):  # past ten messages: the sequence number begins anew
            for card, pin in CARDS.items():
                assert await verdict(verifier, card, pin) == Verified(f"card {card}")
            assert await verdict(verifier, "21234567", "bi an 73") == Refused(WRONG)
            assert await verdict(verifier, "29999999", "0000") == Refused(WRONG)
    (login,) = judge.logins
    assert (login.login_user_id, login.location_code) == ("gateway", "portal")
    assert len(judge.asked) == 24
    first = judge.asked[0]
    assert (first.institution_id, first.patron_identifier, first.patron_password) == ("SATHAY", "21234567", "bí ẩn 73")
    assert first.transaction_date == "20270331    080000"
