"""One upstream as the forwarder sees it: asked, timed, resting when it fails.

In: a question. Out: Kept, or Failure; never an error, so that a race of several upstreams ends by itself.
"""

import asyncio
from asyncio import TaskGroup
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from filters.ede import DNSSEC_FAILED, NETWORK_ERROR, NO_REACHABLE_AUTHORITY, Ede
from filters.kept import Kept, Key, cleaned, edes_of
from filters.log import event
from filters.settings import Transport, Upstream
from filters.upstreams.message import rcode_of
from filters.upstreams.plain import PlainChannel
from filters.wire import NOERROR, NXDOMAIN, BadPacketError

REST_S, LONGEST_REST_S = 2.0, 60.0
LEAST_PATIENCE_S, FIRST_PATIENCE_S, MOST_PATIENCE_S = 0.1, 0.4, 0.8
"""How long the first asked is waited for alone: by its own round trips, as TCP does (RFC 6298 section 2)."""


class Channel(Protocol):
    """The way to one upstream by one transport."""

    try_s: float
    repeats: bool

    async def exchange(self, key: Key) -> bytes:
        """The upstream's reply to a question, its question checked."""

    def close(self) -> None:
        """Close what is open."""


@dataclass(frozen=True, slots=True)
class Failure:
    """No usable answer, and why."""

    edes: tuple[Ede, ...]
    is_final: bool = False
    """Nobody else is to be asked: the upstream has found the signatures wrong."""


Came = Kept | Failure


@dataclass(frozen=True, slots=True)
class UpstreamFigures:
    """What one worker knows of one upstream."""

    address: str
    port: int
    transport: str
    zone: str
    """The names it is asked for; empty: all."""
    asked: int
    failed: int
    rtt_ms: float | None
    """Smoothed; None: never answered."""
    resting: bool


class Server:
    """One upstream."""

    def __init__(self, upstream: Upstream, channel: Channel, now: Callable[[], float], *, ours: bool = False) -> None:
        """`ours`: a resolver of the site's own names (see filters.kept.cleaned)."""
        self._upstream = upstream
        self._channel = channel
        self._now = now
        self._ours = ours
        self._asked = self._failed = 0
        self._spread_s = self._answered_at = 0.0
        self.rtt_s = 0.0  # unknown: tried before all others
        self.failures = 0
        self.rests_until = 0.0
        self.try_s = channel.try_s
        self.repeats = channel.repeats

    @property
    def patience_s(self) -> float:
        """How long it is waited for before another is asked as well."""
        if not self.rtt_s:
            return FIRST_PATIENCE_S
        return min(max(self.rtt_s + 4 * self._spread_s, LEAST_PATIENCE_S), MOST_PATIENCE_S)

    async def ask(self, key: Key) -> Came:
        """A usable answer (NOERROR or NXDOMAIN), or why there is none."""
        began = self._now()
        self._asked += 1
        try:
            async with asyncio.timeout(self.try_s):
                reply = await self._channel.exchange(key)
            self._well(self._now() - began)
            if rcode_of(reply) in (NOERROR, NXDOMAIN):
                return cleaned(reply, self._now(), believed=self._upstream.validates, ours=self._ours)
        except TimeoutError:
            if self._answered_at > began:
                self._failed += 1  # it answers others meanwhile: this name's own servers are silent
            else:
                self._rest()
            return Failure((Ede(NO_REACHABLE_AUTHORITY, "the upstreams do not answer in time"),))
        except OSError:
            self._rest()
            return Failure((Ede(NETWORK_ERROR, "no way to the upstreams"),))
        except BadPacketError:
            self._failed += 1
            return Failure(())  # it lives: the fault is this question's
        except Exception as error:  # noqa: BLE001 - one odd answer must not end the worker for all
            event("query.failed", "error", error=repr(error))
            return Failure(())
        self._failed += 1
        edes = edes_of(reply)
        return Failure(edes, self._upstream.validates and any(ede.code in DNSSEC_FAILED for ede in edes))

    def figures(self, zone: str) -> UpstreamFigures:
        """See UpstreamFigures."""
        known = round(1000 * self.rtt_s, 1) if self.rtt_s else None
        upstream = self._upstream
        rests = self.rests_until > self._now()
        return UpstreamFigures(
            upstream.address, upstream.port, upstream.transport.value, zone, self._asked, self._failed, known, rests
        )

    def close(self) -> None:
        """Close what is open."""
        self._channel.close()

    def _rest(self) -> None:
        self._failed += 1
        self.failures += 1
        self.rests_until = self._now() + min(REST_S * 2 ** min(self.failures - 1, 10), LONGEST_REST_S)
        if self.failures == 1:
            event("upstream.rested", "warning", upstream=self._upstream.address, port=self._upstream.port)

    def _well(self, took_s: float) -> None:
        if self.failures:
            event("upstream.returned", upstream=self._upstream.address, port=self._upstream.port)
        self.failures, self.rests_until, self._answered_at = 0, 0.0, self._now()
        if self.rtt_s:
            self._spread_s += (abs(took_s - self.rtt_s) - self._spread_s) / 4
            self.rtt_s += (took_s - self.rtt_s) / 8
        else:
            self.rtt_s, self._spread_s = max(took_s, 1e-6), took_s / 2


def channel_for(upstream: Upstream, group: TaskGroup, *, mix_case: bool) -> Channel:
    """The way to an upstream. TLS and HTTP/2 are loaded only where they are used: memory of every worker."""
    match upstream.transport:
        case Transport.TLS:
            from filters.upstreams.tls import TlsChannel

            return TlsChannel(upstream, group)
        case Transport.HTTPS:
            from filters.upstreams.https import HttpsChannel

            return HttpsChannel(upstream, group)
        case Transport.PLAIN:
            return PlainChannel(upstream, mix_case=mix_case)
