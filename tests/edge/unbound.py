"""Debian's unbound as another maker's server, for tests: plain, DoT, DoH, validating; on loopback, with its own CA."""

import contextlib
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from dnslib import DNSRecord

from tests.edge.filters_upstream import WAIT_S, free_port

TLS_NAME = "dns.test.example"


@dataclass
class Unbound:
    """One that runs."""

    port: int
    tls_port: int
    https_port: int
    ca_file: str
    process: subprocess.Popen[str]

    def stop(self) -> None:
        """Now, not later."""
        self.process.terminate()
        self.process.communicate(timeout=WAIT_S)


def make_certificate(directory: Path) -> str:
    """A CA of its own and a certificate for TLS_NAME and 127.0.0.1; the CA's file."""
    ca, key = directory / "ca.pem", directory / "ca.key"
    names = directory / "names.cnf"
    names.write_text(f"subjectAltName=DNS:{TLS_NAME},IP:127.0.0.1\n", encoding="ascii")
    base = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj"]
    signing = ["-CA", str(ca), "-CAkey", str(key), "-CAcreateserial", "-days", "1", "-extfile", str(names)]
    request, own_key = str(directory / "tls.csr"), str(directory / "tls.key")
    for command in (
        ["req", "-x509", *base, "/CN=test CA", "-days", "2", "-keyout", str(key), "-out", str(ca)],
        ["req", "-new", *base, "/CN=test", "-keyout", own_key, "-out", request],
        ["x509", "-req", "-in", request, *signing, "-out", str(directory / "tls.pem")],
    ):
        subprocess.run(["openssl", *command], check=True, capture_output=True)
    return str(ca)


@contextlib.contextmanager
def running_unbound(directory: Path, *lines: str, ports: tuple[int, int, int] | None = None) -> Iterator[Unbound]:
    """Started with these lines in `server:` (and sections after them), ended at the end."""
    ca = directory / "ca.pem"
    ca_file = str(ca) if ca.exists() else make_certificate(directory)
    port, tls_port, https_port = ports or (free_port(), free_port(), free_port())
    configuration = directory / f"unbound-{port}.conf"
    listening = "".join(f"  interface: 127.0.0.1@{each}\n" for each in (port, tls_port, https_port))
    configuration.write_text(
        f"""server:
  directory: "{directory}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  do-ip6: no
  num-threads: 1
  tls-port: {tls_port}
  https-port: {https_port}
  tls-service-key: "{directory}/tls.key"
  tls-service-pem: "{directory}/tls.pem"
  module-config: "validator iterator"
  ede: yes
{listening}"""
        + "\n".join(lines)
        + "\nremote-control:\n  control-enable: no\n",
        encoding="utf-8",
    )
    process = subprocess.Popen(["unbound", "-d", "-c", str(configuration)], stderr=subprocess.PIPE, text=True)
    try:
        _wait_until_it_answers(port, process)
        yield Unbound(port, tls_port, https_port, ca_file, process)
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=WAIT_S)


def _wait_until_it_answers(port: int, process: subprocess.Popen[str]) -> None:
    until = perf_counter() + WAIT_S
    query = bytes(DNSRecord.question("ready.invalid").pack())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(0.1)
        asking.connect(("127.0.0.1", port))
        while perf_counter() < until:
            if process.poll() is not None:
                raise AssertionError(f"unbound ended: {process.communicate()[1]}")
            with contextlib.suppress(OSError):
                asking.send(query)
                asking.recv(512)
                return
    raise AssertionError("unbound does not answer")
