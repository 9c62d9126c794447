"""The box at one moment as Prometheus reads it, by its own library."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.desk.measures import Measures
from gateway.ports_dns import DnsSums


class _Of(Collector):
    def __init__(self, measures: Measures) -> None:
        self._measures = measures

    def collect(self) -> Iterable[Metric]:
        now = self._measures
        yield InfoMetricFamily("cong", "The gateway", {"version": now.version, "site": now.site})
        yield GaugeMetricFamily("cong_up_seconds", "Since the gateway started", now.up_s)
        yield _by(GaugeMetricFamily("cong_sessions", "Open sessions", labels=("profile", "kind")), now.sessions)
        carried = CounterMetricFamily(
            "cong_carried_bytes", "Bytes between the library and the line today", labels=("direction",)
        )
        yield _by(carried, {(direction,): count for direction, count in now.carried_bytes.items()})
        dns = CounterMetricFamily("cong_dns_questions", "Questions to the filter today", labels=("profile", "outcome"))
        outcomes = [name for name in DnsSums._fields if name != "questions"]
        yield _by(dns, {(who, name): getattr(sums, name) for who, sums in now.dns.items() for name in outcomes})
        refused = CounterMetricFamily("cong_dns_refusals", "Refused names today", labels=("profile", "category"))
        yield _by(refused, now.refusals)
        ages = list(now.workers)
        yield GaugeMetricFamily(
            "cong_dns_workers", "DNS workers heard of in the last minute", sum(age < 60 for age in ages)
        )
        yield GaugeMetricFamily("cong_line_up", "Whether the line answers", int(now.is_line_up))
        yield GaugeMetricFamily("cong_clock_set", "Whether the clock is set", int(now.is_clock_set))
        waiting = GaugeMetricFamily("cong_waiting", "What waits for staff", labels=("what",))
        yield _by(waiting, {(what,): count for what, count in now.waiting.items()})
        yield GaugeMetricFamily("cong_database_bytes", "Size of the database", now.database_bytes)
        yield GaugeMetricFamily("cong_disk_free_bytes", "Free on the disk that holds it", now.disk_free_bytes)


def exposition(measures: Measures) -> bytes:
    """The text format 0.0.4 of Prometheus."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Of(measures))
    return generate_latest(registry)


Labels = TypeVar("Labels", bound=tuple[str, ...])


def _by(family: Metric, counts: Mapping[Labels, int]) -> Metric:
    for labels, count in counts.items():
        family.add_metric(labels, count)  # type: ignore[attr-defined]  # each family has it, their base has not
    return family
