"""Whether the line is up: any answer is a yes, three silences or no carrier a no."""

import asyncio
import json
from typing import cast

import pytest

from filters.settings import Transport, Upstream
from gateway.line import Line
from tests.edge.filters_upstream import free_port


class Resolver(asyncio.DatagramProtocol):
    """Answers with the question's number while it is told to."""

    answers = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        self._transport.sendto(b"\0\0other", address)  # somebody else's answer tells nothing
        if self.answers:
            self._transport.sendto(data[:2] + b"\x81\x85" + data[4:], address)


def line_to(*upstreams: Upstream) -> Line:
    line = Line("lo", ())
    line._upstreams = list(upstreams)  # loopback is left out on a real box: it says nothing of the line
    return line


async def test_three_silences_are_down_and_one_answer_is_up(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.line._WAITS_S", 0.1)
    transport, resolver = await asyncio.get_running_loop().create_datagram_endpoint(
        Resolver, local_addr=("127.0.0.1", 0)
    )
    line = line_to(Upstream("127.0.0.1", transport.get_extra_info("sockname")[1]))
    await line.look()
    assert not line.is_down
    resolver.answers = False
    for down in (False, False, True, True):
        await line.look()
        assert line.is_down == down
    resolver.answers = True
    await line.look()
    assert not line.is_down
    said = [json.loads(each) for each in capsys.readouterr().err.splitlines()]
    assert [each["event"] for each in said] == ["line.went_down", "line.came_back"] and said[0]["carrier"]
    transport.close()


async def test_one_of_several_is_enough_and_streams_count() -> None:
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    dead = Upstream("127.0.0.1", free_port())
    line = line_to(dead, Upstream("127.0.0.1", port, Transport.TLS))
    for _ in range(4):
        await line.look()
        assert not line.is_down
    server.close()
    for _ in range(3):
        await line.look()
    assert line.is_down


async def test_without_a_carrier_it_is_down_at_once_and_a_resolver_on_the_box_tells_nothing() -> None:
    gone = Line("cong-none0", ())
    await gone.look()
    assert gone.is_down
    own = Line("lo", (Upstream("127.0.0.1", free_port()), Upstream("::1", free_port())))
    for _ in range(4):
        await own.look()
    assert not own.is_down
