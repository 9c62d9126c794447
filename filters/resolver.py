"""Question -> answer, off the fast path: read, decide, answer at once or when the upstream has answered.

In: a packet the fast path has no ready answer for. Out: Ready, which the fast path keeps by the packet's own bytes, or
later a body to whoever asked (Asker). `answer` and `_decided` are the whole path of a question, top to bottom.
"""

import asyncio
import math
from asyncio import Future
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from filters.alias import aliased
from filters.answer import (
    TYPE_RESINFO,
    Manner,
    any_body,
    badvers_body,
    bare_error,
    error_body,
    failure_body,
    forwarded_body,
    resolver_info_body,
    verdict_body,
)
from filters.cache import Cache, is_worth_prefetching
from filters.ede import CACHED_ERROR, OTHER_ERROR, PROHIBITED, STALE_ANSWER, STALE_NXDOMAIN, Ede, reason_of
from filters.guards import TUNNEL, Shares, TunnelGuard
from filters.kept import Kept, Key, key_of
from filters.log import event
from filters.names import registered_domain, to_wire
from filters.options import Options
from filters.policy import UPSTREAM, Outcome, Verdict, decide, decide_answer
from filters.ready import Asker, Asking, Lane, Ready, Waiting, most_ttl_s
from filters.settings import FilterSettings
from filters.upstreams.forwarder import Forwarder, NoAnswerError
from filters.wire import CD, CLASS_IN, FORMERR, NOTIMP, REFUSED, TYPE_ANY, BadPacketError, Query, read_query

MAX_ASKED, MAX_WAITING = 400, 4000
"""Questions at upstreams at a time, and askers waiting for them: more is an attack or a dead line."""
STALE_AFTER_S = 1.8
"""How long a fresh answer is waited for while a stale one is at hand (RFC 8767 section 5)."""
STALE_READY_S = 1.0
"""How long it is then given without another look: the line may be back."""
_NO_TYPES = frozenset({0, 41, 249, 250, 251, 252, 253, 254})  # OPT, TKEY, TSIG, IXFR, AXFR, MAILA, MAILB
_GOES_ON = frozenset({Outcome.FORWARD, Outcome.REWRITE})
_COUNTED = frozenset({Outcome.REFUSE, Outcome.NXDOMAIN, Outcome.NODATA, Outcome.NOT_SERVED})


