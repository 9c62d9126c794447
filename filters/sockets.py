"""The sockets queries come in by: those systemd holds for us, and our own for the rest.

In: settings. Out: for each worker its listeners. The supervisor makes and keeps them all, so a worker that dies loses
no waiting query.
"""

import errno
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from filters.errors import FilterError
from filters.log import event
from filters.settings import FilterSettings, Profile
from filters.udp import IP_PKTINFO, IPV6_RECVPKTINFO

_FIRST_PASSED_FD = 3
_RECEIVE_BYTES = 4 << 20
_NO_SUCH_FAMILY = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)


@dataclass(frozen=True, slots=True)
class Listener:
    """One socket of one profile."""

    profile: str
    socket: socket.socket

    @property
    def is_udp(self) -> bool:
        """UDP, or TCP."""
        return self.socket.type == socket.SOCK_DGRAM


_Place = tuple[socket.SocketKind, int, int]
"""Kind, family, port."""


def open_listeners(settings: FilterSettings, taken_over: Sequence[int] = ()) -> list[list[Listener]]:
    """Each worker's listeners; FilterError when a port is taken.

    `taken_over`: descriptors of sockets that the program before has left in this process.
    """
    passed = passed_sockets()
    for fd in taken_over:
        _put(passed, socket.socket(fileno=fd))
    known = {profile.port for profile in settings.profiles}
    for (kind, _, port), held in passed.items():
        if port not in known:
            event("socket.ignored", "warning", port=port, kind=kind.name)
            for each in held:
                each.close()
    workers: list[list[Listener]] = [[] for _ in range(settings.workers)]
    for profile in settings.profiles:
        for address in settings.listen:
            for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                found = _held(passed, kind, address, profile.port)
                group = _bind_group(kind, address, profile, settings.workers) if found is None else found
                _deal_out(group, profile, workers)
    return workers


def passed_sockets() -> dict[_Place, list[socket.socket]]:
    """What systemd's socket activation handed over (sd_listen_fds(3)); told once, then the variables go."""
    count = int(os.environ.pop("LISTEN_FDS", "0") or 0)
    names = os.environ.pop("LISTEN_FDNAMES", "")
    if os.environ.pop("LISTEN_PID", "") != str(os.getpid()):
        return {}
    passed: dict[_Place, list[socket.socket]] = {}
    for fd in range(_FIRST_PASSED_FD, _FIRST_PASSED_FD + count):
        try:
            _put(passed, socket.socket(fileno=fd))
        except (OSError, IndexError) as error:
            raise FilterError(
                f"the passed descriptor {fd} is no Internet socket", where=names, hint="correct cong-dns.socket"
            ) from error
    return passed


def _put(passed: dict[_Place, list[socket.socket]], held: socket.socket) -> None:
    held.set_inheritable(False)
    passed.setdefault((socket.SocketKind(held.type), held.family, held.getsockname()[1]), []).append(held)


def _held(
    passed: dict[_Place, list[socket.socket]], kind: socket.SocketKind, address: str, port: int
) -> list[socket.socket] | None:
    """Passed sockets for this place; none, but not to be bound either, where a dual-stack socket has IPv4 as well."""
    family = _family(address)
    found = passed.get((kind, family, port))
    if found:
        for each in found:
            _prepare(each, family, kind)
        return found
    six = passed.get((kind, socket.AF_INET6, port), []) if family == socket.AF_INET else []
    both = any(not each.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY) for each in six)
    return [] if both else None


def _deal_out(group: list[socket.socket], profile: Profile, workers: list[list[Listener]]) -> None:
    """One socket a worker; more are spread, fewer (systemd holds one) are shared."""
    for index in range(max(len(group), len(workers)) if group else 0):
        workers[index % len(workers)].append(Listener(profile.name, group[index % len(group)]))


def _bind_group(kind: socket.SocketKind, address: str, profile: Profile, count: int) -> list[socket.socket]:
    """A socket for each worker on one port; the kernel spreads the queries (SO_REUSEPORT)."""
    group: list[socket.socket] = []
    try:
        for _ in range(count):
            group.append(_bind(kind, address, profile.port, joins=bool(group)))
    except OSError as error:
        if error.errno in _NO_SUCH_FAMILY and address == "::":
            event("socket.no_ipv6", "warning", port=profile.port)
            return []
        raise _cannot_bind(error, kind, address, profile) from error
    return group


def _bind(kind: socket.SocketKind, address: str, port: int, *, joins: bool) -> socket.socket:
    family = _family(address)
    made = socket.socket(family, kind)
    try:
        if kind == socket.SOCK_STREAM:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if joins:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.bind((address, port))
        # The first is bound alone and shares only then: a second `cong dns` finds the port taken instead of
        # joining in and stealing half the queries.
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if kind == socket.SOCK_STREAM:
            made.listen(128)
        _prepare(made, family, kind)
    except OSError:
        made.close()
        raise
    return made


def _prepare(made: socket.socket, family: int, kind: socket.SocketKind) -> None:
    made.setblocking(False)
    if kind == socket.SOCK_DGRAM:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BYTES)  # as much of it as the system allows
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)
        else:
            made.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def _cannot_bind(error: OSError, kind: socket.SocketKind, address: str, profile: Profile) -> FilterError:
    told = f"port {profile.port} ({'UDP' if kind == socket.SOCK_DGRAM else 'TCP'})"
    if error.errno == errno.EADDRINUSE:
        return FilterError(
            f"{told} is taken: another cong dns, or another program, answers there",
            where=f"dns.profiles.{profile.name}",
            hint=f"see who: ss -lntup 'sport = :{profile.port}'; stop it, or give the profile another port",
        )
    return FilterError(
        f"{told} can't be had on {address}: {error.strerror}",
        where=f"dns.profiles.{profile.name}",
        hint="give the profile another port, or run with the right to have it",
    )
