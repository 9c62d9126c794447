"""The lab as a whole: up in the order a real box boots, down whatever is left of it, one daemon started anew."""

import contextlib
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

from gateway.clock import SystemClock
from gateway.config.load import load_config
from gateway.config.model import Config
from gateway.errors import GatewayError, UsageError
from gateway.lab import clients, configuration, internet, netns, processes, wires
from gateway.lab.daemons import DAEMONS, Daemons
from gateway.lab.plan import DNS_IPV4, GATEWAY, ISP, MAX_CLIENTS, STAFF, ClientPlan, is_ours
from gateway.lab.processes import Process
from gateway.lab.state import Files, State

_PROGRAMS = {
    "ip": "iproute2",
    "nft": "nftables",
    "dnsmasq": "dnsmasq-base",
    "dhclient": "isc-dhcp-client",
    "iperf3": "iperf3",
    "openssl": "openssl",
}
Say = Callable[[str], None]


def up(files: Files, count: int, *, daemons: bool, extra: Path | None, say: Say) -> State:
    """Bring the whole lab up; what fails half-way takes down again what was made."""
    if not 1 <= count <= MAX_CLIENTS:
        raise UsageError(f"{count} clients: the lab makes 1 to {MAX_CLIENTS}")
    _check_programs()
    with _one_at_a_time():
        if standing := netns.ours():
            raise GatewayError(
                f"the lab is up already ({', '.join(standing)})",
                hint="use it (cong lab status), or remove it first: cong lab down",
            )
        try:
            return _build(files, [ClientPlan(number + 1) for number in range(count)], daemons, extra, say)
        except BaseException:
            _remove_all(files)
            raise


def down(files: Files) -> int:
    """Remove everything of the lab, whatever became of it; gives the number of namespaces there were."""
    with _one_at_a_time():
        return _remove_all(files)


def restart(files: Files, name: str) -> Process:
    """Start a daemon again: a running one is asked to stop first, a killed one leaves only its workers to clear."""
    state = files.load()
    if state is None or not state.daemons:
        raise GatewayError("no lab with daemons is up", hint="cong lab up")
    daemons = Daemons(files, load_config(files.config))
    if old := state.processes.get(name):
        processes.end([member for member in processes.family(old) if member == old], grace_s=5)
        processes.end(processes.family(old), grace_s=1)
    process = daemons.start(name)
    files.save(state.with_process(name, process))
    daemons.wait_ready(name, process)
    return process


def _build(files: Files, plans: list[ClientPlan], with_daemons: bool, extra: Path | None, say: Say) -> State:
    clock = SystemClock()
    began = clock.boot_s()

    def _step(text: str) -> None:
        say(f"{clock.boot_s() - began:5.1f} s  {text}")

    files.make()
    configuration.write(files.config, files.directory, extra)
    config = load_config(files.config)
    state = State(len(plans), with_daemons)
    files.save(state)

    _make_namespaces(config, plans, static=not with_daemons)
    _step(f"namespaces {ISP}, {GATEWAY}, {', '.join(plan.netns for plan in plans)}")
    net = internet.start(files)
    state = State(len(plans), with_daemons, net)
    files.save(state)

    daemons = Daemons(files, config)
    if with_daemons:
        daemons.load_firewall()
        _step("firewall loaded; links go up")
    netns.batch(wires.gateway_up(config, plans), GATEWAY)
    netns.batch(wires.staff_up(), STAFF)
    internet.wait_ready_all(files, net)
    _step("the ISP's side answers")
    if not with_daemons:
        _give_static_addresses(config, plans)
        return state
    for name in DAEMONS:
        state = state.with_process(name, daemons.start(name))
        files.save(state)
    for name in DAEMONS:
        daemons.wait_ready(name, state.processes[name])
        _step(f"{name} answers")
    user = daemons.make_desk_user()
    clients.prepare(files)
    for plan in plans:
        state = state.with_process(f"dhclient-{plan.name}", clients.start(files, plan))
        files.save(state)
    clients.wait_addresses(config, files, plans)
    _step(f"{len(plans)} clients have their addresses")
    daemons.wait_desk_user(user)
    files.save(state)
    return state


def _make_namespaces(config: Config, plans: list[ClientPlan], *, static: bool) -> None:
    try:
        netns.batch(wires.make(config, plans))
    except GatewayError as error:
        raise GatewayError(
            f"namespaces and their links can't be made: {error.message}",
            hint="a container needs CAP_SYS_ADMIN and CAP_NET_ADMIN for that; or run it on the machine itself",
        ) from error
    for name, resolver in (
        (ISP, DNS_IPV4),
        (GATEWAY, DNS_IPV4),
        (STAFF, None),
        *((plan.netns, None) for plan in plans),
    ):
        netns.set_resolver(name, resolver)
    netns.write_sysctls(ISP, wires.isp_sysctls())
    netns.batch(wires.isp(config) + (wires.isp_static(config) if static else []), ISP)
    netns.batch(wires.gateway_links(config, plans), GATEWAY)
    netns.write_sysctls(GATEWAY, wires.gateway_sysctls(config))
    for plan in plans:
        netns.write_sysctls(plan.netns, wires.client_sysctls())


def _give_static_addresses(config: Config, plans: list[ClientPlan]) -> None:
    for plan in plans:
        netns.set_resolver(plan.netns, DNS_IPV4)
        netns.batch(wires.client_up() + wires.client_static(config, plan), plan.netns)


def _remove_all(files: Files) -> int:
    """Processes first (a namespace lives on while one is in it), then names, then files."""
    names = netns.ours()
    inodes = {number for name in names if (number := netns.inode(name)) is not None}
    own = Path("/proc/self/ns/net").stat().st_ino
    if own in inodes:
        raise UsageError("this runs inside the lab", hint="call it from outside")
    state = files.load()
    recorded = [process for process in state.processes.values() if processes.is_alive(process)] if state else []
    grace_s = 0.7
    # again and again: what was just killed may have been starting something
    while left := {*processes.in_namespaces("net", inodes), *(process for process in recorded)}:
        processes.end(left, grace_s=grace_s)
        recorded, grace_s = [], 0.0
    if names:
        netns.batch([f"netns del {name}" for name in names])
    _remove_resolvers()
    files.remove()
    return len(names)


def _remove_resolvers() -> None:
    if not netns.PER_NAMESPACE_ETC.is_dir():
        return
    for entry in netns.PER_NAMESPACE_ETC.iterdir():
        if is_ours(entry.name):
            shutil.rmtree(entry)
    with contextlib.suppress(OSError):  # somebody else's are in it
        netns.PER_NAMESPACE_ETC.rmdir()


def _check_programs() -> None:
    path = processes.ENVIRONMENT["PATH"]
    missing = [package for program, package in _PROGRAMS.items() if not shutil.which(program, path=path)]
    if missing:
        raise GatewayError(
            f"programs of the Debian packages {', '.join(missing)} are missing",
            hint=f"make setup, or: sudo apt-get install {' '.join(missing)}",
        )


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """A name in the abstract socket space: freed by the kernel when its holder dies, however it dies."""
    with socket.socket(socket.AF_UNIX) as lock:
        try:
            lock.bind("\0cong-lab")
        except OSError as error:
            raise GatewayError(
                "another cong lab command is at work", hint="wait until it is done, or end it"
            ) from error
        yield
