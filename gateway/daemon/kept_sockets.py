"""Sockets that stay open while the gateway starts itself anew: who knocks meanwhile waits, nobody is sent away.

In: family, kind, port. Out: a socket to serve, a second handle on the one that is kept. Before `os.execv` the kept ones
are made inheritable and their numbers go into the environment, where the next program of this process finds them.
"""

import errno
import os
import socket

from gateway.errors import GatewayError

_VARIABLE = "CONG_SOCKETS"
_NO_SUCH_FAMILY = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)
_Place = tuple[int, int, int, str]
"""Family, kind, port, interface; "" is every interface."""


class KeptSockets:
    """What this process listens on."""

    def __init__(self) -> None:
        self._kept: dict[_Place, socket.socket] = {}
        self._left = _handed_over()

    def held(
        self, family: socket.AddressFamily, kind: socket.SocketKind, port: int, interface: str = ""
    ) -> socket.socket:
        """A socket on every address, or of one interface alone, closed by the caller; OSError when it can't be had."""
        place = (int(family), int(kind), port, interface)
        kept = self._kept.get(place) or self._left.pop(place, None) or _bind(family, kind, port, interface)
        self._kept[place] = kept
        return kept.dup()

    def bound(self, family: socket.AddressFamily, kind: socket.SocketKind, port: int) -> socket.socket:
        """The same on every address; GatewayError when the port can't be had."""
        try:
            return self.held(family, kind, port)
        except OSError as error:
            raise _taken(port, kind, error) from error

    def listening(self, port: int) -> list[socket.socket]:
        """TCP on every address of both families; IPv4 alone where the kernel knows no IPv6."""
        made = [self.bound(socket.AF_INET, socket.SOCK_STREAM, port)]
        try:
            made.append(self.held(socket.AF_INET6, socket.SOCK_STREAM, port))
        except OSError as error:
            if error.errno not in _NO_SUCH_FAMILY:
                raise _taken(port, socket.SOCK_STREAM, error) from error
        return made

    def let_go_of_unused(self) -> None:
        """Close what was handed over and nobody wants any more: the configuration has other ports now."""
        for each in self._left.values():
            each.close()
        self._left.clear()

    def hand_over(self) -> None:
        """For the program this process becomes."""
        for each in self._kept.values():
            each.set_inheritable(True)
        told = ",".join(f"{'/'.join(map(str, place))}={each.fileno()}" for place, each in self._kept.items())
        os.environ[_VARIABLE] = f"{os.getpid()}:{told}"

    def close(self) -> None:
        """Let all go."""
        self.let_go_of_unused()
        for each in self._kept.values():
            each.close()
        self._kept.clear()


def _handed_over() -> dict[_Place, socket.socket]:
    """What the program before has left; told once, then the variable goes: children must not read it."""
    process, _, told = os.environ.pop(_VARIABLE, "").partition(":")
    if process != str(os.getpid()):
        return {}
    found: dict[_Place, socket.socket] = {}
    for each in filter(None, told.split(",")):
        place, _, descriptor = each.partition("=")
        family, kind, port, interface = place.split("/")
        kept = socket.socket(fileno=int(descriptor))
        kept.set_inheritable(False)
        kept.setblocking(False)
        found[int(family), int(kind), int(port), interface] = kept
    return found


def _bind(family: socket.AddressFamily, kind: socket.SocketKind, port: int, interface: str) -> socket.socket:
    made = socket.socket(family, kind | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
    try:
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if kind == socket.SOCK_STREAM:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if interface:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        made.bind(("", port))
        if kind == socket.SOCK_STREAM:
            made.listen(512)
    except OSError:
        made.close()
        raise
    return made


def _taken(port: int, kind: socket.SocketKind, error: OSError) -> GatewayError:
    look = "ss -ltnp" if kind == socket.SOCK_STREAM else "ss -lunp"
    return GatewayError(
        f"port {port} can't be had: {error.strerror}",
        where="portal",
        hint=f"is another gateway running? see who holds it: {look} 'sport = :{port}'",
    )
