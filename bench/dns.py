"""Our filter beside other servers in one run: speed, latency, memory, load time, and what a reload costs.

    make bench-dns               all names of ../shared/data/blocklists, or of the shipped lists; table into README.md
    python -m bench.dns --quick  us and dnsmasq for a second each: does the bench itself work?

All servers stand side by side on loopback ports with the same names and forward to the same upstream; the rows of speed
are taken in turns, round after round, and medians are told. Needs two cores: in the rows of speed the server under
test has the first, dnsperf and the upstream the second. A reload is asked at 1,000 questions a second, not pinned.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

from bench.dns_load import Pace, build, flood, free_port, once, responder
from bench.dns_material import ROOT, Material, Plan, material_for, say
from bench.dns_profile import profile
from bench.dns_reload import measure_reload
from bench.dns_table import Machine, markdown, write_into
from bench.figures import Figures
from bench.memory import resident_sum
from bench.peers.cong import Cong
from bench.peers.others import PEERS, Dnsmasq, missing
from bench.peers.peer import Peer, PeerError, Place

BOUND = "bound (C echo)"
LATENCY_QPS = 5000


def main() -> None:
    """Measure, print, write."""
    options = _options()
    tools = ["gcc", "dnsperf", *([Dnsmasq.program] if options.quick else [])]
    absent = [tool for tool in tools if not shutil.which(tool)] + ([] if options.quick else missing())
    if absent:
        sys.exit(f"bench: not there: {', '.join(absent)}; run: .ci/setup bench")
    with tempfile.TemporaryDirectory(prefix="cong-bench-") as directory:
        Path(directory).chmod(0o755)  # servers may read their lists as another user
        build(Path(directory))
        if options.profile:
            _profile(Path(directory), options)
        else:
            _measure(Path(directory), options)


def _measure(directory: Path, options: argparse.Namespace) -> None:
    begun = time.perf_counter()
    plan = Plan(1, 1.0, 1.0, 0.5, 20.0, 1500) if options.quick else Plan(rounds=options.rounds)
    material = material_for(directory, options.names, options.quick)
    with ExitStack() as stack:
        upstream_port = free_port()
        upstream = stack.enter_context(responder(directory, "upstream", upstream_port))
        peers = _peers(directory, upstream_port, options)
        for peer in peers:
            stack.callback(peer.stop)
        figures = [_loaded(peer, material) for peer in peers]
        served = [(peer, each) for peer, each in zip(peers, figures, strict=True) if not each.not_measured]
        bound = Figures(BOUND, "")
        with responder(directory, "echo", port := free_port()) as echo:
            places = [(peer.place.port, peer.pids(), each) for peer, each in served]
            _speed([(port, [echo], bound), *places], upstream, material, plan)
        for peer, each in served:
            measure_reload(peer, each, material, plan)
    command = " ".join(["python -m bench.dns", *sys.argv[1:]])
    machine = Machine.here(material.source, len(material.listed), time.perf_counter() - begun, command)
    text = markdown([bound, *figures], machine)
    print(text)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        raw = {"machine": asdict(machine), "servers": [asdict(each) for each in [bound, *figures]]}
        options.json.write_text(json.dumps(raw, ensure_ascii=False, indent=1), encoding="utf-8")
    if options.write:
        write_into(ROOT / "README.md", text)


def _profile(directory: Path, options: argparse.Namespace) -> None:
    material = material_for(directory, options.names, options.quick)
    with responder(directory, "upstream", upstream_port := free_port()):
        server = _cong(directory, "cong", upstream_port, options)
        try:
            figures = _loaded(server, material)
            print(figures.not_measured or profile(server, material.files["mixed"]))
        finally:
            server.stop()


def _cong(directory: Path, name: str, upstream_port: int, options: argparse.Namespace, workers: int = 1) -> Cong:
    title = "Cổng" if workers == 1 else f"Cổng, {workers} workers"
    server = Cong(Place(directory / name, free_port(3), upstream_port), title, workers=workers)
    server.cache = options.cache or server.cache
    return server


def _peers(directory: Path, upstream_port: int, options: argparse.Namespace) -> list[Peer]:
    kinds = (Dnsmasq,) if options.quick else PEERS
    others = [kind for kind in kinds if options.only.lower() in kind.title.lower()]
    return [
        _cong(directory, "cong", upstream_port, options),
        _cong(directory, "cong2", upstream_port, options, workers=2),
        *(kind(Place(directory / kind.__name__, free_port(3), upstream_port)) for kind in others),
    ]


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    options.add_argument("--names", choices=("150k", "1m", "all"), default="all", help="how many of the lists' names")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--cache", default="", help="our dns.cache; without it, room for the whole replay")
    options.add_argument("--only", default="", help="servers whose title has this word, and us")
    options.add_argument("--json", type=Path, help="all raw figures, into this file")
    options.add_argument("--write", action="store_true", help="put the table into README.md")
    options.add_argument("--profile", action="store_true", help="only tell where our worker's time goes (perf)")
    options.add_argument("--quick", action="store_true", help="us and dnsmasq, few names, a second each")
    return options.parse_args()


def _loaded(peer: Peer, material: Material) -> Figures:
    """Started, twice, and seen to answer rightly."""
    say(f"{peer.title}: load")
    figures = Figures(peer.title, peer.version(), peer.how_reloaded, isinstance(peer, Cong))
    last = list(material.categories.values())[-1][-1]
    try:
        peer.write(material.categories)
        for attribute in ("load_s", "again_s"):
            begun = time.perf_counter()
            peer.start()
            setattr(figures, attribute, peer.seconds_until_refused(last, begun))
            if attribute == "load_s":
                peer.stop()
        figures.list_mb = peer.list_bytes() / 1e6
        _check(peer, material)
        figures.cold_qps = once(peer.place.port, material.files["mixed"]).qps
        for row in ("blocked", "cached", "mixed"):  # the last one asked stays, whatever the room is
            once(peer.place.port, material.files[row])
        figures.rss_mb, figures.pss_mb = resident_sum(peer.pids())
    except PeerError as error:
        peer.stop()
        figures.not_measured = str(error)
        say(figures.not_measured)
    return figures


def _check(peer: Peer, material: Material) -> None:
    """A server that answers wrongly is not measured."""
    for category in material.categories.values():
        for name in (category[0], f"www.{category[-1]}"):
            if not peer.refuses(name, 2.0):
                raise PeerError(f"{peer.title} lets {name} through")
    for name in ("open.example", "www.open.example"):
        if not peer.ask(name, 2.0) or peer.refuses(name, 2.0):
            raise PeerError(f"{peer.title} does not answer {name}")


def _speed(places: list[tuple[int, list[int], Figures]], upstream: int, material: Material, plan: Plan) -> None:
    """The rows of speed and latency, in turns."""
    with _two_cores(
        upstream, [pid for _, pids, each in places if "workers" not in each.title for pid in pids]
    ) as cores:
        for number in range(plan.rounds):
            for row in ("blocked", "cached", "mixed"):
                for port, _, each in places:
                    say(f"round {number + 1}: {row}: {each.title}")
                    rate = flood(port, material.files[row], plan.flood_s, cores if "workers" not in each.title else "")
                    each.rates.setdefault(row, []).append(rate.qps)
                    each.rates_lost += rate.lost
    for number in range(plan.rounds):
        for port, _, each in places[1:]:
            say(f"round {number + 1}: {LATENCY_QPS} a second: {each.title}")
            count = int(LATENCY_QPS * plan.paced_s)
            each.latency.append(Pace(material.directory, port, material.files["paced"], LATENCY_QPS, count).ended())


@contextmanager
def _two_cores(upstream: int, servers: list[int]) -> Iterator[str]:
    """Servers on one core, the upstream (and dnsperf, by the value given) on another."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        say("one core only: nothing is pinned")
        yield ""
        return

    def pin(pids: list[int], to: set[int]) -> None:
        for pid in pids:
            for thread in Path(f"/proc/{pid}/task").iterdir():
                os.sched_setaffinity(int(thread.name), to)

    pin(servers, {cores[0]})
    pin([upstream], {cores[1]})
    yield str(cores[1])
    pin([*servers, upstream], set(cores))


if __name__ == "__main__":
    main()
