"""What the library tells on the pages and asks after the sign-in: notices, the way to the shelf, "what for?"."""

from collections.abc import Callable

from aiohttp import web

from gateway.access.client import Mac
from gateway.access.session import Session, State
from gateway.errors import GatewayError
from gateway.flows.board import Board
from gateway.flows.gate import Gate
from gateway.log import event
from gateway.notices_shown import notice_shown
from gateway.pages import Value
from gateway.portal.frame import Frame, device_of, see_other
from gateway.ports_board import Notice

_ON_SPLASH, _ON_STATUS = 3, 4
NOTHING: dict[str, Value] = {"notices": [], "more_notices": False, "has_shelf": False, "purposes": []}
"""What the pages show where there is no board."""


class BoardPages:
    """Parts of the splash and the status page, the page of all notices, and the answer to the question."""

    def __init__(self, gate: Gate, frame: Frame, board: Board, fallback: str, has_shelf: Callable[[], bool]) -> None:
        """`fallback`: the site's language, for notices that are not there in the patron's."""
        self._gate = gate
        self._frame = frame
        self._board = board
        self._fallback = fallback
        self._has_shelf = has_shelf
        self.asks_purpose = bool(board.choices)
        """The terms say so."""

    def routes(self) -> list[web.RouteDef]:
        """For the patrons' application."""
        return [web.get("/notices", self.notices), web.post("/purpose", self.answer)]

    def on_splash(self, language: str) -> dict[str, Value]:
        """Titles alone: the way in comes first."""
        shown = self._board.shown()
        return {
            **NOTHING,
            "notices": [self._told(each, language) for each in shown[:_ON_SPLASH]],
            "more_notices": bool(shown),
            "has_shelf": self._has_shelf(),
        }

    async def on_status(self, session: Session, mac: Mac, language: str) -> dict[str, Value]:
        """Notices in full, and the question while it has not been answered."""
        shown, asks = self._board.shown(), await self._board.asks(session)
        texts = self._board.choices.items() if asks else ()
        return {
            "notices": [self._told(each, language) for each in shown[:_ON_STATUS]],
            "more_notices": len(shown) > _ON_STATUS,
            "has_shelf": self._has_shelf(),
            "purposes": [{"key": key, "text": said.get(language) or said[self._fallback]} for key, said in texts],
            "purpose_token": self._frame.token(_act(session), mac) if asks else "",
        }

    async def notices(self, request: web.Request) -> web.Response:
        """All that are shown now, in full."""
        language = self._frame.language(request)
        shown = [self._told(each, language) for each in self._board.shown()]
        return self._frame.page(request, "notices.html", notices=shown)

    async def answer(self, request: web.Request) -> web.Response:
        """One tap -> counted once -> back to the status page. A form of another session counts nothing."""
        here = await device_of(self._gate, request)
        booked = await self._gate.sessions.live_session(here) if here else None
        if booked is None or booked.session.state is not State.OPEN:
            raise see_other("/", request)
        mac, form = await self._frame.posted(request, _act(booked.session))
        if mac == booked.session.mac and await self._board.asks(booked.session):
            await self._count(booked.session, form.get("purpose", ""))
        raise see_other("/status", request, to=form.get("to", ""))

    async def _count(self, session: Session, purpose: str) -> None:
        try:
            await self._board.answered(session, purpose)
        except GatewayError as error:  # a full disk: an answer that is lost must not cost the patron the page
            event("portal.request_failed", "error", path="/purpose", says=error.message)

    def _told(self, notice: Notice, language: str) -> dict[str, str]:
        return dict(notice_shown(notice, language, self._fallback, self._board.zone))


def _act(session: Session) -> str:
    return f"purpose {session.id}"
