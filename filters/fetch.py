"""Fetches lists by HTTP: one after another, each within its own bounds; whatever fails, its last good copy stays.

In: sources whose location is a web address. Out: their copies (filters.sources.fetched_copy), and a Fetched for each.
For the list commands alone: needs aiohttp.
"""

import asyncio
import contextlib
import socket
from asyncio import TaskGroup
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorError,
    ClientError,
    ClientPayloadError,
    ClientResponseError,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    ServerTimeoutError,
    TCPConnector,
    TooManyRedirects,
)
from aiohttp.abc import AbstractResolver, ResolveResult

from filters import clock
from filters.aside import one_writer
from filters.download import MOST_REDIRECTS, Download, Progress
from filters.errors import FilterError
from filters.fetched import is_due
from filters.lookup import Lookup
from filters.public import NOT_PUBLIC, NotPublicError, Places, places
from filters.settings import FilterSettings, Source
from filters.sources import fetched_copy, fetched_directory, is_fetched

CONNECT_S = 15
SILENCE_S = 60
"""A server that sends nothing for so long is given up before the list's own deadline."""

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""Addresses of a name, of one family (socket.AF_INET or AF_INET6)."""


class Outcome(StrEnum):
    """What came of one list."""

    NEW = "new"
    SAME = "unchanged"
    EARLY = "not due"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Fetched:
    """One list's turn."""

    name: str
    outcome: Outcome
    error: str = ""
    bytes: int = 0
    """Of the copy there is now."""


def fetch_lists(
    settings: FilterSettings,
    names: Collection[str] = (),
    *,
    force: bool = False,
    accept: Collection[str] = (),
    progress: Progress | None = None,
) -> list[Fetched]:
    """Fetch the lists that are due (of these names; none: of all), asking the filter's upstreams for their servers.

    `force`: due or not, and whole. `accept`: lists of addresses that may shrink this once; names are weighed when they
    are compiled. FilterError when another process fetches, or the copies have no place.
    """
    directory = fetched_directory(settings)
    wanted = [each for each in settings.sources if not names or each.name in names]
    with _lock(directory):
        _clear(settings.sources, directory)

        async def work() -> list[Fetched]:
            async with TaskGroup() as group:
                lookup = Lookup(settings, group)
                try:
                    return await fetch(
                        wanted,
                        directory,
                        lookup.resolve,
                        places(settings),
                        force=force,
                        accept=accept,
                        progress=progress,
                    )
                finally:
                    lookup.close()

        return asyncio.run(work()) if any(map(is_fetched, wanted)) else []


async def fetch(
    sources: Sequence[Source],
    directory: Path,
    resolve: Resolve,
    permitted: Places,
    *,
    force: bool = False,
    accept: Collection[str] = (),
    progress: Progress | None = None,
) -> list[Fetched]:
    """See fetch_lists; `directory` is there, and no other fetches into it. `permitted`: where a connection may lead."""
    # each connection asks, those of redirects too: what a name led to when it was taken in says nothing of tonight
    connector = TCPConnector(
        resolver=_Resolver(resolve), use_dns_cache=False, force_close=True, socket_factory=permitted.connection
    )
    async with ClientSession(
        connector=connector,
        timeout=ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=SILENCE_S),
        auto_decompress=False,  # a part that is gone on with is packed; filters.sources unpacks the whole
        cookie_jar=DummyCookieJar(),
        headers={"User-Agent": "cong-lists", "Accept-Encoding": "gzip"},
    ) as session:
        turns: list[Fetched] = []
        for source in filter(is_fetched, sources):
            copy = fetched_copy(source, directory)
            download = Download(source, copy, may_shrink=source.name in accept, progress=progress)
            if force or is_due(source, copy, download.state, clock.utc_s()):
                turns.append(await _turn(download, session, force=force))
            else:
                turns.append(Fetched(source.name, Outcome.EARLY, "", copy.stat().st_size))
        return turns


async def _turn(download: Download, session: ClientSession, *, force: bool) -> Fetched:
    source, why, is_new, drop = download.source, "", False, False
    try:
        async with asyncio.timeout(source.deadline_s):
            is_new = await download.run(session, force=force)
    except ClientError as error:
        why = _told(error)
    except TimeoutError:
        why = f"took longer than {source.deadline_s} s"
    except FilterError as error:
        why = error.message
    except OSError as error:
        why, drop = f"can't be kept: {error.strerror}", True  # a full disk must not stay full of it
    if why:
        why = download.failed(why, drop=drop)
    size = download.copy.stat().st_size if download.copy.exists() else 0
    outcome = Outcome.FAILED if why else Outcome.NEW if is_new else Outcome.SAME
    return Fetched(source.name, outcome, why, size)


def _told(error: ClientError) -> str:
    """What happened, in an operator's words."""
    match error:
        case ServerTimeoutError():
            return "its server is silent"
        case ClientConnectorCertificateError():
            why = getattr(error.certificate_error, "verify_message", "") or error.certificate_error
            return f"the certificate of {error.host} can't be trusted: {why}"
        case ClientConnectorError(os_error=NotPublicError(address=address)):
            return f"{NOT_PUBLIC}{error.host} leads to {address}; only dns.list_networks can permit that"
        case ClientConnectorError():
            return f"{error.host} can't be reached: {error.strerror or error.os_error}"
        case ClientPayloadError():
            return "was cut off"
        case TooManyRedirects():
            return f"its server leads in circles (more than {MOST_REDIRECTS} redirects)"
        case ClientResponseError():
            return f"its server's answer can't be read: {error.message}"[:200]
        case _:
            return f"can't be fetched: {type(error).__name__} {error}".rstrip()[:200]


class _Resolver(AbstractResolver):
    """What aiohttp asks for addresses."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Both families, or the one asked for."""
        families = [family] if family else [socket.AF_INET, socket.AF_INET6]
        found = await asyncio.gather(*(self._resolve(host, each) for each in families))
        results = [
            ResolveResult(hostname=host, host=address, port=port, family=each, proto=0, flags=socket.AI_NUMERICHOST)
            for each, addresses in zip(families, found, strict=True)
            for address in addresses
        ]
        if not results:
            raise OSError(None, "the upstreams know no address of it")
        return results

    async def close(self) -> None:
        """Nothing is open."""


def _clear(sources: Collection[Source], directory: Path) -> None:
    """Copies of lists that are no longer wanted go."""
    wanted = {fetched_copy(source, directory).stem for source in sources if is_fetched(source)}
    for path in directory.iterdir():
        if path.suffix in (".list", ".json", ".part", ".new") and path.stem not in wanted:
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def _lock(directory: Path) -> Iterator[None]:
    """One that fetches at a time."""
    try:
        with one_writer(directory, waits=False):
            yield
    except BlockingIOError as error:
        hint = "wait until it has ended; cong lists status tells how lists stand"
        raise FilterError("lists are being fetched by another command just now", hint=hint) from error
