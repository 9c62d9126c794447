"""Tries, from inside a client's namespace, what a program there could try; one line of JSON says what came back.

    python -m tests.lab.reach tcp:198.51.100.10:443 udp:198.51.100.10:9999 ping:2001:db8:100::10@2001:db8:77::abcd ...

`@ADDRESS` binds the source. Outcomes: "open", "echo", "reply" when something came through; "refused", "unreachable",
"silent" when not.
"""

import asyncio
import json
import socket
import sys

_PATIENCE_S = 1.5


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


async def _tcp(address: str, port: int, source: str) -> str:
    link = socket.socket(_family(address), socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    with link:
        if source:
            link.bind((source, 0))
        async with asyncio.timeout(_PATIENCE_S):
            await asyncio.get_running_loop().sock_connect(link, (address, port))
    return "open"


async def _udp(address: str, port: int, source: str) -> str:
    link = socket.socket(_family(address), socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    with link:
        if source:
            link.bind((source, 0))
        link.connect((address, port))
        link.send(b"anybody there?")
        async with asyncio.timeout(_PATIENCE_S):
            await asyncio.get_running_loop().sock_recv(link, 2048)
    return "echo"


async def _ping(address: str, source: str) -> str:
    bound = ["-I", source] if source else []
    ping = await asyncio.create_subprocess_exec(
        "ping", "-c", "2", "-i", "0.2", "-W", "1", *bound, address, stdout=asyncio.subprocess.DEVNULL
    )
    return "reply" if await ping.wait() == 0 else "silent"


async def _try(attempt: str) -> str:
    kind, _, rest = attempt.partition(":")
    target, _, source = rest.partition("@")
    try:
        if kind == "ping":
            return await _ping(target, source)
        address, _, port = target.rpartition(":")
        return await (_tcp if kind == "tcp" else _udp)(address, int(port), source)
    except TimeoutError:
        return "silent"
    except ConnectionRefusedError:
        return "refused"
    except OSError:
        return "unreachable"


async def _main(attempts: list[str]) -> None:
    outcomes = await asyncio.gather(*(_try(attempt) for attempt in attempts))
    print(json.dumps(dict(zip(attempts, outcomes, strict=True))))


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1:]))
