"""The doors: the portal's listeners, the garden's, the control socket."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from aiohttp import web

from gateway.config.model import Config
from gateway.control.server import Control, open_control
from gateway.daemon.house import Built
from gateway.errors import ConfigError, GatewayError
from gateway.garden import serve_garden
from gateway.pages import Pages
from gateway.portal.api import CaptiveApi
from gateway.portal.frame import Frame, Welcome
from gateway.portal.patron import PatronPages
from gateway.portal.redirector import Redirector
from gateway.portal.why import WhyPages


@contextlib.asynccontextmanager
async def open_doors(house: Built) -> AsyncIterator[None]:
    """The portal's listeners, the garden's, and the control socket."""
    config, gate = house.config, house.gate
    portal = config.portal
    welcome = Welcome(
        config.site.name, config.site.phone, config.site.mail, config.site.language, _portal_hosts(config)
    )
    frame = Frame(gate, Pages(), welcome, await house.starts.secret("portal"))
    patron = PatronPages(house.reception, frame, house.unmasking.wanted)
    why = WhyPages(gate, frame, house.workers, house.requests, f"http://{portal.hostname}/")
    redirector = Redirector(f"http://{portal.hostname}/")
    async with contextlib.AsyncExitStack() as opened:
        await _serve_pages(opened, patron.application(why.routes()), portal.port, None)
        await _serve_pages(opened, why.application(), portal.page_port, None)
        if portal.certificate and portal.certificate_key:
            api = CaptiveApi(gate, portal.hostname)
            context = _tls(portal.certificate, portal.certificate_key)
            await _serve_pages(opened, patron.application([*why.routes(), *api.routes()]), portal.tls_port, context)
        with _port_errors(portal.redirect_port):
            listener = await asyncio.get_running_loop().create_server(redirector.protocol, None, portal.redirect_port)
        await opened.enter_async_context(listener)
        await opened.enter_async_context(serve_garden(house.garden, portal.garden_port))
        # the last: who can be asked over it has all doors open
        runner = await open_control(
            Control(gate, house.watch, house.counts, house.vouchers), config.state.control_socket
        )
        opened.push_async_callback(runner.cleanup)
        yield


async def _serve_pages(
    opened: contextlib.AsyncExitStack, application: web.Application, port: int, context: ssl.SSLContext | None
) -> None:
    runner = web.AppRunner(application, access_log=None, keepalive_timeout=15, shutdown_timeout=2)
    await runner.setup()
    opened.push_async_callback(runner.cleanup)
    with _port_errors(port):
        await web.TCPSite(runner, None, port, ssl_context=context, backlog=512).start()


@contextlib.contextmanager
def _port_errors(port: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise GatewayError(
            f"port {port} can't be had: {error.strerror}",
            where="portal",
            hint=f"see who holds it: ss -ltnp 'sport = :{port}'",
        ) from error


def _tls(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        problem = f"portal.certificate, portal.certificate_key: {error}"
        raise ConfigError((problem,), where=str(certificate)) from error
    return context


def _portal_hosts(config: Config) -> frozenset[str]:
    """As a URL has them: IPv6 literals in brackets (RFC 3986 section 3.2.2)."""
    literals = (f"[{address}]" if ":" in address else address for address in config.lan.addresses)
    return frozenset({config.portal.hostname, *literals})
