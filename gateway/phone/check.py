"""One run of the phone: its process, its cable, its findings; nothing is left of it, however it ends."""

import contextlib
import fcntl
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from threading import Timer
from types import FrameType

from gateway.errors import GatewayError
from gateway.phone.cable import Cable
from gateway.phone.device import GO, READY
from gateway.phone.findings import Errand, Finding, Outcome, finding_of, why

_WITHIN_S = 240.0
"""Of a walk whose every question goes unanswered; a good one takes some seconds."""


def run(
    errand: Errand, cable: Cable, lock: Path, tell: Callable[[Finding], None], *, as_port: bool | None = None
) -> None:
    """Walk; each finding is told as it is made. GatewayError when the phone can't be made, or another walks.

    `as_port`: see Cable.plug.
    """
    with _alone(lock), _ended_by_term(), _phone(errand) as (phone, say), contextlib.ExitStack() as left:
        left.callback(cable.unplug)
        cable.plug(phone.pid, errand.mac, as_port=as_port)
        say(GO)
        assert phone.stdout
        for line in phone.stdout:
            tell(finding_of(json.loads(line)))
        assert phone.stderr
        if phone.wait():
            said = phone.stderr.read().strip().splitlines()
            reason = why("quoted", said[-1]) if said else why("too_long")
            tell(Finding("phone", Outcome.FAULT, "fault", {"why": [reason]}))


@contextlib.contextmanager
def _phone(errand: Errand) -> Iterator[tuple[subprocess.Popen[str], Callable[[str], None]]]:
    command = [sys.executable, "-P", "-m", "gateway.phone.device"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as phone:
        ending = Timer(_WITHIN_S, phone.kill)
        ending.start()

        def say(line: str) -> None:
            assert phone.stdin
            phone.stdin.write(line + "\n")
            phone.stdin.flush()

        try:
            assert phone.stdout and phone.stderr
            with contextlib.suppress(BrokenPipeError):
                say(json.dumps(asdict(errand)))
            if phone.stdout.readline().strip() != READY:
                raise GatewayError(
                    f"the phone can't be made: {phone.stderr.read().strip()[-500:]}",
                    where="self-check",
                    hint="run it as root, or allow user namespaces",
                )
            yield phone, say
        finally:
            ending.cancel()
            phone.kill()


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise GatewayError("another self-check is running", where="self-check", hint="wait a minute") from None
        yield


@contextlib.contextmanager
def _ended_by_term() -> Iterator[None]:
    """SIGTERM leaves by the same door as every other end."""

    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
