"""/metrics for Prometheus: sums of the box, nothing of a device, a name or a person."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.desk.api import Api
from gateway.ports_dns import DnsSums
from gateway.staff.roles import Right


@dataclass(frozen=True, slots=True)
class Measures:
    """The box at one moment."""

    version: str
    site: str
    up_s: float
    sessions: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """By profile and kind."""
    carried_bytes: Mapping[str, int] = field(default_factory=dict)
    """What passed today, by direction: as counted behind all sessions; begins anew at midnight of the site."""
    dns: Mapping[str, DnsSums] = field(default_factory=dict)
    """Of this hour and the hours of today before it, by profile."""
    refusals: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """The same by profile and category."""
    workers: Iterable[float] = ()
    """Seconds since each DNS worker was heard of."""
    is_line_up: bool = True
    is_clock_set: bool = True
    waiting: Mapping[str, int] = field(default_factory=dict)
    """What waits for staff: approvals, unblock requests."""
    database_bytes: int = 0
    disk_free_bytes: int = 0


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


def metrics_route(api: Api, measure: Callable[[], Awaitable[Measures]]) -> web.RouteDef:
    """For the desk's application; a token with the right `metrics` reads it."""

    async def metrics(request: web.Request) -> web.Response:
        await api.allowed(request, Right.METRICS)
        body = exposition(await measure())
        return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    return web.get("/metrics", api.answered(metrics))


Labels = TypeVar("Labels", bound=tuple[str, ...])


def _by(family: Metric, counts: Mapping[Labels, int]) -> Metric:
    for labels, count in counts.items():
        family.add_metric(labels, count)  # type: ignore[attr-defined]  # each family has it, their base has not
    return family
