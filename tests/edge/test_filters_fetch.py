"""Fetching lists from a true server over loopback: conditions, bounds, going on, and everything that goes wrong."""

import asyncio
import gzip
import json
import os
import pickle
import resource
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from filters.errors import FilterError
from filters.fetch import Fetched, Outcome, fetch, fetch_lists
from filters.fetched import State, is_due, part_path, read_state, state_path
from filters.public import NOT_PUBLIC, Places
from filters.settings import Kind, Source
from filters.sources import fetched_copy, read_addresses, read_source
from tests.edge.filters_upstream import ScriptedUpstream, free_port, settings_for
from tests.edge.unbound import make_certificate

NAMES = b"".join(b"n%05d.example\n" % n for n in range(20_000))
ANY_CHANGES = "its server leads from https to http, where anybody can change it"
DATE = {"Last-Modified": "Mon, 02 Nov 2026 10:00:00 GMT"}
HERE = Places(("127.0.0.1/32",))
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Site:
    """A server whose answers are given to it, one a path; it remembers what it was asked with."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.asked: list[Mapping[str, str]] = []
        self.pages: dict[str, Handler] = {}
        self.port = 0

    def source(self, path: str = "list.txt", **more: Any) -> Source:
        return Source("own", "games", f"http://lists.example:{self.port}/{path}", **more)

    def says(self, path: str, body: bytes = b"", *, status: int = 200, **headers: str) -> None:
        async def page(request: web.Request) -> web.StreamResponse:
            return web.Response(body=body, status=status, headers={k.replace("_", "-"): v for k, v in headers.items()})

        self.pages[path] = page

    async def fetch(self, *sources: Source, **more: Any) -> list[Fetched]:
        return await fetch(sources, self.directory, _here, HERE, **more)

    async def fetch_one(self, source: Source, **more: Any) -> Fetched:
        (turn,) = await self.fetch(source, **more)
        return turn

    def text(self, source: Source) -> bytes:
        return read_source(source, self.directory)

    async def page(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.headers)
        return await self.pages[request.path.strip("/")](request)


async def _here(name: str, family: int) -> list[str]:
    known = {"lists.example": ["127.0.0.1"], "lists.house": ["127.0.0.3", "192.168.1.1"]}
    return known.get(name, []) if family == socket.AF_INET else []


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    served = Site(tmp_path / "fetched")
    served.directory.mkdir()
    async with _serving(served):
        yield served


@asynccontextmanager
async def _serving(site: Site, tls: ssl.SSLContext | None = None) -> AsyncIterator[None]:
    app = web.Application()
    app.router.add_get("/{path:.*}", site.page)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site.port = free_port()
    await web.TCPSite(runner, "127.0.0.1", site.port, ssl_context=tls).start()
    try:
        yield
    finally:
        await runner.cleanup()


def _cut_after(body: bytes, sent: int, **headers: str) -> Handler:
    """Ranges as RFC 9110 has them, but the first answer breaks off."""
    first = True

    async def page(request: web.Request) -> web.StreamResponse:
        nonlocal first
        begin = 0
        if "Range" in request.headers and request.headers.get("If-Range") in headers.values():
            begin = int(request.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        response = web.StreamResponse(status=206 if begin else 200, headers=headers)
        if begin:
            response.headers["Content-Range"] = f"bytes {begin}-{len(body) - 1}/{len(body)}"
        response.content_length = len(body) - begin
        await response.prepare(request)
        await response.write(body[begin : sent if first else len(body)])
        if first:
            first = False
            assert request.transport
            request.transport.close()
        return response

    return page


async def test_a_list_is_fetched_once_and_then_asked_for_by_its_tag(site: Site, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_bytes(NAMES)

    async def page(request: web.Request) -> web.StreamResponse:
        return web.FileResponse(tmp_path / "list.txt")

    site.pages["list.txt"] = page
    source = site.source()
    heard: list[tuple[str, int, int]] = []
    assert await site.fetch_one(source, progress=lambda *told: heard.append(told)) == Fetched(
        "own", Outcome.NEW, "", len(NAMES)
    )
    assert heard[-1] == ("own", len(NAMES), len(NAMES))
    assert site.text(source) == NAMES
    assert (await site.fetch_one(source)).outcome is Outcome.EARLY
    assert len(site.asked) == 1
    due = site.source(refresh_s=0)
    before = fetched_copy(source, site.directory).stat().st_mtime_ns
    assert (await site.fetch_one(due)).outcome is Outcome.SAME
    assert "If-None-Match" in site.asked[1] and "If-Modified-Since" in site.asked[1]
    assert (await site.fetch_one(source, force=True)).outcome is Outcome.SAME  # sent whole, and the same
    assert "If-None-Match" not in site.asked[2]
    assert fetched_copy(source, site.directory).stat().st_mtime_ns == before  # nothing is compiled anew
    (tmp_path / "list.txt").write_bytes(b"new.example\n" + NAMES)
    assert (await site.fetch_one(due)).outcome is Outcome.NEW
    assert site.text(source).startswith(b"new.example\n")
    state = read_state(fetched_copy(source, site.directory))
    assert state.etag and state.fetched_at and state.checked_at and not state.error
    assert sorted(path.suffix for path in site.directory.iterdir()) == [".json", ".list"]


@pytest.mark.parametrize("headers", [{"ETag": '"v1"'}, DATE])
@pytest.mark.parametrize("packed", [False, True])
async def test_a_cut_connection_is_gone_on_with(site: Site, headers: dict[str, str], packed: bool) -> None:
    body = gzip.compress(os.urandom(150_000).hex().encode() + b"\n" + NAMES) if packed else NAMES
    more = {"Content-Encoding": "gzip"} if packed else {}
    site.pages["list.txt"] = _cut_after(body, 130_000, **headers, **more)
    cut = await site.fetch_one(site.source())
    assert cut.outcome is Outcome.FAILED and "was cut off" in cut.error and "the next try goes on" in cut.error
    state = read_state(fetched_copy(site.source(), site.directory))
    assert 0 < state.part_bytes <= 130_000
    assert part_path(fetched_copy(site.source(), site.directory)).stat().st_size == state.part_bytes
    with pytest.raises(FilterError, match="not fetched yet"):
        site.text(site.source())
    assert (await site.fetch_one(site.source())).outcome is Outcome.NEW
    assert site.asked[1]["Range"] == f"bytes={state.part_bytes}-"
    assert site.asked[1]["If-Range"] in headers.values()
    assert site.text(site.source()).endswith(NAMES)


async def test_another_version_meanwhile_is_fetched_whole(site: Site) -> None:
    site.pages["list.txt"] = _cut_after(NAMES, 100_000, ETag='"v1"')
    await site.fetch_one(site.source())
    site.says("list.txt", b"new.example\n", ETag='"v2"')
    assert (await site.fetch_one(site.source())).outcome is Outcome.NEW
    assert site.text(site.source()) == b"new.example\n"


@pytest.mark.parametrize("status", [416, 412, 206])
async def test_a_part_the_server_does_not_go_on_with_is_dropped(site: Site, status: int) -> None:
    site.pages["list.txt"] = _cut_after(NAMES, 100_000, ETag='"v1"')
    await site.fetch_one(site.source())

    async def page(request: web.Request) -> web.StreamResponse:
        if "Range" in request.headers:
            return web.Response(status=status, body=b"zzz", headers={"Content-Range": "bytes 5-7/8"})
        return web.Response(body=NAMES)

    site.pages["list.txt"] = page
    assert (await site.fetch_one(site.source())).outcome is Outcome.NEW
    assert site.text(site.source()) == NAMES


async def test_without_a_version_to_go_by_nothing_is_gone_on_with(site: Site) -> None:
    for headers in ({}, {"ETag": 'W/"v1"'}):
        site.pages["list.txt"] = _cut_after(NAMES, 100_000, **headers)
        cut = await site.fetch_one(site.source(), force=True)
        assert cut.error == "was cut off"
        assert not part_path(fetched_copy(site.source(), site.directory)).exists()


async def test_after_a_power_cut_only_what_was_flushed_counts(site: Site) -> None:
    site.pages["list.txt"] = _cut_after(NAMES, 100_000, ETag='"v1"')
    await site.fetch_one(site.source())
    copy = fetched_copy(site.source(), site.directory)
    with part_path(copy).open("ab") as file:
        file.write(bytes(50_000))  # what a crash may leave behind the flushed bytes
    assert (await site.fetch_one(site.source())).outcome is Outcome.NEW
    assert site.text(site.source()) == NAMES
    state_path(copy).write_bytes(b'{"etag": 7')
    assert (await site.fetch_one(site.source())).outcome is Outcome.SAME


WRONG: list[tuple[bytes, int, dict[str, str], str]] = [
    (b"<!DOCTYPE html><html><body>Log in</body></html>", 200, {}, "web page"),
    (b"  \n <html><head></head>please pay</html>", 200, {}, "web page"),
    (gzip.compress(b"<html>login</html>"), 200, {"Content_Encoding": "gzip"}, "web page"),
    (b"", 200, {}, "is empty"),
    (b"\n\n", 200, {}, "is empty"),
    (b"no", 404, {}, "its server said 404 Not Found"),
    (b"no", 503, {}, "its server said 503"),
    (b"", 304, {}, "its server said 304"),
    (b"x", 206, {"Content_Range": "bytes 0-0/1"}, "a part that nobody asked for"),
    (b"a.example\n", 200, {"Content_Encoding": "br"}, 'packs it as "br"'),
    (b"\x1f\x8b\x08\0junk", 200, {}, "can't be unpacked"),
    (gzip.compress(bytes(2_000_000)), 200, {}, "unpacks to more than 1000000 bytes"),
    (bytes(1_000_001), 200, {}, "larger than 1000000 bytes"),
    (b"", 302, {"Location": "/list.txt"}, "leads in circles"),
    (b"", 302, {"Location": "ftp://lists.example/list.txt"}, "can't be fetched"),
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda each: each[3])
async def test_whatever_goes_wrong_the_last_good_copy_stays(
    site: Site, wrong: tuple[bytes, int, dict[str, str], str]
) -> None:
    body, status, headers, told = wrong
    source = site.source(max_bytes=1_000_000, refresh_s=0)
    site.says("list.txt", body, status=status, **headers)
    assert (await site.fetch_one(source)).outcome is Outcome.FAILED  # and without one there is none
    with pytest.raises(FilterError, match="not fetched yet"):
        site.text(source)
    site.says("list.txt", NAMES)
    assert (await site.fetch_one(source)).outcome is Outcome.NEW
    site.says("list.txt", body, status=status, **headers)
    failed = await site.fetch_one(source)
    assert failed.outcome is Outcome.FAILED and told in failed.error
    assert failed.bytes == len(NAMES)
    assert site.text(source) == NAMES
    state = read_state(fetched_copy(source, site.directory))
    assert state.error == failed.error and state.failing_since >= state.fetched_at > 0
    assert not part_path(fetched_copy(source, site.directory)).exists()
    site.says("list.txt", b"better.example\n")
    assert (await site.fetch_one(site.source(max_bytes=1_000_000))).outcome is Outcome.NEW  # not due, but had failed
    assert read_state(fetched_copy(source, site.directory)).failing_since == 0


async def test_an_endless_body_and_a_crawling_one_end(site: Site) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"a.example\n" * 5000)

    async def crawling(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"ETag": '"v1"'})
        response.content_length = len(NAMES)
        await response.prepare(request)
        await response.write(NAMES[:100_000])
        await asyncio.Event().wait()
        return response

    site.pages |= {"endless": endless, "crawling": crawling}
    assert "larger than 1000000" in (await site.fetch_one(site.source("endless", max_bytes=1_000_000))).error
    slow = await site.fetch_one(site.source("crawling", deadline_s=1))
    assert slow.error == "took longer than 1 s; 100000 bytes are had, the next try goes on"


async def test_a_length_that_is_too_small_or_too_large(site: Site) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % lengths.pop() + NAMES[:1500])
        await writer.drain()
        writer.close()

    lengths = [1501, 150, 1500]
    async with await asyncio.start_server(handle, "127.0.0.1") as server:
        site.port = server.sockets[0].getsockname()[1]
        assert (await site.fetch_one(site.source())).outcome is Outcome.NEW
        assert "can't be read" in (await site.fetch_one(site.source(), force=True)).error
        assert "was cut off" in (await site.fetch_one(site.source(), force=True)).error
        assert site.text(site.source()) == NAMES[:1500]


@pytest.mark.parametrize("host", ["127.0.0.2", "lists.house", "[::1]", "[::ffff:127.0.0.1]", "10.77.0.1", "198.18.0.1"])
async def test_no_connection_is_opened_to_the_house_not_by_a_redirect_either(site: Site, host: str) -> None:
    """What a name leads to is looked at when it is asked for, so a name that leads elsewhere tonight helps nobody."""
    site.says("list.txt", NAMES)
    site.says("away", status=302, Location=f"http://{host}:{site.port}/list.txt")
    straight = Source("own", "games", f"http://{host}:{site.port}/list.txt")
    for source in (straight, site.source("away")):
        turn = await site.fetch_one(source)
        assert turn.outcome is Outcome.FAILED and turn.error.startswith(NOT_PUBLIC), turn
    assert len(site.asked) == 1, "the redirect alone"
    assert read_state(fetched_copy(straight, site.directory)).error.startswith(NOT_PUBLIC)
    permitted = Places(("127.0.0.0/8",))
    if host == "127.0.0.2":  # the server listens on 127.0.0.1: permitted, and nobody is there
        (turn,) = await fetch([straight], site.directory, _here, permitted)
        assert "can't be reached" in turn.error


async def test_hosts_that_are_not_there(site: Site) -> None:
    nameless = Source("own", "games", "http://nowhere.example/list.txt")
    assert (
        await site.fetch_one(nameless)
    ).error == "nowhere.example can't be reached: the upstreams know no address of it"
    site.port = free_port()
    assert (await site.fetch_one(site.source())).error.startswith("lists.example can't be reached: ")


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ssl.SSLContext]:
    """A CA's file, and what a server with its certificate for 127.0.0.1 needs."""
    directory = tmp_path_factory.mktemp("tls")
    ca_file = make_certificate(directory)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "tls.pem", directory / "tls.key")
    return ca_file, context


