"""The lab's desk for a browser of the host: a port of the host's loopback that leads into the gateway's namespace."""

import asyncio
import contextlib
import socket

from gateway.errors import GatewayError
from gateway.lab import netns
from gateway.lab.plan import GATEWAY

_PIECE_BYTES = 65536


async def relay(to_port: int, port: int = 0) -> asyncio.Server:
    """Listen on 127.0.0.1 (any free port with 0); the desk sees its own loopback. The caller closes it."""

    carrying: set[asyncio.Task[None] | None] = set()  # the loop itself holds its tasks weakly

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        carrying.add(asyncio.current_task())
        try:
            await carried(reader, writer)
        finally:
            carrying.discard(asyncio.current_task())

    async def carried(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, GatewayError):
            into = await asyncio.to_thread(netns.open_socket, GATEWAY, socket.AF_INET, socket.SOCK_STREAM)
            into.setblocking(False)
            with into:
                into.bind((writer.get_extra_info("peername")[0], 0))  # 127.0.0.7 here is 127.0.0.7 there
                await asyncio.get_running_loop().sock_connect(into, ("127.0.0.1", to_port))
                far_reader, far_writer = await asyncio.open_connection(sock=into)
                await asyncio.gather(_pour(reader, far_writer), _pour(far_reader, writer))
                await _closed(far_writer)
        await _closed(writer)

    try:
        return await asyncio.start_server(carry, "127.0.0.1", port)
    except OSError as error:
        hint = f"see who holds it: ss -ltnp 'sport = :{port}'"
        raise GatewayError(
            f"port {port} can't be had: {error.strerror}", where="the desk's relay", hint=hint
        ) from error


def is_free(port: int) -> bool:
    """Whether nobody on this machine listens there."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


async def _closed(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        writer.close()
        await writer.wait_closed()


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await reader.read(_PIECE_BYTES):
            writer.write(piece)
            await writer.drain()
    with contextlib.suppress(OSError, RuntimeError):
        writer.write_eof()
