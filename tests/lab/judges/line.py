"""The line to the ISP, cut and mended."""

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.lab.driver import Lab
from gateway.lab.plan import MODEM_IPV4, MODEM_IPV6, WAN_IPV6


@contextmanager
def cut(lab: Lab) -> Iterator[None]:
    """The gateway's end is down; afterwards it has its addresses and routes again, and the modem answers."""
    wan = lab.config.wan.interface
    _ip(lab, f"link set {wan} down")
    try:
        yield
    finally:
        # going down took the IPv6 address and every route along
        _ip(
            lab,
            f"link set {wan} up",
            f"addr replace {WAN_IPV6}/64 dev {wan} nodad",
            f"route replace default via {MODEM_IPV4}",
            f"route replace default via {MODEM_IPV6}",
        )
        for modem in (MODEM_IPV4, MODEM_IPV6):
            lab.wait_until(lambda modem=modem: _answers(lab, modem), 10, f"{modem} answering again")  # type: ignore[misc]  # mypy: lambda defaults


def _ip(lab: Lab, *lines: str) -> None:
    done = lab.run("gw", ["ip", "-batch", "-"], stdin="\n".join(lines) + "\n")
    assert done.returncode == 0, done.stderr


def _answers(lab: Lab, address: str) -> bool:
    return lab.run("gw", ["ping", "-c", "1", "-W", "1", address]).returncode == 0