async def test_a_server_nobody_vouches_for_is_not_listened_to(
    site: Site, certified: tuple[str, ssl.SSLContext]
) -> None:
    site.says("list.txt", NAMES)
    async with _serving(site, certified[1]):
        source = Source("own", "games", f"https://127.0.0.1:{site.port}/list.txt")
        told = (await site.fetch_one(source)).error
    assert told.startswith("the certificate of 127.0.0.1 can't be trusted: ")
    assert not site.asked


async def test_https_is_never_left_for_http(site: Site, certified: tuple[str, ssl.SSLContext], tmp_path: Path) -> None:
    site.says("list.txt", NAMES)
    open_port = site.port
    async with _serving(site, certified[1]):
        site.says("away", status=302, Location=f"http://127.0.0.1:{open_port}/list.txt")
        base = f"https://127.0.0.1:{site.port}"
        lists = [Source("good", "x", f"{base}/list.txt"), Source("away", "x", f"{base}/away")]
        ended = await asyncio.to_thread(_fetched_elsewhere, tmp_path, lists, certified[0])
    assert ended == [["good", "new", ""], ["away", "failed", ANY_CHANGES]]


_ELSEWHERE = """
import json, pickle, sys
from filters.fetch import fetch_lists
with open(sys.argv[1], "rb") as file:
    settings = pickle.load(file)
print(json.dumps([[each.name, each.outcome, each.error] for each in fetch_lists(settings)]))
"""


