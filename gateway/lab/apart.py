"""A lab that the host does not see: in a user namespace, with its own network, /run and /etc.

That is how a lab runs without root. Root gets the same with CONG_LAB_APART=NAME in the environment: several labs side
by side on one machine. A `sleep`, the holder, keeps the namespaces; each command enters them (nsenter) and does there
what it does for root. The lab's directory lies in /tmp/cong-lab-UID, seen from both sides under one name.
"""

import json
import os
import select
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType

from gateway.errors import GatewayError
from gateway.lab import processes
from gateway.lab.plan import DEFAULT_DIRECTORY
from gateway.lab.processes import Process
from gateway.lab.state import Files

DIRECTORY_VARIABLE = "CONG_LAB_DIRECTORY"
_INSIDE_VARIABLE = "CONG_LAB_INSIDE"
_NAME_VARIABLE = "CONG_LAB_APART"

# `ip netns` wants to write /run/netns and /etc/netns: both become small file systems of our own, /etc full of links to
# the true one. An overlay would do for /etc too, but not on every kernel without root.
_SETUP = """\
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/netns /run/etc
mount --rbind /etc /run/etc
mount -t tmpfs -o mode=755 tmpfs /etc
cd /run/etc
for entry in * .[!.]*; do ln -s "/run/etc/$entry" "/etc/$entry"; done
rm -rf /etc/netns /etc/resolv.conf
touch /etc/resolv.conf
echo ready
exec sleep infinity >/dev/null 2>&1
"""


@dataclass(frozen=True, slots=True)
class _Holder:
    process: Process
    user_namespace: int


def is_wanted() -> bool:
    """Must this command go on in other namespaces? Not for root on its own machine, nor when it is there already."""
    return _INSIDE_VARIABLE not in os.environ and (os.geteuid() != 0 or bool(os.environ.get(_NAME_VARIABLE)))


def is_inside() -> bool:
    """Does this run in namespaces that were made for the lab? Then this machine's loopback is another."""
    return _INSIDE_VARIABLE in os.environ


def run_inside(command: str, arguments: list[str]) -> int:
    """Run `cong ARGUMENTS` inside and give its exit code.

    `up` and `demo` make the place; `down`, the end of `demo` and a failed `up` remove it.
    """
    os.environ[DIRECTORY_VARIABLE] = str(default_directory())
    holder = _load()
    if holder and not processes.is_alive(holder.process):
        _remove(holder)  # what a crash left
        holder = None
    if holder is None and command == "down":
        print("no lab is up")
        return 0
    if holder is None and command not in ("up", "demo"):
        raise GatewayError("the lab is not up", hint="cong lab up")
    if holder is not None and command == "exec":
        os.execvpe("nsenter", _inner(holder, arguments), {**processes.ENVIRONMENT, **_marks()})
    made = holder is None
    code = 1
    try:
        if holder is None:
            holder = _make_holder()
        code = _call(holder, arguments)
    finally:
        if holder is not None and (command == "down" or (made and (command == "demo" or code != 0))):
            _remove(holder)
    return code


def entrance() -> list[str]:
    """What stands before a command to run it where the lab is; nothing when that is here."""
    if not is_wanted():
        return []
    holder = _load()
    if holder is None or not processes.is_alive(holder.process):
        raise GatewayError("the lab is not up", hint="cong lab up")
    return _enter(holder)


def default_directory() -> Path:
    """Where a lab keeps its files when nothing else is said."""
    if given := os.environ.get(DIRECTORY_VARIABLE):
        return Path(given)
    return _base() / "lab" if is_wanted() else DEFAULT_DIRECTORY


def _call(holder: _Holder, arguments: list[str]) -> int:
    child = subprocess.Popen(_inner(holder, arguments), env={**processes.ENVIRONMENT, **_marks()})

    def _forward(number: int, _frame: FrameType | None) -> None:
        child.send_signal(number)  # Ctrl-C reaches both by itself; what takes part acts on the first only

    old = {number: signal.signal(number, _forward) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        return child.wait()
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


def _inner(holder: _Holder, arguments: list[str]) -> list[str]:
    program = [sys.executable, "-P", "-c", "from gateway.cli.main import main; main()"]
    return [*_enter(holder), "env", "-C", str(Path.cwd()), *program, *arguments]


def _marks() -> dict[str, str]:
    return {_INSIDE_VARIABLE: "1", DIRECTORY_VARIABLE: os.environ[DIRECTORY_VARIABLE]}


def _enter(holder: _Holder) -> list[str]:
    return ["nsenter", "--preserve-credentials", "--user", "--net", "--mount", "--target", str(holder.process.pid)]


def _make_holder() -> _Holder:
    _make_base()
    child = subprocess.Popen(
        ["unshare", "--user", "--map-root-user", "--net", "--mount", "sh", "-ec", _SETUP],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env=processes.ENVIRONMENT,
        cwd="/",
    )
    try:
        holder = _await_holder(child)
        _record().write_text(json.dumps(asdict(holder)), encoding="ascii")
    except BaseException:
        child.kill()
        child.wait()
        _base().rmdir()
        raise
    return holder


def _await_holder(child: subprocess.Popen[bytes]) -> _Holder:
    assert child.stdout is not None and child.stderr is not None
    process = processes.this_process(child.pid)
    readable, _, _ = select.select([child.stdout], [], [], 10)
    if not readable or child.stdout.readline() != b"ready\n" or process is None:
        child.kill()
        said = child.stderr.read().decode(errors="replace").strip()
        raise GatewayError(
            f"this machine gives users no namespaces of their own: {said or 'no answer within 10 s'}",
            hint="run it as root: sudo cong lab up (or allow user namespaces: sysctl kernel.unprivileged_userns_clone, "
            "user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns)",
        )
    return _Holder(process, Path(f"/proc/{process.pid}/ns/user").stat().st_ino)


def _remove(holder: _Holder) -> None:
    """End every process of the user namespace: with the last one its networks and mounts go too."""
    while left := _members(holder):
        processes.end(left, grace_s=0)
    Files(Path(os.environ[DIRECTORY_VARIABLE])).remove()
    _record().unlink(missing_ok=True)
    _base().rmdir()


def _members(holder: _Holder) -> list[Process]:
    """Its processes; none older than the holder, so that a namespace number given anew is no mistake."""
    found = processes.in_namespaces("user", {holder.user_namespace})
    return [process for process in found if process.start_ticks >= holder.process.start_ticks]


def _load() -> _Holder | None:
    try:
        tree = json.loads(_record().read_text(encoding="ascii"))
        return _Holder(Process(**tree["process"]), int(tree["user_namespace"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _base() -> Path:
    name = os.environ.get(_NAME_VARIABLE)
    return Path("/tmp") / f"cong-lab-{os.geteuid()}{f'-{name}' if name else ''}"


def _record() -> Path:
    return _base() / "holder.json"


def _make_base() -> None:
    """Our own directory in a place where anyone may make one first."""
    base = _base()
    base.mkdir(mode=0o700, exist_ok=True)
    found = base.lstat()
    if base.is_symlink() or not base.is_dir() or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise GatewayError("is not ours", where=str(base), hint="somebody else made it: have it removed")
