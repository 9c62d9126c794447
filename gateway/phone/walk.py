"""The walk: what a reader's phone does from switching on Wi-Fi to leaving, each step a Finding.

A step that makes the next ones pointless ends the walk: what is told is the first thing to mend, not its echoes.
"""

import base64
import contextlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode, urljoin, urlsplit

from gateway.clock import SystemClock
from gateway.phone import network
from gateway.phone.asking import Question, Reply, reply_to
from gateway.phone.dhcp import Offer
from gateway.phone.findings import Errand, Finding, Outcome, Value, Why, listed, why
from gateway.phone.form import Form, post_form
from gateway.phone.judging import answered, captive_fault, online_fault
from gateway.phone.network import RefusedError, SilentError, unnamed
from gateway.phone.online import Beliefs, is_core
from gateway.probe_table import PROBES, Probe

LARGEST_PAGE_BYTES = 30_000
_PAGE_PATIENCE_S = 10.0
_REFUSED_WITHIN_S = 1.0
_ASKS_AGAIN_S = 1.0
"""The first question after login may come over a port that still leads to where it led before; the gateway forgets
such connections within 0.3 s (kernel/conntrack)."""
_NOWHERE = ("0.0.0.0", "::")


class _EndsError(Exception):
    """What comes after would only be the echo of this."""


