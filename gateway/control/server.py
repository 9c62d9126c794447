"""The operator's door: a Unix socket only root and the gateway's own user can open, HTTP and JSON inside."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from aiohttp import web

from gateway.access.session import Cause, SessionId
from gateway.control.lines import session_line
from gateway.errors import GatewayError
from gateway.flows.close import end
from gateway.flows.gate import Gate
from gateway.flows.listing import live_sessions, open_session
from gateway.flows.meter import Watch, book_all
from gateway.ports_dns import FilterReports


class Control:
    """What the commands ask of the running gateway."""

    def __init__(
        self,
        gate: Gate,
        watch: Watch,
        filter_reports: FilterReports,
        more: Sequence[web.RouteDef] = (),
        desk: Callable[[], str] = lambda: "",
    ) -> None:
        """`more`: routes of other doors; `desk`: how it stands with the desk."""
        self._desk = desk
        self._more = more
        self._gate = gate
        self._watch = watch
        self._filter = filter_reports

    def application(self) -> web.Application:
        """The aiohttp application."""
        application = web.Application()
        application.add_routes(
            [
                web.get("/sessions", self.sessions),
                web.post("/sessions/{number:[0-9]+}/end", self.end),
                web.post("/book", self.book),
                web.get("/dns", self.dns),
                web.get("/", self.alive),
                *self._more,
            ]
        )
        return application

    async def alive(self, request: web.Request) -> web.Response:
        """Answers while the gateway serves."""
        return web.json_response({"pid": os.getpid(), "desk": self._desk()})

    async def sessions(self, request: web.Request) -> web.Response:
        """Live sessions with their bytes as of now."""
        return web.json_response([session_line(live) for live in await live_sessions(self._gate)])

    async def end(self, request: web.Request) -> web.Response:
        """End a session on an operator's word."""
        number = SessionId(int(request.match_info["number"]))
        found = await open_session(self._gate, number)
        ended = found is not None and await end(self._gate, found.session, Cause.ADMIN_RESET)
        return web.json_response({"ended": ended})

    async def dns(self, request: web.Request) -> web.Response:
        """What each worker of the filter said last; its counts are in the store when this is answered."""
        await self._filter.store()
        return web.json_response({"workers": self._filter.workers()})

    async def book(self, request: web.Request) -> web.Response:
        """Book all counters now, so that a report made next is up to the second."""
        await book_all(self._gate, self._watch)
        await self._filter.store()
        return web.json_response({"booked": True})


async def open_control(control: Control, path: Path) -> web.AppRunner:
    """Serve the socket; the caller cleans the runner up."""
    runner = web.AppRunner(control.application(), access_log=None)
    await runner.setup()
    path.unlink(missing_ok=True)
    before = os.umask(0o177)
    try:
        await web.UnixSite(runner, str(path)).start()
    except OSError as error:
        raise GatewayError(f"the control socket can't be opened: {error}", where=str(path)) from error
    finally:
        os.umask(before)
    return runner
