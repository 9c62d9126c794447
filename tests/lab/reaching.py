"""What a client's programs get when they try to reach something (see reach), and how long refusals take."""

import json
import sys
import time
from collections.abc import Iterable

from gateway.lab.driver import Lab

CAME_THROUGH = {"open", "echo", "reply"}


def attempts(lab: Lab, client: str, *targets: str) -> dict[str, str]:
    """Outcome by target, tried side by side."""
    done = lab.run(client, [sys.executable, "-m", "tests.lab.reach", *targets], timeout=30)
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


def all_refused_at_once(lab: Lab, client: str, targets: Iterable[str]) -> None:
    """Every target says so itself: a program falls back without waiting."""
    outcomes = attempts(lab, client, *targets)
    assert set(outcomes.values()) == {"refused"}, outcomes


def fails_within(lab: Lab, client: str, command: list[str], limit_s: float) -> str:
    """A program that can't do its work and knows it soon; what it says."""
    begun = time.monotonic()
    done = lab.run(client, command)
    took_s = time.monotonic() - begun
    assert done.returncode != 0, done.stdout
    assert took_s < limit_s, f"{took_s:.1f} s: {done.stderr}"
    return done.stdout + done.stderr


def privacy_address(lab: Lab, client: str) -> str:
    """The address the device made up for today (RFC 8981)."""
    listed = json.loads(lab.run(client, ["ip", "-j", "-6", "address", "show", "dev", "eth0"]).stdout)
    return next(str(each["local"]) for each in listed[0]["addr_info"] if each.get("temporary"))
