"""cong doctor --portal: a fake phone walks through the portal; what it found is kept for the desk."""

import asyncio
import contextlib
import json
import os
import re
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import timedelta

from filters.errors import FilterError
from filters.explain import explain
from filters.rules import RulesFile
from filters.settings import Action, FilterSettings, Kind
from filters.sources import fetched_directory, read_source
from gateway.access.client import Mac, phone_mac
from gateway.cli.certificate import portal_verdict
from gateway.cli.hours import decided_calendar
from gateway.clock import SystemClock
from gateway.config.fields import Path
from gateway.config.filtering import filter_settings
from gateway.config.model import Config
from gateway.errors import GatewayError
from gateway.kernel.dhcp import portal_api_url
from gateway.line import Line
from gateway.pages import text
from gateway.phone import check
from gateway.phone.cable import Cable
from gateway.phone.findings import Errand, Finding, Outcome, Why, why
from gateway.phone.kept import Kept, kept_in
from gateway.service.before_opening import look_is_due
from gateway.store.db import Database
from gateway.store.starts import SqliteStarts

OPEN_NAMES = ("www.wikipedia.org", "www.example.com", "vnexpress.net")
"""Asked after login; one that has an address is enough."""
_LINES_TRIED, _NAMES_TRIED = 400, 12


def last(config: Config) -> Kept | None:
    """The last result; None when there is none that can be read."""
    return kept_in(config.state.self_check)


def self_check(config: Config, tell: Callable[[Finding], None], *, as_port: bool | None = None) -> Kept:
    """Walk, tell each finding, keep them all. GatewayError when the phone can't be made."""
    began, found = SystemClock().now(), list[Finding]()

    def both(finding: Finding) -> None:
        found.append(finding)
        tell(finding)

    fault = _firewall_fault()
    both(Finding("firewall", Outcome.FAULT if fault else Outcome.OK, "fault" if fault else "ok", {"why": fault}))
    errand = _errand(config, asyncio.run(_phone_mac(config)))
    cable = Cable(config.lan.interface, isolated=config.lan.isolate)
    check.run(errand, cable, config.state.run_directory / "self-check.lock", both, as_port=as_port)
    if errand.signs_in and any(each.step == "sign_in" for each in found):
        browsed = any((each.step, each.text) in (("online", "ok"), ("online", "some")) for each in found)
        both(_ledger(config, errand.mac, int(began.timestamp()), browsed=browsed))
    kept = Kept(began, tuple(found))
    _keep(config.state.self_check, kept)
    return kept


def is_due(config: Config) -> bool:
    """Is the next opening near, and was nothing looked at for it yet? Decided extra openings and closures count."""
    now, kept = SystemClock().now(), last(config)
    calendar = decided_calendar(config, now - timedelta(days=1)).calendar
    return look_is_due(calendar, now, kept.at if kept else None)


def told(finding: Finding, language: str) -> tuple[str, str, str]:
    """Name of the step, what was seen, and what to do (empty where nothing is)."""
    step = f"phone.{finding.step}"
    hint = text(language, f"{step}.hint") if finding.outcome is Outcome.FAULT else ""
    values = {name: _words(value, language) for name, value in finding.values.items()}
    return text(language, step), text(language, f"{step}.{finding.text}", **values), hint


def _words(value: str | int | Sequence[Why], language: str) -> str | int:
    """Reasons as words, by kind of device; a plain value as it is."""
    if isinstance(value, str | int):
        return value
    by_kind: dict[str, list[str]] = {}
    for each in value:
        by_kind.setdefault(each["of"], []).append(text(language, f"phone.why.{each['key']}", said=each["said"]))
    return "; ".join(f"{of}: {', '.join(said)}" if of else ", ".join(said) for of, said in by_kind.items())


async def _phone_mac(config: Config) -> Mac:
    async with Database.opened(config.state.database) as database:
        return phone_mac(await SqliteStarts(database).secret("phone"))


