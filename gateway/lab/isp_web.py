"""The fake Internet's web server: sites by Host, captivity-check hosts, downloads, uploads; and the modem's own page.

One line of the log a request: host, path, asker.
"""

import asyncio
import html
import ssl
from pathlib import Path

from aiohttp import web

from gateway.lab.plan import (
    MODEM_IPV4,
    MODEM_IPV6,
    SECOND_WEB_IPV4,
    SECOND_WEB_IPV6,
    WEB_IPV4,
    WEB_IPV6,
)
from gateway.probe_table import PROBES

_ADDRESSES = (WEB_IPV4, SECOND_WEB_IPV4, WEB_IPV6, SECOND_WEB_IPV6)
_ONLINE = {(probe.host, probe.path): probe for probe in PROBES if probe.status}
_CHUNK = bytes(256 * 1024)
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{name}</title></head>
<body><h1>{name}</h1><p>This is {path} of {name} on the lab's Internet, asked for by {asker}.</p></body></html>
"""


async def _page(request: web.Request) -> web.StreamResponse:
    host = request.host.rsplit(":", 1)[0].lower() if not request.host.startswith("[") else request.host
    print(host, request.path, request.remote, flush=True)
    if probe := _ONLINE.get((host, request.path)):
        headers = dict([probe.header]) if probe.header else {}
        body = probe.body or b""
        kind = "text/html" if body.startswith(b"<") else "text/plain"
        return web.Response(status=probe.status or 200, body=body or None, headers=headers, content_type=kind)
    text = _PAGE.format(name=html.escape(host), path=html.escape(request.path), asker=request.remote)
    return web.Response(text=text, content_type="text/html")


async def _bytes(request: web.Request) -> web.StreamResponse:
    """`/bytes/N`: a body of N zero bytes."""
    left = int(request.match_info["count"])
    response = web.StreamResponse(headers={"Content-Type": "application/octet-stream"})
    response.content_length = left
    await response.prepare(request)
    while left > 0:
        await response.write(_CHUNK[:left])
        left -= len(_CHUNK)
    await response.write_eof()
    return response


async def _upload(request: web.Request) -> web.StreamResponse:
    """`/upload`: takes any body and says how long it was."""
    count = 0
    async for part in request.content.iter_chunked(256 * 1024):
        count += len(part)
    return web.Response(text=f"{count}\n")


async def _modem(request: web.Request) -> web.StreamResponse:
    print("modem", request.path, request.remote, flush=True)
    return web.Response(text=_PAGE.format(name="ISP modem", path="/", asker=request.remote), content_type="text/html")


async def _start(app: web.Application, addresses: tuple[str, ...], port: int, tls: ssl.SSLContext | None) -> None:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    for address in addresses:
        await web.TCPSite(runner, address, port, ssl_context=tls).start()


async def _serve(certificate: Path, key: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    modem = web.Application()
    modem.router.add_route("*", "/{path:.*}", _modem)
    await _start(modem, (MODEM_IPV4, MODEM_IPV6), 80, None)
    for port, context in ((80, None), (443, tls)):
        app = web.Application()
        app.router.add_get(r"/bytes/{count:\d{1,12}}", _bytes)
        app.router.add_route("*", "/upload", _upload)
        app.router.add_route("*", "/{path:.*}", _page)
        await _start(app, _ADDRESSES, port, context)
    await asyncio.Event().wait()


def main(arguments: list[str]) -> None:
    """Serve until ended; arguments: certificate, key."""
    asyncio.run(_serve(Path(arguments[0]), Path(arguments[1])))
