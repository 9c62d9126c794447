"""pysip2, a SIP2 server of others, as a library's system: here, or as a program at the ISP's end of the line."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import anyio
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

from gateway.lab.driver import Lab
from gateway.lab.plan import MODEM_IPV4
from tests.lab.judges.programs import running, said

ADDRESS, PORT = MODEM_IPV4, 6001
LOGIN_PASSWORD = "secret 1"
CARDS = {"21234567": "bí ẩn 73", "2-ab/c=d": "0000"}


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
            return LoginResponse(ok="1" if req.login_password == LOGIN_PASSWORD else "0")

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


@contextmanager
def serving(lab: Lab, place: Path) -> Iterator[None]:
    """The server, up when this begins."""
    log = place / "sip2.log"
    root = str(Path(__file__).parents[3])
    with running([*lab.inside("isp"), sys.executable, "-m", __name__], log, more={"PYTHONPATH": root}):
        listening = ["ss", "-Hltn", "src", f"{ADDRESS}:{PORT}"]
        try:
            lab.wait_until(lambda: lab.run("isp", listening).stdout, 15, "the library system")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{said(log)[-2000:]}") from None
        yield


if __name__ == "__main__":
    anyio.run(Judge(informed=True).server("auto").serve, ADDRESS, PORT)
