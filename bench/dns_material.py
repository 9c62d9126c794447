"""What the DNS bench asks, how long and how often.

In: the folder of lists, when there is one. Out: names, query files. See bench/dns_names.py for what is in them.
"""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from bench import dns_names as names

ROOT = Path(__file__).parent.parent
SHARED = Path(os.environ.get("CONG_SHARED") or ROOT.parent / "shared") / "data"


@dataclass
class Plan:
    """How long and how often."""

    rounds: int = 3
    flood_s: float = 2.0
    paced_s: float = 3.0
    settle_s: float = 2.0
    """Of questions before a reload, and after it."""
    longest_s: float = 90.0
    """Of one reload."""
    swap_count: int = 10_000


@dataclass
class Material:
    """What is asked."""

    directory: Path
    categories: dict[str, list[str]]
    listed: names.Listed
    source: str
    files: dict[str, Path] = field(default_factory=dict)
    """dnsperf's files: blocked, cached, mixed; pace's: mixed (all types), reload (addresses only)."""


def material_for(directory: Path, how_many: str, quick: bool) -> Material:
    """The names and the queries, written for dnsperf and pace."""
    folder, replay = SHARED / "blocklists", SHARED / "queries" / "replay-mixed-200k.txt.xz"
    whole = not quick and folder.is_dir()
    categories = names.read_folder(folder) if whole else names.read_shipped()
    source = "the lists of shared/data/blocklists" if whole else "the lists shipped with the program"
    most = {"150k": 150_000, "1m": 1_000_000, "all": 10**9}[how_many]
    categories = names.first(categories, most)
    listed = names.Listed(categories)
    queries = names.read_replay(replay) if whole and replay.is_file() else names.made_replay(categories, 20_000)
    open_names = list(dict.fromkeys(query for query in queries if query.name not in listed))
    rows = {
        "blocked": names.blocked_queries(categories, 20_000),
        "cached": [query for query in open_names if query.type in ("A", "AAAA")][:20_000],
        "mixed": queries,
    }
    material = Material(directory, categories, listed, source)
    for row, each in rows.items():
        material.files[row] = directory / f"{row}.dnsperf"
        names.write_dnsperf(material.files[row], each)
    for row, each in {"paced": queries, "reload": [q for q in queries if q.type == "A"]}.items():
        material.files[row] = directory / f"{row}.pace"
        names.write_paced(material.files[row], each, listed)
    return material


def say(text: str) -> None:
    """Tell what goes on; figures go to the other stream."""
    print(f"bench: {text}", file=sys.stderr, flush=True)
