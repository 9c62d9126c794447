"""A small scripted resolver and the real filter beside it, for tests with true queries over loopback."""

import contextlib
import json
import os
import pickle
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from dnslib import EDNS0, QTYPE, RR, DNSLabel, DNSRecord, EDNSOption

from filters.settings import FilterSettings, Profile, Source, Upstream

WAIT_S = 5.0
_PROGRAM = """
import os, pickle, sys
from filters.program import hand_over
path, *descriptors = sys.argv[1:]
if descriptors:
    for at, fd in enumerate(descriptors):
        os.dup2(int(fd), 3 + at)
    os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(descriptors)))
with open(path, "rb") as file:
    settings = pickle.load(file)
hand_over(settings)
"""


@dataclass
class Script:
    """What the upstream says to one name and type."""

    zone: str = ""
    authority: str = ""
    rcode: int = 0
    truncated: bool = False
    """By UDP only: TC, no data."""
    udp_only: bool = False
    """By TCP the connection is closed without a word."""
    silent: bool = False
    loses: int = 0
    """So many questions are left without an answer."""
    ad: bool = False
    options: list[EDNSOption] = field(default_factory=list)
    """In the answer's OPT, beside an NSID."""
    answers_for: str = ""
    """Another name in the question than the asked one."""


@dataclass
class ScriptedUpstream:
    """Answers by script, by UDP and TCP on one loopback port, and remembers what it was asked."""

    script: dict[tuple[str, str], Script] = field(default_factory=dict)
    seen: list[tuple[str, str, str, DNSRecord]] = field(default_factory=list)
    """Name, type, "udp" or "tcp", the query."""
    gate: threading.Event = field(default_factory=threading.Event)
    """Closed, answers wait; open at first."""
    lowers: bool = False
    """By UDP the question comes back in lower case."""

    def __enter__(self) -> Self:
        self.gate.set()
        self._udp, self._tcp = _one_port()
        self._udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.port = self._udp.getsockname()[1]
        self._end, self._stop = socket.socketpair()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self._stop.send(b"x")
        self._thread.join()
        for each in (self._udp, self._tcp, self._end, self._stop):
            each.close()

    def says(self, name: str, qtype: str, zone: str = "", **more: Any) -> None:
        self.script[name, qtype] = Script(zone, **more)

    def asked(self, name: str) -> list[tuple[str, str]]:
        return [(qtype, transport) for seen, qtype, transport, _ in self.seen if seen == name]

    def _serve(self) -> None:
        while True:
            ready, _, _ = select.select([self._udp, self._tcp, self._end], [], [])
            if self._end in ready:
                return
            if self._udp in ready:
                packet, peer = self._udp.recvfrom(4096)
                reply = self._reply(packet, "udp")
                if reply is not None:
                    self._udp.sendto(reply, peer)
            if self._tcp in ready:
                connection, _ = self._tcp.accept()
                with connection, contextlib.suppress(OSError):  # who asks may hang up, by patience or by death
                    connection.settimeout(WAIT_S)
                    reply = self._reply(receive_framed(connection), "tcp")
                    if reply is not None:
                        connection.sendall(struct.pack("!H", len(reply)) + reply)

    def _reply(self, packet: bytes, transport: str) -> bytes | None:
        query = DNSRecord.parse(packet)
        name, qtype = str(query.q.qname).rstrip(".").lower(), QTYPE[query.q.qtype]
        self.seen.append((name, qtype, transport, query))
        self.gate.wait(WAIT_S)
        said = self.script.get((name, qtype), Script(f"{name} 300 A 203.0.113.7" if qtype == "A" else ""))
        if said.silent or said.loses > 0 or (said.udp_only and transport == "tcp"):
            said.loses -= 1
            return None
        reply = query.reply(ra=1)
        reply.header.rcode, reply.header.ad = said.rcode, int(said.ad)
        if said.answers_for or (self.lowers and transport == "udp"):
            reply.q.qname = DNSLabel(said.answers_for or name)
        if said.truncated and transport == "udp":
            reply.header.tc = 1
        else:
            reply.add_answer(*RR.fromZone(said.zone))
            reply.add_auth(*RR.fromZone(said.authority))
        reply.add_ar(EDNS0(udp_len=4096, opts=[EDNSOption(3, b"nsid"), *said.options]))
        return bytes(reply.pack())


def receive_framed(connection: socket.socket) -> bytes:
    """One message with its length before it."""
    (size,) = struct.unpack("!H", _receive_all(connection, 2))
    return _receive_all(connection, size)


