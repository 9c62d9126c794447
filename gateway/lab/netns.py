"""Network namespaces through the `ip` program, and sockets opened inside them."""

import ctypes
import json
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import GatewayError
from gateway.lab.plan import is_ours
from gateway.lab.processes import run

NAMES = Path("/run/netns")
PER_NAMESPACE_ETC = Path("/etc/netns")
_CLONE_NEWNET = 0x40000000


@dataclass(frozen=True, slots=True)
class Addresses:
    """What an interface holds now."""

    ipv4: tuple[str, ...]
    ipv6: tuple[str, ...]  # global ones that may be used, temporary (privacy) addresses too
    temporary: int = 0


def ours() -> list[str]:
    """The lab's namespaces that exist, in the order of their names."""
    if not NAMES.is_dir():
        return []
    return sorted(entry.name for entry in NAMES.iterdir() if is_ours(entry.name))


def inode(netns: str) -> int | None:
    """What tells this namespace from all others; None when the name stands for nothing."""
    try:
        return (NAMES / netns).stat().st_ino
    except OSError:
        return None


def batch(lines: list[str], netns: str | None = None) -> None:
    """Run `ip` commands, one a line, inside a namespace or outside."""
    run(["ip", *(("-n", netns) if netns else ()), "-batch", "-"], stdin="\n".join(lines) + "\n")


def inside(netns: str) -> list[str]:
    """What stands before a command to run it in a namespace, with the namespace's own resolv.conf."""
    return ["ip", "netns", "exec", netns]


def write_sysctls(netns: str, values: dict[str, int]) -> None:
    """Set kernel values of a namespace; ones this kernel lacks are passed over."""
    script = [f'[ ! -e "/proc/sys/{key}" ] || echo {value} > "/proc/sys/{key}"' for key, value in values.items()]
    run([*inside(netns), "sh", "-e"], stdin="\n".join(script) + "\n")


def set_resolver(netns: str, address: str | None) -> None:
    """Make the namespace's own /etc/resolv.conf; `ip netns exec` puts it over the host's."""
    directory = PER_NAMESPACE_ETC / netns
    directory.mkdir(parents=True, exist_ok=True)
    text = f"nameserver {address}\n" if address else ""
    (directory / "resolv.conf").write_text(text, encoding="ascii")


def addresses(netns: str, interface: str) -> Addresses:
    """The addresses of an interface, read from the kernel."""
    text = run(["ip", "-n", netns, "-json", "addr", "show", "dev", interface])
    found = [entry for link in json.loads(text) for entry in link.get("addr_info", []) if entry["scope"] == "global"]
    ipv6 = [entry for entry in found if entry["family"] == "inet6" and not entry.get("tentative")]
    return Addresses(
        ipv4=tuple(entry["local"] for entry in found if entry["family"] == "inet"),
        ipv6=tuple(entry["local"] for entry in ipv6),
        temporary=sum(1 for entry in ipv6 if entry.get("temporary")),
    )


def open_socket(netns: str, family: int, kind: int, protocol: int = 0) -> socket.socket:
    """A socket that belongs to a namespace, for the use of this process outside of it."""
    # a thread may change its namespace without the rest of the process; this one ends right after
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(_open_in_this_thread, netns, family, kind, protocol).result()


def _open_in_this_thread(netns: str, family: int, kind: int, protocol: int) -> socket.socket:
    handle = os.open(NAMES / netns, os.O_RDONLY | os.O_CLOEXEC)
    try:
        libc = ctypes.CDLL(None, use_errno=True)  # os.setns comes with Python 3.12
        if libc.setns(handle, _CLONE_NEWNET):
            raise GatewayError(f"can't enter {netns}: {os.strerror(ctypes.get_errno())}")
    finally:
        os.close(handle)
    return socket.socket(family, kind, protocol)