def _start_elsewhere(directory: Path, sources: list[Source], ca_file: str = "") -> "subprocess.Popen[str]":
    """A process of its own: OpenSSL reads the CAs once, and a process can be killed."""
    path = directory / "settings"
    path.write_bytes(pickle.dumps(settings_for(directory, [], sources)))
    environment = {**os.environ, **({"SSL_CERT_FILE": ca_file} if ca_file else {})}
    command = [sys.executable, "-c", _ELSEWHERE, str(path)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def _fetched_elsewhere(directory: Path, sources: list[Source], ca_file: str = "") -> Any:
    told, _ = _start_elsewhere(directory, sources, ca_file).communicate(timeout=30)
    return json.loads(told)


@pytest.mark.parametrize("sent", [0, 1, 100_000, len(NAMES) + 12])
async def test_killed_at_any_moment_the_copy_is_the_old_one_or_the_new(site: Site, tmp_path: Path, sent: int) -> None:
    site.directory = tmp_path / "blockset" / "fetched"
    site.directory.mkdir(parents=True)
    source = Source("own", "games", f"http://127.0.0.1:{site.port}/list.txt", refresh_s=0)
    site.says("list.txt", NAMES, ETag='"v1"')
    await site.fetch_one(source)
    new, reached = b"new.example\n" + NAMES, asyncio.Event()

    async def page(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"ETag": '"v2"'})
        response.content_length = len(new)
        if sent:
            await response.prepare(request)
            await response.write(new[:sent])
        reached.set()
        await asyncio.Event().wait()
        return response

    site.pages["list.txt"] = page
    process = await asyncio.to_thread(_start_elsewhere, tmp_path, [source])
    await asyncio.wait_for(reached.wait(), 30)
    process.kill()
    await asyncio.to_thread(process.communicate)
    assert site.text(source) in (NAMES, new)
    site.says("list.txt", new, ETag='"v2"')
    assert (await asyncio.to_thread(_fetched_elsewhere, tmp_path, [source]))[0][1] in ("new", "unchanged")
    assert site.text(source) == new
    assert not part_path(fetched_copy(source, site.directory)).exists()