def _receive_all(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        piece = connection.recv(size - len(received))
        if not piece:
            raise ConnectionError("closed")
        received += piece
    return received


def _one_port() -> tuple[socket.socket, socket.socket]:
    """Sockets of both kinds on the same free port: one free for UDP may be taken for TCP."""
    while True:
        tcp = socket.create_server(("127.0.0.1", 0))
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            udp.bind(tcp.getsockname())
            return udp, tcp
        except OSError:
            udp.close()
            tcp.close()


def free_port() -> int:
    """A port free for UDP and TCP, both families, a moment ago."""
    while True:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as udp, socket.socket(socket.AF_INET6) as tcp:
            udp.bind(("::", 0))
            port: int = udp.getsockname()[1]
            with contextlib.suppress(OSError):
                tcp.bind(("::", port))
                return port


def settings_for(
    directory: Path, upstreams: Sequence[int], sources: Sequence[Source] = (), workers: int = 1, **more: Any
) -> FilterSettings:
    """Two profiles on free ports, asking upstreams on loopback ports."""
    return FilterSettings(
        profiles=(
            Profile("adult", free_port(), frozenset({"games", "gambling", "threats"})),
            Profile("staff", free_port(), frozenset({"threats"})),
        ),
        sources=tuple(sources),
        upstreams=tuple(Upstream("127.0.0.1", port) for port in upstreams),
        blockset_directory=directory / "blockset",
        local_rules=directory / "local-rules.json",
        counts_socket=directory / "counts.sock",
        local_records=(("wifi.internal", ("10.77.0.1", "fd00::1")),),
        workers=workers,
        **{"list_networks": ("127.0.0.0/8",), **more},
    )


@dataclass
class Running:
    """`cong dns` as a process of its own."""

    process: subprocess.Popen[str]
    settings: FilterSettings

    def ask(self, name: str, qtype: str = "A", *, profile: int = 0, edns: EDNS0 | None = None) -> DNSRecord:
        """One query by UDP with its answer."""
        query = DNSRecord.question(name, qtype)
        if edns is not None:
            query.add_ar(edns)
        return DNSRecord.parse(self.exchange(bytes(query.pack()), profile=profile))

    def exchange(self, packet: bytes, *, profile: int = 0, address: str = "127.0.0.1") -> bytes:
        """One packet by UDP, and the one that comes back."""
        with self.client(profile, address) as client:
            client.send(packet)
            return client.recv(65535)

    def client(self, profile: int = 0, address: str = "127.0.0.1") -> socket.socket:
        """A connected UDP socket: what comes from another address than was asked is not received."""
        client = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
        client.settimeout(WAIT_S)
        client.connect((address, self.settings.profiles[profile].port))
        return client

    def tcp(self, profile: int = 0) -> socket.socket:
        """A TCP connection."""
        return socket.create_connection(("127.0.0.1", self.settings.profiles[profile].port), WAIT_S)

    def events_until(self, name: str) -> list[dict[str, Any]]:
        """Read the log up to an event; a filter that never tells of it is ended, and the test with it."""
        events: list[dict[str, Any]] = []
        assert self.process.stderr is not None
        patience = threading.Timer(6 * WAIT_S, self.process.kill)
        patience.start()
        try:
            for line in self.process.stderr:
                if not line.startswith("{"):
                    raise AssertionError(f"the filter said: {line}{self.process.stderr.read()}")
                events.append(json.loads(line))
                if events[-1]["event"] == name:
                    return events
        finally:
            patience.cancel()
        raise AssertionError(f"the filter ended, or was ended, without {name}: {events}")

    def workers(self) -> list[int]:
        """Process ids of the supervisor's children."""
        text = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        return [int(pid) for pid in text.split()]


@contextlib.contextmanager
def running(settings: FilterSettings, passed: Sequence[socket.socket] = ()) -> Iterator[Running]:
    """Start the filter, wait until it serves, end it by SIGTERM and see that it ends well."""
    process = start(settings, passed)
    try:
        server = Running(process, settings)
        server.events_until("dns.started")
        yield server
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=WAIT_S)
        assert process.returncode == 0, rest
        assert "query.failed" not in rest, rest
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def start(settings: FilterSettings, passed: Sequence[socket.socket] = ()) -> subprocess.Popen[str]:
    """The process, not waited for."""
    path = settings.blockset_directory.parent / f"settings-{os.urandom(4).hex()}"
    path.write_bytes(pickle.dumps(settings))
    descriptors = [each.fileno() for each in passed]
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(path), *map(str, descriptors)],
        stderr=subprocess.PIPE,
        text=True,
        pass_fds=descriptors,
    )


def write_rules(path: Path, *rules: tuple[str, str]) -> None:
    """Replace the overlay whole, as the gateway's commands do."""
    aside = path.with_suffix(".new")
    listed = [{"name": name, "action": action, "reason": "test"} for name, action in rules]
    aside.write_text(json.dumps({"generation": 1, "rules": listed}), encoding="utf-8")
    aside.replace(path)
