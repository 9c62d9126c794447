"""What `cong dns stats` shows: the day's and the hour's sums, refusals, and each worker's last report."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from gateway.clock import SystemClock, local_day
from gateway.config.model import Config
from gateway.control.client import NotRunningError, ask
from gateway.flows.filter_figures import begins, spans
from gateway.ports_dns import DnsCounts, DnsSums
from gateway.store.db import Database, require_file
from gateway.store.dns_counts import SqliteDnsCounts
from gateway.units import show_bytes

SILENT_S = 5.0
"""A worker reports each second; after this long without a word something is wrong."""
_TOP = 20

Figures = dict[str, Any]


async def gathered(config: Config) -> Figures:
    """All figures; the keys are a contract."""
    require_file(config.state.database)
    note, workers = "", list[Figures]()
    try:
        workers = ask(config.state.control_socket, "GET", "/dns")["workers"]
    except NotRunningError as error:
        note = f"{error.message}: these are the last stored counts, and nothing is known of the workers"
    now = SystemClock().now()
    since = begins(now, config.site.zone)
    async with Database.opened(config.state.database) as database:
        store = SqliteDnsCounts(database)
        counted = await spans(store, now, config.site.zone)
        top = await store.top_names(local_day(now, config.site.zone), _TOP)
    return {
        "note": note,
        **{
            word: {"since": since[word].astimezone(config.site.zone).isoformat(), "profiles": _profiles(counts)}
            for word, counts in counted.items()
        },
        "names_counted": config.dns.count_names,
        "names": [{"category": category, "name": name, "count": count} for category, name, count in top],
        "workers": [_aged(worker, now) for worker in workers],
        "silent": [] if note else _silent(workers, config.dns.workers),
    }


def told(figures: Figures) -> str:
    """The same for people."""
    lines = [f"note: {figures['note']}"] if figures["note"] else []
    for word, title in (("today", "Today"), ("hour", "This hour")):
        lines += [f"{title} (since {figures[word]['since'][11:16]})", *_table(figures[word]["profiles"]), ""]
    if figures["names_counted"]:
        lines += [
            "Most refused today",
            *(f"  {n['count']:>7}  {n['name']}  ({n['category']})" for n in figures["names"]),
        ]
        lines += [""]
    lines += ["Workers", *_workers(figures["workers"])]
    lines += [f"  {each}" for each in figures["silent"]]
    lines += ["Upstreams", *_upstreams(figures["workers"])]
    return "\n".join(lines)


def _profiles(counts: DnsCounts) -> Figures:
    names = sorted({*counts.sums, *(profile for profile, _ in counts.refusals)})
    return {name: _profile(name, counts.sums.get(name, DnsSums()), counts.refusals) for name in names}


def _profile(name: str, sums: DnsSums, refusals: Mapping[tuple[str, str], int]) -> Figures:
    answered = sums.questions - sums.refused
    return {
        **sums._asdict(),
        "cached_share": round(sums.cached / answered, 3) if answered > 0 else None,
        "refusals": {category: count for (profile, category), count in refusals.items() if profile == name},
    }


def _aged(worker: Figures, now: datetime) -> Figures:
    built_at = worker.get("built_at") or 0
    return {**worker, "generation_age_s": max(0, int(now.timestamp() - built_at)) if built_at else None}


def _silent(workers: Sequence[Figures], expected: int) -> list[str]:
    if not workers:
        return ["no worker has reported: does cong dns run? (systemctl status cong-dns)"]
    quiet = [
        f"worker {worker['worker']} has not reported for {worker['age_s']:.0f} s"
        for worker in workers
        if worker["age_s"] > SILENT_S
    ]
    missing = sorted(set(range(expected)) - {worker["worker"] for worker in workers})
    return quiet + [f"worker {number} has not reported yet" for number in missing]


_COLUMNS = ("questions", "refused", "cached", "forwarded", "stale", "failed", "limited")


def _table(profiles: Figures) -> Iterable[str]:
    if not profiles:
        yield "  nothing was asked"
        return
    yield f"  {'profile':10}" + "".join(f"{column:>11}" for column in _COLUMNS) + "  from cache"
    for name, sums in profiles.items():
        share = "-" if sums["cached_share"] is None else f"{100 * sums['cached_share']:.0f} %"
        yield f"  {name:10}" + "".join(f"{sums[column]:>11}" for column in _COLUMNS) + f"{share:>12}"
    for name, sums in profiles.items():
        if sums["refusals"]:
            told_refusals = ", ".join(f"{category} {count}" for category, count in sums["refusals"].items())
            yield f"  {name} was refused: {told_refusals} (a device's repeats within 30 s count once)"


def _workers(workers: Sequence[Figures]) -> Iterable[str]:
    if workers:
        yield f"  {'no.':>3}  {'lists':>8}  {'made':>10}  {'rules':>6}  {'memory':>9}  {'cache':>9}  last word"
    for worker in workers:
        age = worker["generation_age_s"]
        made = "-" if age is None else f"{age // 3600} h ago" if age >= 3600 else f"{age // 60} min ago"
        memory, cache = show_bytes(worker["rss_bytes"]), show_bytes(worker["cache_bytes"])
        yield (
            f"  {worker['worker']:>3}  {worker['generation']:>8}  {made:>10}  {worker['rules']:>6}"
            f"  {memory:>9}  {cache:>9}  {worker['age_s']:.1f} s ago"
        )
    if workers:
        yield f"  together {show_bytes(sum(worker['rss_bytes'] for worker in workers))} (shared pages in each)"


def _upstreams(workers: Sequence[Figures]) -> Iterable[str]:
    """Each upstream once: sums of all workers, the worst round trip."""
    together: dict[tuple[str, int, str, str], list[Figures]] = {}
    for worker in workers:
        for each in worker["upstreams"]:
            together.setdefault((each["address"], each["port"], each["transport"], each["zone"]), []).append(each)
    for (address, port, transport, zone), figures in together.items():
        times = [each["rtt_ms"] for each in figures if each["rtt_ms"] is not None]
        rtt = f"{max(times):.0f} ms" if times else "never answered"
        rests = sum(each["resting"] for each in figures)
        health = f"rests in {rests} of {len(figures)} workers" if rests else "well"
        asked, failed = sum(each["asked"] for each in figures), sum(each["failed"] for each in figures)
        of_zone = f" for {zone}" if zone else ""
        yield f"  {address} port {port} ({transport}){of_zone}: asked {asked}, failed {failed}, {rtt}, {health}"
