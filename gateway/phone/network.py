"""The phone's own network: a namespace that nobody else names, and how it gets its addresses there.

It is gone with the process, and the cable with it: nothing is left by a crash.
"""

import codecs
import contextlib
import ctypes
import json
import os
import secrets
import signal
import socket
import subprocess
from ipaddress import ip_network
from pathlib import Path

from dnslib import RCODE, DNSError, DNSRecord

from gateway.clock import SystemClock
from gateway.errors import GatewayError
from gateway.phone import dhcp
from gateway.phone.findings import Why, why

INTERFACE = "cong-phone"
_NEW_USER, _NEW_NETWORK, _PARENT_DEATH = 0x10000000, 0x40000000, 1
_IP_PACKETS = 0x0800
_TRIES = 3


def enter_own_network() -> None:
    """Leave the box's network; without the right to, by a user namespace of our own."""
    for name in ("ascii", "idna", "latin-1"):  # now: in a user namespace Python's own files may be another's
        codecs.lookup(name)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PARENT_DEATH, signal.SIGKILL, 0, 0, 0)
    if libc.unshare(_NEW_NETWORK) == 0:
        return
    user, group = os.geteuid(), os.getegid()
    if libc.unshare(_NEW_USER | _NEW_NETWORK):
        raise GatewayError(f"no network of its own: {os.strerror(ctypes.get_errno())}", where="self-check")
    Path("/proc/self/setgroups").write_bytes(b"deny")
    Path("/proc/self/uid_map").write_bytes(b"0 %d 1" % user)
    Path("/proc/self/gid_map").write_bytes(b"0 %d 1" % group)


def links_up() -> None:
    """Switch it on."""
    _ip("link set lo up", f"link set {INTERFACE} up")


def lease(mac: str, within_s: float = 8) -> dhcp.Offer | None:
    """The whole exchange, at most four tries; None when nobody answers."""
    hardware, number = bytes.fromhex(mac.replace(":", "")), secrets.randbits(32)
    with _packets() as link:
        offer = _exchange(link, dhcp.packet(dhcp.DISCOVER, hardware, number), hardware, number, dhcp.OFFER, within_s)
        if offer is None:
            return None
        asked = dhcp.packet(dhcp.REQUEST, hardware, number, offer)
        return _exchange(link, asked, hardware, number, dhcp.ACK, within_s)


def give_back(mac: str, offer: dhcp.Offer) -> None:
    """Return the lease: the next reader may have the address."""
    with _packets() as link:
        hardware = bytes.fromhex(mac.replace(":", ""))
        link.sendto(dhcp.packet(dhcp.RELEASE, hardware, secrets.randbits(32), offer), _to_all())


def use(offer: dhcp.Offer) -> None:
    """Take the address and the way out."""
    size = ip_network(f"0.0.0.0/{offer.mask}").prefixlen
    _ip(f"addr replace {offer.address}/{size} dev {INTERFACE}", f"route replace default via {offer.router}")


def wait_ipv6(network: str, within_s: float = 10) -> str:
    """The address formed from the advertisement; empty when none came. `network`: the first bits it must have."""
    clock = SystemClock()
    deadline = clock.boot_s() + within_s
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as news:
        news.bind((0, 0x100))  # RTMGRP_IPV6_IFADDR
        while not (found := _ipv6_address(network)) and (left := deadline - clock.boot_s()) > 0:
            news.settimeout(min(left, 1))
            with contextlib.suppress(TimeoutError):
                news.recv(65536)
    return found


class SilentError(Exception):
    """No answer from the resolver, or the port is shut; the text is the kind of error, empty: none came in time."""


class RefusedError(Exception):
    """An answer without the name's address; the text is the code's name, empty: it has none of this type."""


def unnamed(error: SilentError | RefusedError) -> Why:
    """Why a name has no address."""
    if isinstance(error, SilentError):
        return why("no_answer", error) if str(error) else why("silent")
    return why("code", error) if str(error) else why("no_address")


def look_up(server: str, name: str, kind: str = "A", patience_s: float = 3) -> str:
    """First address of a name; SilentError, RefusedError."""
    question = DNSRecord.question(name, kind)
    packed = question.pack()
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    kind_of = ""
    for _ in range(_TRIES):
        with socket.socket(family, socket.SOCK_DGRAM) as link:
            link.settimeout(patience_s)
            try:
                link.connect((server, 53))
                link.send(packed)
                answer = DNSRecord.parse(link.recv(4096))
            except TimeoutError:
                continue
            except OSError as error:
                kind_of = type(error).__name__
                break
            except DNSError:
                continue
        addresses = [str(record.rdata) for record in answer.rr if record.rtype == (28 if kind == "AAAA" else 1)]
        if not addresses:
            raise RefusedError(RCODE.get(answer.header.rcode) if answer.header.rcode else "")
        return addresses[0]
    raise SilentError(kind_of)


def _packets() -> socket.socket:
    link = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_IP_PACKETS))
    link.bind((INTERFACE, _IP_PACKETS))
    return link


def _to_all() -> tuple[str, int, int, int, bytes]:
    return (INTERFACE, _IP_PACKETS, 0, 0, b"\xff" * 6)


def _exchange(
    link: socket.socket, packet: bytes, hardware: bytes, number: int, wanted: int, within_s: float
) -> dhcp.Offer | None:
    clock = SystemClock()
    for turn in range(4):
        link.sendto(packet, _to_all())
        deadline = clock.boot_s() + within_s / 4 * (0.5 + turn / 3)
        while (left := deadline - clock.boot_s()) > 0:
            link.settimeout(left)
            with contextlib.suppress(TimeoutError):
                offer = dhcp.read(link.recv(2048), hardware, number)
                if offer and offer.kind == wanted:
                    return offer
    return None


def _ipv6_address(network: str) -> str:
    done = _run("ip", "-6", "-json", "addr", "show", "dev", INTERFACE)
    within = ip_network(network)
    for each in json.loads(done)[0].get("addr_info", []):
        address = str(each.get("local", ""))
        if address and not each.get("tentative") and ip_network(address).subnet_of(within):  # type: ignore[arg-type]
            return address
    return ""


def _ip(*lines: str) -> None:
    _run("ip", "-batch", "-", stdin="\n".join(lines) + "\n")


def _run(*command: str, stdin: str = "") -> str:
    paths = os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin"
    done = subprocess.run(
        command, input=stdin, capture_output=True, text=True, timeout=10, check=False, env={**os.environ, "PATH": paths}
    )
    if done.returncode:
        raise GatewayError(f"{command[0]} said: {done.stderr.strip()}", where="self-check")
    return done.stdout