@pytest.mark.parametrize(
    ("checked_at", "error", "is_there", "due"),
    [
        (1_000_000, "", True, False),
        (1_000_000 - 77_000, "", True, False),
        (1_000_000 - 78_000, "", True, True),  # nine tenths of a day: a daily timer is not to the second
        (1_000_000 + 60, "", True, True),  # the clock was ahead when it was fetched
        (1_000_000, "its server is silent", True, True),
        (1_000_000, "", False, True),
        (0, "", True, True),
    ],
)
def test_when_a_list_is_due(tmp_path: Path, checked_at: int, error: str, is_there: bool, due: bool) -> None:
    copy = tmp_path / "own.list"
    if is_there:
        copy.write_bytes(b"a.example\n")
    state = State(checked_at=checked_at, error=error)
    assert is_due(Source("own", "games", "http://lists.example/"), copy, state, 1_000_000) is due


async def test_one_list_that_fails_keeps_no_other_from_its_turn(site: Site) -> None:
    site.says("good", b"a.example\n")
    site.says("bad", status=500)
    bad, good = Source("bad", "x", site.source("bad").location), Source("good", "x", site.source("good").location)
    file = Source("file", "x", "/etc/hosts")
    turns = await site.fetch(bad, file, good)
    assert [(turn.name, turn.outcome) for turn in turns] == [("bad", Outcome.FAILED), ("good", Outcome.NEW)]


