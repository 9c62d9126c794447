"""pysip2, a SIP2 server of others, judges our messages: it refuses what is not as the protocol has it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

import anyio
import pytest
from anyio.abc import SocketAttribute
from pysip2 import (
    LOGIN,
    PATRON_INFORMATION,
    PATRON_STATUS,
    LoginRequest,
    LoginResponse,
    PatronInformationRequest,
    PatronInformationResponse,
    PatronStatusRequest,
    PatronStatusResponse,
    RequestContext,
    SIP2Server,
)

from gateway.access.login import WRONG, Claim, Method, Refused, Verified
from gateway.sip2.cards import LibraryCards
from gateway.sip2.connection import Server
from gateway.sip2.library import Asking, Library
from gateway.sip2.messages import Asker
from tests.contracts import PHONE
from tests.fakes import FakeClock
from tests.reception import ZONE

CARDS = {"21234567": "mật khẩu", "2-ab/c=d": "0000"}


@dataclass(slots=True)
class Judge:
    """The server of others, and what it understood."""

    informed: bool
    """Does it take Patron Information, or Patron Status alone?"""
    logins: list[LoginRequest] = field(default_factory=list)
    asked: list[PatronInformationRequest | PatronStatusRequest] = field(default_factory=list)

    def server(self, detection: str) -> SIP2Server:
        app = SIP2Server(institution_id="SATHAY", encoding="utf-8", login_required=True, error_detection=detection)

        @app.route(LOGIN)
        async def login(req: LoginRequest, ctx: RequestContext[LoginRequest, LoginResponse]) -> LoginResponse:
            self.logins.append(req)
            return LoginResponse(ok="1" if req.login_password == "secret 1" else "0")

        if self.informed:

            @app.route(PATRON_INFORMATION)
            async def information(
                req: PatronInformationRequest,
                ctx: RequestContext[PatronInformationRequest, PatronInformationResponse],
            ) -> PatronInformationResponse:
                self.asked.append(req)
                known, right = self.said_of(req.patron_identifier, req.patron_password)
                none = "0000"
                return PatronInformationResponse(
                    patron_status=" " * 14,
                    language=req.language,
                    transaction_date=ctx.now_18(),
                    hold_items_count=none,
                    overdue_items_count=none,
                    charged_items_count=none,
                    fine_items_count=none,
                    recall_items_count=none,
                    unavailable_holds_count=none,
                    institution_id=req.institution_id,
                    patron_identifier=req.patron_identifier,
                    personal_name="Trần Lan",
                    valid_patron=known,
                    valid_patron_password=right,
                )

        else:

            @app.route(PATRON_STATUS)
            async def status(
                req: PatronStatusRequest, ctx: RequestContext[PatronStatusRequest, PatronStatusResponse]
            ) -> PatronStatusResponse:
                self.asked.append(req)
                known, right = self.said_of(req.patron_identifier, req.patron_password)
                return PatronStatusResponse(
                    patron_status=" " * 14,
                    language=req.language,
                    transaction_date=ctx.now_18(),
                    institution_id=req.institution_id,
                    patron_identifier=req.patron_identifier,
                    personal_name="Trần Lan",
                    valid_patron=known,
                    valid_patron_password=right,
                )

        return app

    def said_of(self, card: str, pin: str | None) -> tuple[Literal["Y", "N"], Literal["Y", "N"]]:
        return "Y" if card in CARDS else "N", "Y" if CARDS.get(card) == pin else "N"


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
            assert await verdict(verifier, "21234567", "mat khau") == Refused(WRONG)
            assert await verdict(verifier, "29999999", "0000") == Refused(WRONG)
    (login,) = judge.logins
    assert (login.login_user_id, login.location_code) == ("gateway", "portal")
    assert len(judge.asked) == 24
    first = judge.asked[0]
    assert (first.institution_id, first.patron_identifier, first.patron_password) == ("SATHAY", "21234567", "mật khẩu")
    assert first.transaction_date == "20270331    080000"
