"""Starts the fake Internet's programs in the ISP's namespace."""

import sys
from functools import partial

from gateway.lab import netns, processes
from gateway.lab.daemons import wait_ready
from gateway.lab.names import GAME_SITE, OPEN_SITE, WEB_NAMES
from gateway.lab.plan import ECHO_PORT, IPERF_PORT, ISP, WEB_IPV4
from gateway.lab.processes import Process
from gateway.lab.state import Files
from gateway.probe_table import PROBE_HOSTS

# the port a program binds last, and on how many addresses
_LAST_BOUND = {
    "isp-web": (443, "tcp", 4),
    "isp-dns": (53, "tcp", 4),
    "isp-udp": (ECHO_PORT, "udp", 3),
    "iperf3": (IPERF_PORT, "tcp", 1),
}


def start(files: Files) -> dict[str, Process]:
    """Start them all; returns at once."""
    _make_certificate(files)
    module = [sys.executable, "-P", "-m", "gateway.lab.isp"]
    commands = {
        "isp-web": [*module, "web", str(files.certificate), str(files.key)],
        "isp-dns": [*module, "dns"],
        "isp-udp": [*module, "udp"],
        "iperf3": ["iperf3", "--server", "--port", str(IPERF_PORT), "--forceflush"],
    }
    return {
        name: processes.start([*netns.inside(ISP), *command], files.log(name)) for name, command in commands.items()
    }


def wait_ready_all(files: Files, started: dict[str, Process]) -> None:
    """Return when each of them listens."""
    for name, process in started.items():
        wait_ready(files, name, process, partial(_is_bound, process, *_LAST_BOUND[name]))


def _is_bound(process: Process, port: int, protocol: str, count: int) -> bool:
    return processes.listeners(process, port, protocol) >= count


def _make_certificate(files: Files) -> None:
    """A self-made certificate for every name: HTTPS works as far as a client that knows it (curl --cacert) goes."""
    names = [*WEB_NAMES, GAME_SITE, OPEN_SITE, *PROBE_HOSTS]
    also = ",".join([*(f"DNS:{name}" for name in names), f"IP:{WEB_IPV4}"])
    request = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30".split()  # noqa: SIM905
    request += ["-subj", "/CN=Internet of the lab", "-addext", f"subjectAltName={also}"]
    processes.run([*request, "-keyout", str(files.key), "-out", str(files.certificate)])