async def test_addresses_shrink_only_when_accepted(site: Site) -> None:
    source = site.source(kind=Kind.ADDRESSES, refresh_s=0)
    site.says("list.txt", b"".join(b"9.9.%d.9\n" % n for n in range(100)))
    assert (await site.fetch_one(source)).outcome is Outcome.NEW
    site.says("list.txt", b"a.example\n")
    assert "no address in it" in (await site.fetch_one(source)).error
    site.says("list.txt", b"9.9.9.9\n")
    assert "has shrunk to 1 addresses from 100" in (await site.fetch_one(source)).error
    assert len(read_addresses([source], site.directory).networks) == 100
    assert (await site.fetch_one(source, accept=["own"])).outcome is Outcome.NEW
    assert len(read_addresses([source], site.directory).networks) == 1


async def test_a_full_disk_changes_nothing_and_is_told(site: Site) -> None:
    site.says("list.txt", NAMES, ETag='"v1"')
    assert (await site.fetch_one(site.source())).outcome is Outcome.NEW
    site.says("list.txt", b"x.example\n" + NAMES, ETag='"v2"')
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        failed = await site.fetch_one(site.source(), force=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert failed.error == "can't be kept: File too large"
    assert not part_path(fetched_copy(site.source(), site.directory)).exists()  # a full disk must not stay full
    assert site.text(site.source()) == NAMES
    assert (await site.fetch_one(site.source())).outcome is Outcome.NEW


async def test_names_are_asked_of_the_filters_own_upstreams(site: Site, tmp_path: Path) -> None:
    site.says("list.txt", b"a.example\n")
    with ScriptedUpstream() as upstream:
        upstream.says("lists.example", "A", "lists.example 60 CNAME cdn.example\ncdn.example 60 A 127.0.0.1")
        settings = settings_for(tmp_path, [upstream.port], [site.source()])
        site.directory = tmp_path / "blockset" / "fetched"
        (turn,) = await asyncio.to_thread(fetch_lists, settings)
        assert turn.outcome is Outcome.NEW, turn.error
        assert sorted(upstream.asked("lists.example")) == [("A", "udp"), ("AAAA", "udp")]
        local = settings_for(tmp_path, [upstream.port], [site.source()])
        records = (("lists.example", ("127.0.0.1", "::1")),)
        local = type(local)(**{**{key: getattr(local, key) for key in local.__slots__}, "local_records": records})
        (turn,) = await asyncio.to_thread(fetch_lists, local, force=True)
        assert turn.outcome is Outcome.SAME, turn.error
        assert len(upstream.asked("lists.example")) == 2
        (site.directory / "gone-0123456789ab.list").write_text("x", encoding="utf-8")
        assert await asyncio.to_thread(fetch_lists, settings_for(tmp_path, [upstream.port])) == []
        assert [path.name for path in site.directory.iterdir()] == ["lock"]


async def test_two_commands_do_not_fetch_at_once(site: Site, tmp_path: Path) -> None:
    begun, gate = asyncio.Event(), asyncio.Event()

    async def page(request: web.Request) -> web.StreamResponse:
        begun.set()
        await gate.wait()
        return web.Response(body=b"a.example\n")

    site.pages["list.txt"] = page
    with ScriptedUpstream() as upstream:
        upstream.says("lists.example", "A", "lists.example 60 A 127.0.0.1")
        settings = settings_for(tmp_path, [upstream.port], [site.source()])
        first = asyncio.get_running_loop().run_in_executor(None, fetch_lists, settings)
        await asyncio.wait_for(begun.wait(), 5)
        with pytest.raises(FilterError, match="by another command"):
            await asyncio.to_thread(fetch_lists, settings)
        gate.set()
        assert (await first)[0].outcome is Outcome.NEW
    state = json.loads(next((tmp_path / "blockset" / "fetched").glob("*.json")).read_bytes())
    assert state["fetched_at"] == state["checked_at"] > 0