def _errand(config: Config, mac: Mac) -> Errand:
    settings, lan, verdict = filter_settings(config), config.lan, portal_verdict(config)
    profile = config.session.profile
    return Errand(
        mac=mac,
        gateway4=str(lan.ipv4.ip),
        network6=str(lan.ipv6.network) if lan.ipv6 else "",
        portal_host=config.portal.hostname,
        announced=(portal_api_url(config) or "") if verdict and verdict.is_valid else "",
        https_is_dropped=config.portal.https_before_login == "drop",
        signs_in="terms" in config.login.methods,
        open_names=tuple(name for name in OPEN_NAMES if _word(settings, name, profile) != "block"),
        blocked_name=next(_blocked_names(settings, profile), ""),
        page4=config.page_addresses[0],
        line_is_up=asyncio.run(_line_is_up(config, settings)),
    )


def _blocked_names(settings: FilterSettings, profile: str) -> Iterator[str]:
    """Names the profile refuses now: local rules first, then those that begin a list."""
    for name in _candidates(settings, profile):
        if _word(settings, name, profile) == "block":
            yield name


def _candidates(settings: FilterSettings, profile: str) -> Iterator[str]:
    rules = RulesFile(settings.local_rules)
    rules.refresh()
    yield from (rule.name for rule in rules.rules.all if rule.action is Action.BLOCK)
    refused = next(each.categories for each in settings.profiles if each.name == profile)
    for source in settings.sources:
        if source.kind is Kind.NAMES and source.category in refused and source.action is Action.BLOCK:
            with contextlib.suppress(FilterError, OSError):
                head = b"\n".join(read_source(source, fetched_directory(settings)).splitlines()[:_LINES_TRIED])
                named = re.findall(rb"(?:^|\s|\|\|)((?:[a-z0-9-]+\.)+[a-z]{2,24})(?=[\s^]|$)", head, re.MULTILINE)
                yield from (name.decode("ascii") for name in named[:_NAMES_TRIED])


def _word(settings: FilterSettings, name: str, profile: str) -> str:
    try:
        return explain(settings, name, profile).word
    except FilterError:
        return ""


async def _line_is_up(config: Config, settings: FilterSettings) -> bool:
    line = Line(config.wan.interface, settings.upstreams)
    for _ in range(3):
        await line.look()
        if line.is_up_now:
            return True
    return False


def _firewall_fault() -> list[Why]:
    """Are the rules in the kernel? A ruleset that is gone looks like many other faults."""
    paths = os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin"
    command = ["nft", "list", "chain", "inet", "cong", "forward"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=10, env={**os.environ, "PATH": paths}
    )
    if done.returncode:
        return [why("quoted", (done.stderr.strip().splitlines() or ["nft"])[0])]
    return [] if "policy drop" in done.stdout and "reject" in done.stdout else [why("empty_chain")]


_LEDGER = """
SELECT s.id, s.state, s.cause, s.counted, s.total_up_bytes + s.total_down_bytes AS bytes
FROM sessions AS s JOIN clients AS c ON c.id = s.client_id
WHERE c.mac = :mac AND s.opened_at >= :since ORDER BY s.id DESC LIMIT 1
"""


def _ledger(config: Config, mac: str, since_s: int, *, browsed: bool) -> Finding:
    """What the books say of the phone's session."""
    address = f"file:{config.state.database}?mode=ro"
    try:
        with contextlib.closing(sqlite3.connect(address, uri=True, timeout=5)) as database:
            row = database.execute(_LEDGER, {"mac": mac, "since": since_s - 1}).fetchone()
    except sqlite3.Error as error:
        return Finding("ledger", Outcome.FAULT, "fault", {"why": [why("quoted", error)]})
    if row is None:
        return Finding("ledger", Outcome.FAULT, "fault", {"why": [why("no_session")]})
    number, state, cause, counted, total = row
    if (state, cause, counted) != ("closed", "user-request", 0) or (browsed and not total):
        seen = f"{number}: {state}, {cause}, counted {counted}, {total} B"
        return Finding("ledger", Outcome.FAULT, "fault", {"why": [why("session", seen)]})
    return Finding("ledger", Outcome.OK, "ok", {"session": number, "bytes": total})


def _keep(path: Path, kept: Kept) -> None:
    tree = {"at": kept.at.isoformat(timespec="seconds"), "good": kept.is_good}
    new = path.with_suffix(".new")
    try:
        new.write_text(json.dumps({**tree, "findings": [asdict(each) for each in kept.findings]}), encoding="utf-8")
        new.replace(path)
    except OSError as error:
        raise GatewayError(f"the result can't be kept: {error.strerror}", where=str(path)) from error