class Resolver:
    """The slow path of one worker."""

    def __init__(
        self,
        forwarder: Forwarder,
        cache: Cache,
        settings: FilterSettings,
        options: Options,
        now: Callable[[], float],
    ) -> None:
        self._forwarder = forwarder
        self._cache = cache
        self._settings = settings
        self._options = options
        self._now = now
        self._tunnels = TunnelGuard(settings.exempt)
        self._shares = Shares(settings.exempt)
        self._asked: dict[Key, Asking] = {}
        self._waiting = 0
        self._was_down = False

    def answer(self, packet: bytes, lane: Lane, asker: Asker) -> Ready | None:
        """An answer at once, or None: it comes later through `asker`, or the packet deserves none."""
        if len(packet) < 12 or packet[2] & 0x80:
            return None  # no header, or itself an answer: replying would let two servers talk for ever
        if packet[2] & 0x78:
            return Ready(bare_error(packet, NOTIMP), 0.0)  # opcodes but QUERY, DSO among them (RFC 8490 section 5.1)
        try:
            query = read_query(packet)
        except BadPacketError:
            return Ready(bare_error(packet, FORMERR), 0.0)
        options = self._options.reply_to(query.edns, asker.client, by_udp=asker.by_udp)
        if options:
            query = replace(query, options=options)
        ready = self._improper(query) or self._decided(query, lane, asker)
        if ready is not None and asker.by_udp and ready.valid_until and _is_shared(query, packet):
            lane.keep(packet[2:], ready)
        return ready

    @property
    def is_idle(self) -> bool:
        """Does nobody wait for an upstream?"""
        return not self._waiting

    def _improper(self, query: Query) -> Ready | None:
        if query.edns is not None and query.edns.version:
            return Ready(badvers_body(query), 0.0)
        if query.qclass != CLASS_IN:
            return Ready(error_body(query, REFUSED), 0.0)
        if query.qtype in _NO_TYPES:
            return Ready(error_body(query, NOTIMP), 0.0)
        if query.qtype == TYPE_RESINFO and query.name == "resolver.arpa":
            return Ready(resolver_info_body(query, self._settings.info_url), math.inf)
        return None

    def _decided(self, query: Query, lane: Lane, asker: Asker) -> Ready | None:
        verdict = self._verdict(query, lane, asker)
        if verdict.outcome not in _GOES_ON:
            return self._by_policy(query, verdict, lane, math.inf)
        if query.qtype == TYPE_ANY:
            return Ready(any_body(query), math.inf)
        now, key = self._now(), _key(query, verdict)
        kept = self._cache.get(key, now)
        if kept is not None:
            if is_worth_prefetching(kept, now) and not self._cache.failed_until(key, now):
                self._ask_beside(key)
            return self._resolved(query, verdict, kept, lane, asker)
        failed_until = self._cache.failed_until(key, now)
        stale = self._cache.stale(key, now)
        if stale is not None and (failed_until or self._is_hopeless(key, asker.client)):
            if not failed_until:
                self._ask_beside(key)
            return self._resolved(query, verdict, stale, lane, asker, stale_until=now + STALE_READY_S)
        if failed_until:
            return self._failed(query, lane, failed_until, Ede(CACHED_ERROR, "failed a moment ago"))
        if self._tunnels.slows(asker.client, query.name, query.qtype, now):
            body = error_body(query, REFUSED, (Ede(PROHIBITED, "too many new names of one domain"),))
            return Ready(body, 0.0, registered_domain(query.name), TUNNEL)
        return self._ask_upstream(key, query, lane, asker, verdict)

    def _verdict(self, query: Query, lane: Lane, asker: Asker) -> Verdict:
        verdict = decide(query.name, query.qtype, lane.view, lane.asker(asker.client))
        if verdict.outcome is Outcome.TRUNCATE and not asker.by_udp:
            return replace(verdict, outcome=Outcome.FORWARD)  # it has come by TCP, as it was told to
        return verdict

    def _by_policy(self, query: Query, verdict: Verdict, lane: Lane, until: float) -> Ready:
        now, settings = self._now(), self._settings
        most = most_ttl_s(lane.edge_at, now)
        ttl_s = min(settings.block_ttl_s, most)
        manner = Manner(ttl_s, refusal=lane.view.refusal, page=settings.page_addresses, info_url=settings.info_url)
        valid_until = min(until, lane.edge_at - ttl_s if ttl_s < most else now + 1)
        body = verdict_body(query, verdict, manner)
        ready = Ready(body, 0.0 if verdict.by_asker else valid_until)
        if verdict.outcome is Outcome.REFUSE or (verdict.category and verdict.outcome in _COUNTED):
            ready.domain = registered_domain(query.name)
            ready.category = verdict.category or verdict.step.value
        return ready

    def _resolved(
        self, query: Query, verdict: Verdict, kept: Kept, lane: Lane, asker: Asker, stale_until: float = 0.0
    ) -> Ready:
        """The answer made of an upstream's; `stale_until`: its life is over, and it serves until then."""
        now = self._now()
        edes, codes = kept.edes, [ede.code for ede in kept.edes]
        if stale_until:
            lane.counts.stale += 1
            edes = (Ede(STALE_NXDOMAIN if kept.is_nxdomain else STALE_ANSWER), *edes)
        if verdict.outcome is Outcome.REWRITE:
            try:
                kept = aliased(kept, query.question, to_wire(verdict.target), now, self._settings.block_ttl_s)
            except BadPacketError:
                return self._failed(query, lane, 0.0, *edes)
            forged = reason_of(verdict)
            edes = (forged, *edes) if forged else edes
        ends_at = stale_until or kept.kept_at + kept.life_s
        who = lane.asker(asker.client)
        judged = decide_answer(verdict, kept.targets, kept.telling, lane.view, query.qtype, who, codes)
        if judged.outcome not in _GOES_ON and (asker.by_udp or judged.outcome is not Outcome.TRUNCATE):
            return self._by_policy(query, judged, lane, ends_at)
        limit = query.udp_limit() if asker.by_udp else 65535
        most = most_ttl_s(lane.edge_at, now)
        message = kept.stale(most) if stale_until else kept.aged(now, most)
        body = forwarded_body(query, message, kept.question_end, limit, edes)
        domain = registered_domain(query.name) if judged.category == UPSTREAM else ""  # it counts as refused
        category = UPSTREAM if domain else ""
        if judged.by_asker:
            return Ready(body, 0.0, domain, category)
        if body[0] & 0x02 or stale_until:  # TC: no record in it counts down
            return Ready(body, ends_at, domain, category)
        ready = Ready(bytearray(body), 0.0, domain, category)
        if kept.life_s > 0:
            ready.count_down(kept, now, lane.edge_at)
        return ready

    def _ask_upstream(self, key: Key, query: Query, lane: Lane, asker: Asker, verdict: Verdict) -> Ready | None:
        asking = self._asked.get(key)
        if self._waiting >= MAX_WAITING or (asking is None and self._is_full(asker.client)):
            return self._failed(query, lane, 0.0, Ede(OTHER_ERROR, "too many open questions"))
        self._waiting += 1
        asking = asking or self._start(key, asker.client)  # or somebody asks this already
        asking.waiting.append(Waiting(query, lane, asker, verdict, lane.view))
        return None

    def _is_full(self, client: bytes) -> bool:
        return len(self._asked) >= MAX_ASKED or self._shares.is_used_up(client)

    def _is_hopeless(self, key: Key, client: bytes) -> bool:
        """Is a fresh answer not to be waited for?"""
        asking = self._asked.get(key)
        full = asking is None and self._is_full(client)
        return full or (asking is not None and asking.is_late) or self._forwarder.is_down(key)

    def _ask_beside(self, key: Key) -> None:
        """Ask for what is answered already; nobody waits, so it is left out when too much is asked."""
        if len(self._asked) < MAX_ASKED:
            self._start(key)

    def _start(self, key: Key, client: bytes = b"") -> Asking:
        """`client`: whose question it is; empty: the filter's own."""
        asking = self._asked.get(key)
        if asking is None:
            asking = self._asked[key] = Asking(client)
            self._shares.take(client)
            if self._cache.stale(key, self._now()) is not None:
                loop = asyncio.get_running_loop()
                asking.timer = loop.call_later(STALE_AFTER_S, self._give_stale, key, asking)
            self._forwarder.ask(key).add_done_callback(partial(self._came, key, asking))
        return asking

    def _came(self, key: Key, asking: Asking, future: Future[Kept]) -> None:
        """The upstreams have answered, or none of them will."""
        del self._asked[key]
        self._shares.give_back(asking.client)
        if asking.timer is not None:
            asking.timer.cancel()
        if future.cancelled():
            return  # the worker stops
        failure = future.exception()
        if failure is None:
            kept = future.result()
            self._cache.put(key, kept)
            if self._was_down:
                self._was_down = False
                self._cache.forget_failures()
            self._reply_all(key, asking, kept)
            return
        self._cache.fail(key, self._now())
        self._was_down = self._was_down or self._forwarder.is_down(key)
        self._reply_all(key, asking, failure.edes if isinstance(failure, NoAnswerError) else ())

    def _give_stale(self, key: Key, asking: Asking) -> None:
        """The upstreams take long: whoever waits gets the old answer, and the question goes on."""
        asking.is_late = True
        self._reply_all(key, asking, ())

    def _reply_all(self, key: Key, asking: Asking, came: Kept | tuple[Ede, ...]) -> None:
        waiting, asking.waiting = asking.waiting, []
        self._waiting -= len(waiting)
        for each in waiting:
            lane, asker = each.lane, each.asker
            try:
                ready = self._late(key, came, each)
            except Exception as error:  # noqa: BLE001 - one odd answer must not keep the others from theirs
                event("query.failed", "error", error=repr(error))
                continue
            if ready is None:
                continue
            if ready.category:
                lane.counts.refuse(asker.client, ready.domain, ready.category, self._now())
            asker.send(ready.body)

    def _late(self, key: Key, came: Kept | tuple[Ede, ...], waiting: Waiting) -> Ready | None:
        query, lane, asker, verdict, view = waiting
        if lane.view is not view:  # rules or lists have changed while the upstream thought
            verdict = self._verdict(query, lane, asker)
            if verdict.outcome not in _GOES_ON or _key(query, verdict) != key:
                return self._decided(query, lane, asker)
        if isinstance(came, Kept):
            ready = self._resolved(query, verdict, came, lane, asker)
            lane.counts.forwarded += not ready.category  # refused for what it leads to: counted there
            return ready
        stale = self._cache.stale(key, self._now())
        if stale is not None:
            return self._resolved(query, verdict, stale, lane, asker, stale_until=self._now() + STALE_READY_S)
        return self._failed(query, lane, 0.0, *came)

    def _failed(self, query: Query, lane: Lane, until: float, *edes: Ede) -> Ready:
        lane.counts.failed += 1
        return Ready(failure_body(query, edes), until)


def _key(query: Query, verdict: Verdict) -> Key:
    """The question to be answered: as asked, or for the name it is led to (what is put together can't be signed)."""
    if verdict.outcome is Outcome.REWRITE:
        return to_wire(verdict.target) + query.question[-4:], False, bool(query.flags & CD)
    return key_of(query)


def _is_shared(query: Query, packet: bytes) -> bool:
    """Will others ask with the same bytes? Not with a cookie in them, nor with a spelling thrown like dice (0x20)."""
    if query.edns is not None and query.edns.has_options:
        return False
    name = query.question[:-4]
    return name == name.lower()
