"""What compiled lists cost: processor time and memory of the builder, size on disk, time of a look-up.

    python -m bench.lists [FOLDER]

In: the folder of lists (../shared/data/blocklists when none is named). Out: a table. Each compilation runs in a process
of its own, as it does beside the service; times are processor time, the best of three: other work counts little.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import dns_names
from bench.dns_material import SHARED
from filters.generations import load_current, pointed_to
from filters.settings import Action, FilterSettings, Kind, Source

_NO_LISTS = ("LICENSE", "NOTICE", "README", "global_usage")
_PARTS = ("domains", "urls", "expressions")
"""What makes a folder one list, as UT1 has it; packed files among them end in .xz."""
_ROUNDS = 3
_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Spent:
    """By one process."""

    cpu_s: float
    peak_mb: float
    """10^6 bytes, resident."""


def all_lists(folder: Path) -> list[Source]:
    """Every list of a folder in its own format, the same names in several among them: categories by their paths."""
    found: list[Source] = []
    for path in sorted(folder.rglob("*")):
        about = str(path.relative_to(folder))
        name = about.removesuffix(".xz").removesuffix(".txt").replace("/", "-").replace("!", "not-")
        if path.is_dir() and any(child.name.removesuffix(".xz") in _PARTS for child in path.iterdir()):
            usage = path / "usage"
            words = usage.read_text(encoding="utf-8").split() if usage.is_file() else []
            action = Action.ALLOW if "white" in words and "black" not in words else Action.BLOCK
            found.append(Source(name, dns_names.category_of(about), str(path), action))
        elif path.is_file() and not path.name.startswith(_NO_LISTS) and str(path.parent) not in _locations(found):
            action = Action.ALLOW if "exceptions" in path.name else Action.BLOCK
            kind = Kind.ADDRESSES if "bypass/" in about and "ip" in path.name else Kind.NAMES
            found.append(Source(name, dns_names.category_of(about), str(path), action, kind=kind))
    return found


def _locations(sources: Sequence[Source]) -> set[str]:
    return {source.location for source in sources}


def settings_of(directory: Path, sources: Sequence[Source]) -> FilterSettings:
    """What a compilation needs to be told."""
    away = directory / "none"
    return FilterSettings((), tuple(sources), (), directory / "blockset", away, away, ())


def compiled(settings: FilterSettings) -> Spent:
    """Compile in a child process."""

    def work() -> None:
        from filters.compile import update  # numpy comes with it: not into the process that measures

        update(settings)

    return _in_child(work)


def _in_child(work: Callable[[], None]) -> Spent:
    """What a child's work costs; its peak holds that of this process, which must stay small."""
    child = os.fork()
    if not child:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    _, status, used = os.wait4(child, 0)
    if status:
        raise SystemExit("the work failed")
    return Spent(used.ru_utime + used.ru_stime, used.ru_maxrss * 1.024 / 1000)


def _best(settings: FilterSettings, before: Callable[[], None]) -> Spent:
    rounds: list[Spent] = []
    for _ in range(_ROUNDS):
        before()
        rounds.append(compiled(settings))
    return Spent(min(each.cpu_s for each in rounds), max(each.peak_mb for each in rounds))


def _forget(settings: FilterSettings) -> None:
    for path in settings.blockset_directory.rglob("*"):
        if path.is_file():
            path.unlink()


def _look_up_us(settings: FilterSettings, names: Sequence[str]) -> float:
    """The median of many, each asked once."""
    blockset = load_current(settings.blockset_directory)
    assert blockset is not None
    taken: list[int] = []
    for name in names:
        begun = time.perf_counter_ns()
        blockset.matches(name)
        taken.append(time.perf_counter_ns() - begun)
    return sorted(taken)[len(taken) // 2] / 1000


def main(folder: Path) -> None:
    """Measure and tell."""
    print("| what | processor s | builder's peak MB |\n|---|---|---|")

    def tell(what: str, spent: Spent) -> None:
        print(f"| {what} | {spent.cpu_s:.2f} | {spent.peak_mb:.0f} |", flush=True)

    with tempfile.TemporaryDirectory(prefix="cong-bench-") as made:
        directory = Path(made)
        one = directory / "one.txt"
        one.write_text("one.example\n", encoding="utf-8")
        sources = [*all_lists(folder), Source("one", "other", str(one))]
        settings = settings_of(directory, sources)
        tell(f"all {len(sources)} lists, from text", _best(settings, lambda: _forget(settings)))
        tell("nothing has changed", _best(settings, lambda: None))
        tell("one small list has changed", _best(settings, lambda: _extend(one)))
        text = directory / "million.txt"
        _in_child(lambda: _write_million(text, folder))
        million = settings_of(directory / "million", [Source("million", "other", str(text))])
        tell("1,000,000 plain names, from text", _best(million, lambda: _forget(million)))
        blockset = load_current(settings.blockset_directory)
        path = pointed_to(settings.blockset_directory)
        assert blockset is not None and path is not None
        listed = text.read_text(encoding="ascii").split()
        hits = listed[:: max(1, len(listed) // _MOST)]
        open_names = [query.name for query in dns_names.read_replay(SHARED / "queries" / "replay-mixed-200k.txt.xz")]
        misses = [name for name in dict.fromkeys(open_names) if not blockset.matches(name)][:_MOST]
        print(f"\n{sum(source.names for source in blockset.sources)} names, {path.stat().st_size / 1e6:.1f} MB on disk")
        print(f"a hit {_look_up_us(settings, hits):.2f} us, a miss {_look_up_us(settings, misses):.2f} us (medians)")


def _extend(path: Path) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(f"n{path.stat().st_size}.example\n")


def _write_million(path: Path, folder: Path) -> None:
    names = [name for each in dns_names.read_folder(folder).values() for name in each][:1_000_000]
    path.write_text("\n".join(names) + "\n", encoding="ascii")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else SHARED / "blocklists")
