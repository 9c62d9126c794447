"""How fast the line is: a file fetched over several connections for a while, beside what patrons move meanwhile.

What is fetched counts as it arrives, without headers: a few percent less than the line carries, never more.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from gateway.errors import GatewayError

_CONNECTIONS = 4
_CHUNK = 1 << 16
WARM_UP_S = 2.0
"""TCP's slow start is not counted."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurement."""

    kbit_s: int
    client_kbit_s: int
    """What left towards the library network meanwhile, the gateway's own pages included: rather too much than too
    little, for a test is valid only while there is next to none."""
    lasted_s: int


async def measure(
    url: str, lasts_s: float, boot_s: Callable[[], float], client_bytes: Callable[[], int], warm_up_s: float = WARM_UP_S
) -> Measured:
    """Fetch for so long, again and again if the file is short. GatewayError when it can't be fetched."""
    got = [0]
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=10)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, auto_decompress=False) as session,
            asyncio.TaskGroup() as tasks,
        ):
            fetching = [tasks.create_task(_fetch(session, url, got)) for _ in range(_CONNECTIONS)]
            await asyncio.sleep(warm_up_s)
            bytes_before, client_before, began = got[0], client_bytes(), boot_s()
            await asyncio.sleep(lasts_s)
            lasted_s = boot_s() - began
            fetched, moved = got[0] - bytes_before, max(0, client_bytes() - client_before)
            for task in fetching:
                task.cancel()
    except* (aiohttp.ClientError, GatewayError, OSError, ValueError) as errors:
        error = errors.exceptions[0]
        says = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise GatewayError(
            f"{urlsplit(url).netloc} can't be measured against: {says}",
            where="wan.speed_url",
            hint="the file must be plain, large and near; nothing was noted",
        ) from error
    return Measured(_kbit_s(fetched, lasted_s), _kbit_s(moved, lasted_s), int(lasted_s))


async def _fetch(session: aiohttp.ClientSession, url: str, got: list[int]) -> None:
    while True:
        async with session.get(url) as answer:
            answer.raise_for_status()
            empty = True
            async for chunk in answer.content.iter_chunked(_CHUNK):
                got[0] += len(chunk)
                empty = False
            if empty:
                raise GatewayError("the file is empty", where=url)


def _kbit_s(count: int, lasted_s: float) -> int:
    return int(count * 8 / 1000 / lasted_s) if lasted_s > 0 else 0
