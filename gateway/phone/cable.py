"""The cable between the phone and the library network's interface, so that the box sees it as any device there.

A bridge gets one port more. Any other interface is one cable to an access point, and the box can't put a device on its
far end; so what the phone sends is taken in as if it had come over that interface (tc: redirect to its ingress), and
what the box sends out there to the phone's MAC, or to all, goes to the phone (redirect, mirror). Other devices' frames
are looked at and left alone.
"""

import os
import subprocess
from pathlib import Path

from gateway.errors import GatewayError
from gateway.phone.network import INTERFACE

PLUG = "cong-plug"
TO_PHONE, TO_ALL = 49150, 49151
"""Preferences of our filters on the interface: by them a later run knows them."""


class Cable:
    """Plugged in between the phone's process and an interface; all of it goes with unplug()."""

    def __init__(self, lan: str, *, isolated: bool) -> None:
        """`isolated`: as the interface's other ports are, when it is a bridge."""
        self._lan = lan
        self._isolated = isolated

    def plug(self, pid: int, mac: str, *, as_port: bool | None = None) -> None:
        """Connect the network of a process. `as_port`: by a port of the bridge; None: where there is one."""
        self.unplug()
        lan = self._lan
        _run("ip", f"link add {PLUG} type veth peer name {INTERFACE} address {mac} netns {pid}")
        _run("ip", f"link set {PLUG} addrgenmode none")
        if as_port if as_port is not None else Path(f"/sys/class/net/{lan}/bridge").is_dir():
            _run("ip", f"link set {PLUG} master {lan}")
            if self._isolated:
                _run("ip", f"link set {PLUG} type bridge_slave isolated on")
        else:
            # frames are the interface's own for the kernel only if they were so where they came in
            _run(
                "ip",
                f"link set {PLUG} address {Path(f'/sys/class/net/{lan}/address').read_text(encoding='ascii').strip()}",
            )
            _run("tc", f"qdisc add dev {PLUG} clsact")
            _run("tc", f"filter add dev {PLUG} ingress protocol all u32 match u32 0 0 {_sent('ingress redirect', lan)}")
            if not _run("tc", f"qdisc show dev {lan} clsact").strip():
                _run("tc", f"qdisc add dev {lan} clsact")
            add = f"filter add dev {lan} egress protocol all"
            plain = mac.replace(":", "")  # the frame's head lies 14 bytes before what offsets count from
            to_phone = " ".join(f"match u16 0x{plain[at : at + 4]} 0xffff at {at // 2 - 14}" for at in (0, 4, 8))
            _run("tc", f"{add} pref {TO_PHONE} u32 {to_phone} {_sent('egress redirect', PLUG)}")
            _run("tc", f"{add} pref {TO_ALL} u32 match u8 0x01 0x01 at -14 {_sent('egress mirror', PLUG)} continue")
        _run("ip", f"link set {PLUG} up")

    def unplug(self) -> None:
        """Take away what is there, of this run or of one that was killed."""
        for preference in (TO_PHONE, TO_ALL):
            _run("tc", f"filter del dev {self._lan} egress pref {preference}", may_fail=True)
        held = [
            _run("tc", f"filter show dev {self._lan} {side}", may_fail=True).strip() for side in ("ingress", "egress")
        ]
        if not any(held):
            _run("tc", f"qdisc del dev {self._lan} clsact", may_fail=True)
        _run("ip", f"link del {PLUG}", may_fail=True)


def _sent(how: str, device: str) -> str:
    return f"action mirred {how} dev {device}"


def _run(program: str, arguments: str, *, may_fail: bool = False) -> str:
    paths = os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin"
    command = [program, *arguments.split()]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=10, check=False, env={**os.environ, "PATH": paths}
    )
    if done.returncode and not may_fail:
        hint = "run it as root" if "permitted" in done.stderr else ""
        raise GatewayError(f"{program} {arguments}: {done.stderr.strip()}", where="self-check", hint=hint)
    return "" if done.returncode else done.stdout
