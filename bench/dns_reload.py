"""What it costs that lists change while a server is asked: answers lost, late or wrong, memory, time.

In: running servers with their material. Out: their Figures, completed.
"""

import time

from bench.dns_load import Pace
from bench.dns_material import Material, Plan, say
from bench.figures import Figures, Paced
from bench.memory import Peak
from bench.peers.cong import Cong
from bench.peers.peer import Peer, PeerError

RELOAD_QPS, SWAP_QPS = 1000, 500


def measure_reload(peer: Peer, figures: Figures, material: Material, plan: Plan) -> None:
    """Lists change while questions are asked: for us one list, then all; for the others the list they have."""
    for what in ("one list", "all lists") if isinstance(peer, Cong) else ("all lists",):
        say(f"reload, {what}: {peer.title}")
        marker = f"{what.replace(' ', '-')}.marker.example"
        peer.stage(material.categories, marker)
        if isinstance(peer, Cong) and what == "all lists":
            peer.touch_all()
        most = int(RELOAD_QPS * plan.longest_s)
        with Peak(peer.pids) as peak:
            pace = Pace(material.directory, peer.place.port, material.files["reload"], RELOAD_QPS, most)
            time.sleep(plan.settle_s)
            begun = time.perf_counter()
            peer.reload()
            try:
                figures.effective_s[what] = peer.seconds_until_refused(marker, begun)
            except PeerError as error:
                figures.not_measured = str(error)
                pace.ended(now=True)
                return
            time.sleep(plan.settle_s)
            figures.reloads[what] = pace.ended(now=True)
        figures.peak_mb[what] = peak.mb
    if isinstance(peer, Cong) and peer.workers == 2:
        figures.swap = _swap(peer, material, plan.swap_count)


def _swap(peer: Cong, material: Material, count: int) -> Paced:
    """So many questions at 500 a second while all lists are compiled and swapped, one time after another."""
    say(f"swap: {peer.title}")
    pace = Pace(material.directory, peer.place.port, material.files["reload"], SWAP_QPS, count)
    begun = time.perf_counter()
    number = 0
    while time.perf_counter() - begun < 0.7 * count / SWAP_QPS:
        peer.stage(material.categories, f"swap{number}.marker.example")
        peer.touch_all()
        peer.reload()
        peer.seconds_until_refused(f"swap{number}.marker.example", time.perf_counter())
        number += 1
    return pace.ended()
