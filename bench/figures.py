"""What the DNS bench finds out about one server: values only."""

import statistics
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Paced:
    """What became of questions asked at a fixed rate; lost: no answer within 5 s."""

    asked: int
    lost: int
    slow: int
    """Answered after more than 100 ms."""
    wrong: int
    """A listed name was let through, or another one was not answered with its address."""
    p50_ms: float
    p99_ms: float
    most_ms: float
    gap_ms: float
    """The longest time without any answer."""


@dataclass
class Figures:
    """One server's. Sizes in MB of 10^6 bytes; `rates` and `latency` have a value a round."""

    title: str
    version: str
    how_reloaded: str = ""
    ours: bool = False
    rates: dict[str, list[float]] = field(default_factory=dict)
    """By row (blocked, cached, mixed): questions a second."""
    rates_lost: int = 0
    cold_qps: float = 0.0
    """The replay, each question once, from an empty cache."""
    latency: list[Paced] = field(default_factory=list)
    load_s: float = 0.0
    again_s: float = 0.0
    """Started again with lists it knows."""
    list_mb: float = 0.0
    rss_mb: float = 0.0
    pss_mb: float = 0.0
    reloads: dict[str, Paced] = field(default_factory=dict)
    """By what was changed: one list, all lists."""
    effective_s: dict[str, float] = field(default_factory=dict)
    peak_mb: dict[str, float] = field(default_factory=dict)
    swap: Paced | None = None
    """10,000 questions at 500 a second while all lists are compiled and swapped again and again."""
    not_measured: str = ""

    def rate(self, row: str) -> float | None:
        """The median of the rounds."""
        return statistics.median(self.rates[row]) if self.rates.get(row) else None

    def latency_ms(self, which: str) -> float | None:
        """The median of the rounds' p50_ms or p99_ms."""
        return statistics.median(getattr(each, which) for each in self.latency) if self.latency else None
