"""The doors: the portal's listeners, the garden's, the control socket."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Sequence

from aiohttp import web

from gateway.access.timeline import Step
from gateway.config.model import Config
from gateway.control.accounts import AccountDoor
from gateway.control.desk import DeskDoor
from gateway.control.garden import GardenDoor
from gateway.control.server import Control, open_control
from gateway.control.staff import StaffDoor
from gateway.control.timeline import TimelineDoor
from gateway.control.vouchers import VoucherDoor
from gateway.daemon.desk_doors import DeskDoors
from gateway.daemon.house import Built
from gateway.daemon.kept_sockets import KeptSockets
from gateway.flows.timeline import Timeline
from gateway.garden import serve_garden
from gateway.pages import Pages
from gateway.portal.api import CaptiveApi
from gateway.portal.asking import AskingPages
from gateway.portal.board import BoardPages
from gateway.portal.frame import Frame, Welcome
from gateway.portal.patience import Patience
from gateway.portal.patron import PatronPages
from gateway.portal.redirector import Redirector
from gateway.portal.returning import ReturnPages
from gateway.portal.sending import Downloads
from gateway.portal.shelf import ShelfPages
from gateway.portal.watching import Watching
from gateway.portal.why import WhyPages


@contextlib.asynccontextmanager
async def open_doors(house: Built, sockets: KeptSockets) -> AsyncIterator[DeskDoors]:
    """The portal's listeners, the garden's, the desk's sockets, the control socket; GatewayError for a taken port."""
    config, gate = house.config, house.gate
    portal = config.portal
    site = config.site
    welcome = Welcome(site.name, site.phone, site.mail, site.language, _portal_hosts(config), site.run_by)
    frame = Frame(gate, Pages(), welcome, await house.starts.secret("portal"), _outage(house))
    shelf = ShelfPages(gate, frame, house.shelf, Downloads(config.shelf.downloads_per_device))
    admitted = house.unmasking.wanted
    patron = PatronPages(
        house.reception,
        frame,
        admitted,
        welcome=house.known.welcome,
        returning=ReturnPages(house.returns, frame, house.codes, await house.starts.secret("resume"), admitted),
        asking=AskingPages(house.reception, frame, house.approvals, admitted),
        board=BoardPages(gate, frame, house.board, config.site.language, shelf.has_items),
    )
    desk = DeskDoor(house.known, house.approvals, house.returns, house.codes, house.vouchers, admitted)
    why = WhyPages(gate, frame, house.workers, house.requests, f"http://{portal.hostname}/")
    redirector = Redirector(f"http://{portal.hostname}/", house.knocks.heard, _led(house.timeline))
    more = [*why.routes(), *shelf.routes()]
    watching = Watching(gate, house.timeline)
    async with contextlib.AsyncExitStack() as opened:
        await _serve_pages(opened, watching.over(patron.application(more)), sockets.listening(portal.port), None)
        await _serve_pages(opened, why.application(), sockets.listening(portal.page_port), None)
        if house.certificate:
            api = CaptiveApi(house.reception, portal.hostname, portal.venue_info_url)
            pages = watching.over(patron.application([*more, *api.routes()]))
            await _serve_pages(opened, pages, sockets.listening(portal.tls_port), house.certificate.context)
        for held in sockets.listening(portal.redirect_port):
            await _listen(opened, redirector.protocol, held)
        await opened.enter_async_context(serve_garden(house.garden, portal.garden_port, sockets.bound))
        if house.radius and house.radius.door:
            await opened.enter_async_context(house.radius.door.opened(config.login.radius.orders_port))
        desk_doors = DeskDoors(house, sockets)
        await desk_doors.open(opened)
        # the last: who can be asked over it has all doors open
        told = TimelineDoor(house.timeline, gate.neighbours)
        vouchers, walls = VoucherDoor(gate, house.vouchers), GardenDoor(house.garden_bytes)
        accounts = AccountDoor(house.reception, house.accounts)
        staff = StaffDoor(house.staff, desk_doors.entries)
        routes = [
            *staff.routes(),
            *desk.routes(),
            *told.routes(),
            *vouchers.routes(),
            *accounts.routes(),
            *walls.routes(),
        ]
        control = Control(gate, house.watch, house.counts, routes, lambda: desk_doors.state)
        runner = await open_control(control, config.state.control_socket)
        opened.push_async_callback(runner.cleanup)
        yield desk_doors


async def _serve_pages(
    opened: contextlib.AsyncExitStack,
    application: web.Application,
    held: Sequence[socket.socket],
    context: ssl.SSLContext | None,
) -> None:
    patience = Patience()
    runner = await patience.runner(application)
    opened.push_async_callback(runner.cleanup)
    for each in held:
        await _listen(opened, patience.protocol(runner), each, context)


async def _listen(
    opened: contextlib.AsyncExitStack,
    protocol: Callable[[], asyncio.Protocol],
    held: socket.socket,
    context: ssl.SSLContext | None = None,
) -> None:
    listener = await asyncio.get_running_loop().create_server(protocol, sock=held, ssl=context, backlog=512)
    opened.callback(listener.close)  # its connections are the runner's to end


def _outage(house: Built) -> Callable[[], str | None]:
    address = f"http://{house.config.portal.hostname}/shelf/"

    def told() -> str | None:
        return (address if house.shelf.catalogue().items else "") if house.line.is_down else None

    return told


def _led(timeline: Timeline) -> Callable[[str, bool], None]:
    return lambda address, by_probe: timeline.heard(
        address.removeprefix("::ffff:"), Step.PROBE if by_probe else Step.WEB
    )


def _portal_hosts(config: Config) -> frozenset[str]:
    """As a URL has them: IPv6 literals in brackets (RFC 3986 section 3.2.2)."""
    literals = (f"[{address}]" if ":" in address else address for address in config.lan.addresses)
    return frozenset({config.portal.hostname, *literals})