class Walk:
    """One phone's way; `tell` is given each Finding as it is made."""

    def __init__(self, errand: Errand, tell: Callable[[Finding], None]) -> None:
        self._errand = errand
        self._tell = tell
        self._clock = SystemClock()
        self._began_s = self._clock.boot_s()
        self._portal = f"http://{errand.portal_host}/"
        self._offer: Offer | None = None
        self._page: tuple[str, str] = ("", "")

    def go(self) -> None:
        """All of it; the lease is given back in any case."""
        with contextlib.suppress(_EndsError):
            try:
                self._steps()
            finally:
                if self._offer:
                    network.give_back(self._errand.mac, self._offer)

    def _steps(self) -> None:
        self._lease()
        self._ipv6()
        self._end_what_is_left()
        self._garden()
        self._captive()
        form = self._splash()
        if not self._errand.signs_in:
            self._note("sign_in", "no_terms")
            return
        self._sign_in(form)
        try:
            if self._open_name():
                self._online()
            self._blocked()
        finally:
            self._leave()

    def _lease(self) -> None:
        errand = self._errand
        offer = network.lease(errand.mac)
        if offer is None:
            self._fault("lease", ends=True)
            return
        self._offer = offer
        if errand.gateway4 not in (offer.router, offer.resolver) or offer.router != offer.resolver:
            self._fault("lease", "elsewhere", ends=True, server=offer.server, router=offer.router)
        network.use(offer)
        self._ok("lease", address=offer.address, server=offer.server)
        if offer.portal != errand.announced:
            self._fault("announced", got=offer.portal or "-", wanted=errand.announced or "-")
        elif offer.portal:
            self._ok("announced", url=offer.portal)

    def _ipv6(self) -> None:
        if not self._errand.network6:
            return
        if address := network.wait_ipv6(self._errand.network6):
            self._ok("ipv6", address=address)
        else:
            self._fault("ipv6")

    def _end_what_is_left(self) -> None:
        """A walk that was killed may have left its session: it would go on, and nobody would be captive."""
        status = urljoin(self._portal, "/status")
        page = base64.b64decode(self._get(status).get("body", "")).decode(errors="replace")
        if form := post_form(page, "/end"):
            self._post(status, form)

    def _garden(self) -> None:
        errand = self._errand
        try:
            portal = network.look_up(errand.gateway4, errand.portal_host, patience_s=1)
            site = network.look_up(errand.gateway4, "www.example.com", patience_s=1)
        except (SilentError, RefusedError) as error:
            self._fault("garden", ends=True, why=[unnamed(error)])
            return
        if portal != errand.gateway4:
            self._fault("garden", "elsewhere", ends=True, name=errand.portal_host, address=portal)
        self._ok("garden", name=errand.portal_host, address=portal, site=site)

    def _captive(self) -> None:
        questions = list(self._questions(captive=True))
        with ThreadPoolExecutor() as pool:  # what is dropped is known by its silence: those wait together
            apart = [(probe, pool.submit(self._timed, question)) for probe, question in questions if probe.https]
            told = [(probe, *self._timed(question)) for probe, question in questions if not probe.https]
            told += [(probe, *each.result()) for probe, each in apart]
        faults: dict[str, list[Why]] = {}
        slow_ms = 0
        for probe, reply, took_ms in told:
            if fault := captive_fault(probe, reply, self._portal):
                faults.setdefault(probe.client, fault)
            elif probe.https and not self._errand.https_is_dropped:
                slow_ms = max(slow_ms, took_ms)
        if faults:
            self._fault("captive", ends=True, kinds=listed(faults))
        self._ok("captive", questions=len(told), kinds=len({probe.client for probe in PROBES}))
        if self._errand.https_is_dropped:
            self._ok("https", "dropped")
        elif slow_ms > _REFUSED_WITHIN_S * 1000:
            self._fault("https", took=slow_ms)
        else:
            self._ok("https", took=slow_ms)

    def _timed(self, question: Question) -> tuple[Reply, int]:
        began_s = self._clock.boot_s()
        return reply_to(question), round((self._clock.boot_s() - began_s) * 1000)

    def _splash(self) -> Form:
        reply = self._get(f"{self._portal}?way=terms" if self._errand.signs_in else self._portal)
        body = base64.b64decode(reply.get("body", ""))
        form = post_form(body.decode(errors="replace"), "/login")
        if reply.get("status") != 200 or form is None:
            self._fault("page", ends=True, why=[answered(reply)])
            raise _EndsError
        if len(body) > LARGEST_PAGE_BYTES:
            self._fault("page", "large", bytes=len(body))
        else:
            self._ok("page", bytes=len(body))
        return form

    def _sign_in(self, form: Form) -> None:
        reply = self._post(self._portal, form)
        where = reply.get("headers", {}).get("location", "")
        if reply.get("status") != 303 or not urlsplit(where).path.startswith("/status"):
            self._fault("sign_in", ends=True, why=[answered(reply)])
        status = urljoin(self._portal, where)
        page = base64.b64decode(self._get(status).get("body", "")).decode(errors="replace")
        if post_form(page, "/end") is None:
            self._fault("sign_in", "no_status", ends=True)
        self._page = (status, page)
        self._ok("sign_in")

    def _open_name(self) -> bool:
        """Does the filter answer, and the line carry?"""
        errand, last, names = self._errand, why("no_address"), ", ".join(self._errand.open_names)
        for name in errand.open_names:
            try:
                address = network.look_up(errand.gateway4, name, patience_s=4)
            except SilentError as error:
                self._fault("filter", why=[unnamed(error)])
                return False
            except RefusedError as error:
                last = unnamed(error)
            else:
                self._ok("filter", name=name, address=address)
                return True
        if errand.line_is_up:
            self._fault("filter", "refused", name=names, why=[last])
        else:
            self._note("filter", "line", name=names)
        return False

    def _online(self) -> None:
        beliefs = self._asked_online()
        if beliefs.led:  # a device asks again, too
            time.sleep(_ASKS_AGAIN_S)  # noqa: TID251 - the gateway's event does not reach a phone: it waits by the clock
            beliefs = self._asked_online()
        self._say("online", *beliefs.told(line_is_up=self._errand.line_is_up))

    def _asked_online(self) -> Beliefs:
        beliefs = Beliefs()
        for probe, question in self._questions(captive=False):
            named = question["address"]
            beliefs.add(
                probe, online_fault(probe, reply_to(question), self._portal) if named else [why("refused_name")]
            )
        return beliefs

    def _blocked(self) -> None:
        errand = self._errand
        if not errand.blocked_name:
            self._note("blocked", "none")
            return
        try:
            address = network.look_up(errand.gateway4, errand.blocked_name)
        except RefusedError:
            address = _NOWHERE[0]
        except SilentError:
            return  # told of the filter already
        if address == errand.page4:
            reply = reply_to(_question(address, errand.blocked_name, "/"), _PAGE_PATIENCE_S)
            if "failed" in reply:
                self._fault("blocked", "no_page", name=errand.blocked_name, why=[answered(reply)])
                return
        elif address not in _NOWHERE:
            self._fault("blocked", name=errand.blocked_name, address=address)
            return
        self._ok("blocked", name=errand.blocked_name)

    def _leave(self) -> None:
        status, page = self._page
        form = post_form(page, "/end")
        reply = self._post(status, form) if form else Reply(failed="")
        if reply.get("status") != 303:
            self._fault("end", why=[answered(reply) if form else why("no_form")])
            return
        probe, question = next(self._questions(captive=True))
        if fault := captive_fault(probe, reply_to(question), self._portal):
            self._fault("end", "still_on", why=fault)
        else:
            self._ok("end")

    def _questions(self, *, captive: bool) -> Iterator[tuple[Probe, Question]]:
        """Each kind's questions as it asks them, the name looked up first; IPv6 too for the kinds most readers have."""
        known: dict[tuple[str, str], str] = {}
        for kind in ("A", "AAAA") if self._errand.network6 else ("A",):
            for probe in PROBES:
                if kind == "AAAA" and not (captive and is_core(probe)):
                    continue
                if kind == "A" and probe.host.startswith("ipv6."):
                    continue
                if (probe.host, kind) not in known:
                    known[probe.host, kind] = self._address(probe.host, kind)
                for agent in probe.agents[:1] if kind == "AAAA" else probe.agents:
                    asked = _question(known[probe.host, kind], probe.host, probe.target, agent, https=probe.https)
                    yield probe, asked

    def _address(self, host: str, kind: str) -> str:
        try:
            found = network.look_up(self._errand.gateway4, host, kind)
        except (SilentError, RefusedError):
            return ""
        return "" if found in _NOWHERE else found

    def _get(self, url: str) -> Reply:
        parts = urlsplit(url)
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        return reply_to(_question(self._errand.gateway4, self._errand.portal_host, target), _PAGE_PATIENCE_S)

    def _post(self, page: str, form: Form) -> Reply:
        parts = urlsplit(urljoin(page, form.action))
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        question = _question(self._errand.gateway4, self._errand.portal_host, target)
        question["form"] = urlencode(form.fields)
        return reply_to(question, _PAGE_PATIENCE_S)

    def _ok(self, step: str, text: str = "ok", **values: Value) -> None:
        self._say(step, Outcome.OK, text, values)

    def _note(self, step: str, text: str, **values: Value) -> None:
        self._say(step, Outcome.NOTE, text, values)

    def _fault(self, step: str, text: str = "fault", *, ends: bool = False, **values: Value) -> None:
        self._say(step, Outcome.FAULT, text, values)
        if ends:
            raise _EndsError

    def _say(self, step: str, outcome: Outcome, text: str, values: dict[str, Value]) -> None:
        now_s = self._clock.boot_s()
        ms, self._began_s = round((now_s - self._began_s) * 1000), now_s
        self._tell(Finding(step, outcome, text, values, ms))


def _question(address: str, host: str, target: str, agent: str = "", *, https: bool = False) -> Question:
    family = 6 if ":" in address else 4
    return Question(address=address, family=family, https=https, host=host, target=target, agent=agent)
