"""The DNS bench's figures as a table in Markdown, and its place in README.md.

In: Figures of each server and what machine they are of. Out: text. A row is a measure, a column a server; where we are
not ahead of every other server, the row says so.
"""

import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.figures import Figures, Paced
from bench.readme import cpu_model, write_between

BEGIN, END = "<!-- bench-dns: begin (made by make bench-dns) -->", "<!-- bench-dns: end -->"
Value = Callable[[Figures], float | None]


@dataclass(frozen=True, slots=True)
class Machine:
    """What the figures are of."""

    date: str
    kernel: str
    cpu: str
    cores: int
    source: str
    names: int
    took_s: float
    command: str

    @classmethod
    def here(cls, source: str, names: int, took_s: float, command: str) -> "Machine":
        """This machine, today."""
        return cls(
            datetime.now(UTC).strftime("%Y-%m-%d"),
            platform.release(),
            cpu_model(),
            len(os.sched_getaffinity(0)),
            source,
            names,
            took_s,
            command,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One measure."""

    title: str
    value: Value
    more_is_better: bool
    form: str = ",.0f"
    compared: bool = True
    noise: float = 0.0
    """A difference below this says nothing: it counts as even."""


def _rate(row: str) -> Value:
    return lambda figures: figures.rate(row)


def _latency(which: str) -> Value:
    return lambda figures: figures.latency_ms(which)


def _of_reload(which: str, what: str) -> Value:
    def value(figures: Figures) -> float | None:
        paced = figures.reloads.get(what)
        return None if paced is None else float(getattr(paced, which))

    return value


def _plain(which: str) -> Value:
    return lambda figures: getattr(figures, which) or None


def _by_reload(which: str, what: str) -> Value:
    return lambda figures: getattr(figures, which).get(what)


def _rows() -> list[Row]:
    rows = [Row(f"{row}, questions/s", _rate(row), True) for row in ("blocked", "cached", "mixed")]
    rows += [
        Row("mixed from an empty cache, questions/s", _plain("cold_qps"), True),
        Row("p50 at 5,000/s, ms", _latency("p50_ms"), False, ".3f"),
        Row("p99 at 5,000/s, ms", _latency("p99_ms"), False, ".3f"),
        Row("resident (RSS), MB", _plain("rss_mb"), False, ".0f"),
        Row("resident (PSS), MB", _plain("pss_mb"), False, ".0f"),
        Row("from text lists to the first right answer, s", _plain("load_s"), False, ".2f"),
        Row("started again, s", _plain("again_s"), False, ".2f"),
        Row("lists as it reads them, MB", _plain("list_mb"), False, ".0f", compared=False),
    ]
    for what in ("all lists", "one list"):
        rows += [
            Row(f"{what} changed: in effect after, s", _by_reload("effective_s", what), False, ".2f"),
            Row("– answers lost", _of_reload("lost", what), False),
            Row("– slower than 100 ms", _of_reload("slow", what), False),
            Row("– longest gap, ms", _of_reload("gap_ms", what), False, ".0f", noise=1.0),
            Row("– wrong answers", _of_reload("wrong", what), False),
            Row("– highest RSS, MB", _by_reload("peak_mb", what), False, ".0f"),
        ]
    return rows


def markdown(servers: Sequence[Figures], machine: Machine) -> str:
    """The whole section: where, how, the table, where we are not ahead."""
    shown = [each for each in servers if not each.not_measured]
    ours = next(each for each in shown if each.ours)
    others = [each for each in shown if not each.ours and each.version]  # the bound has no version and competes not
    lines = [
        f"`{machine.command}` on {machine.date}: {machine.cpu}, {machine.cores} cores, kernel {machine.kernel}; "
        f"{machine.names:,} names ({machine.source}), each with all below it; {machine.took_s / 60:.0f} minutes.",
        "",
        "| | " + " | ".join(each.title for each in shown) + " | ahead? |",
        "|---" * (len(shown) + 2) + "|",
    ]
    behind: list[str] = []
    for row in _rows():
        lines.append(_line(row, shown, ours, others, behind))
    lines.append("")
    lines += _notes(servers, ours)
    if behind:
        lines += ["", "**Not ahead:** " + "; ".join(behind) + "."]
    return "\n".join(lines) + "\n"


def _line(row: Row, shown: Sequence[Figures], ours: Figures, others: Sequence[Figures], behind: list[str]) -> str:
    values = {each.title: row.value(each) for each in shown}
    cells = ["–" if values[each.title] is None else format(values[each.title], row.form) for each in shown]
    word = ""
    mine = values[ours.title]
    if row.compared and mine is not None:
        ahead_of_us = [
            each.title
            for each in others
            if (its := values[each.title]) is not None
            and (its - mine if row.more_is_better else mine - its) > row.noise
            and format(its, row.form) != format(mine, row.form)
        ]
        if ahead_of_us:
            word = "**no**"
            behind.append(f"{row.title.removeprefix('– ')} ({', '.join(ahead_of_us)})")
        else:
            word = _lead(row, mine, [its for each in others if (its := values[each.title]) is not None])
    return f"| {row.title} | " + " | ".join(cells) + f" | {word} |"


def _lead(row: Row, mine: float, theirs: Sequence[float]) -> str:
    """By how much we are ahead of the best of the others."""
    if not theirs:
        return ""
    best = max(theirs) if row.more_is_better else min(theirs)
    better, worse = (mine, best) if row.more_is_better else (best, mine)
    if worse <= 0 or better <= 0 or format(mine, row.form) == format(best, row.form):
        return "yes" if abs(mine - best) > row.noise else "even"
    return f"{better / worse:.1f}x"


def _notes(servers: Sequence[Figures], ours: Figures) -> list[str]:
    reloaded = "; ".join(f"{each.title}: {each.how_reloaded}" for each in servers if each.how_reloaded)
    versions = ", ".join(f"{each.title} {each.version}" for each in servers if each.version and not each.ours)
    notes = [
        "Medians of alternated rounds; one serving process or thread each unless said, pinned to one core in the rows "
        "of questions/s, dnsperf (`-c 8 -q 100`) and the upstream on the other. blocked: addresses of 20,000 listed "
        "names; cached: 20,000 other questions; mixed: the replay; all warm, with room for all in every cache. "
        "Cổng with three profiles, schedules, counts told to a listener, guards at their defaults. Reload: 1,000 "
        "questions/s, not pinned; lost: no answer in 5 s. Cổng's highest RSS includes `cong lists update`, and counts "
        "pages its processes share for each.",
        "",
        f"Reloaded by: {reloaded}.",
        "",
        f"Versions: {versions}.",
    ]
    notes += [f"\n{each.title} not measured: {each.not_measured}." for each in servers if each.not_measured]
    for each in servers:
        if each.swap is not None:
            notes += ["", f"{each.title}, {_swap(each.swap)}"]
    lost = [f"{each.title} {each.rates_lost}" for each in servers if each.rates_lost]
    if lost:
        notes += ["", f"Answers lost in the rows of questions/s: {', '.join(lost)}."]
    return notes


def _swap(paced: Paced) -> str:
    return (
        f"{paced.asked:,} questions at 500/s while all lists are compiled and swapped again and again: "
        f"{paced.lost} lost, {paced.wrong} wrong, p50 {paced.p50_ms:.2f} ms, p99 {paced.p99_ms:.2f} ms, "
        f"longest {paced.most_ms:.1f} ms."
    )


def write_into(path: Path, text: str) -> None:
    """Replace what stands between the two marker lines; ValueError when they are not there."""
    write_between(path, BEGIN, END, text)
