"""Areas of the desk for the filter."""

import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gateway.child import Commands
from gateway.clock import Clock
from gateway.config.model import Config
from gateway.daemon.house import Built
from gateway.desk.aside import Aside
from gateway.desk.filter_looking import LookingDesk, filter_looking
from gateway.desk.filter_names import NameDesk, filter_names
from gateway.desk.filter_profiles import filter_profiles
from gateway.desk.filter_sources import SourceDesk, filter_sources
from gateway.desk.filter_words import normal
from gateway.desk.table import Area
from gateway.flows.filter_lists import FilterLists, Tried
from gateway.flows.filter_profiles import FilterProfiles
from gateway.flows.rule_texts import RuleTexts
from gateway.flows.settings import Settings
from gateway.store.db import Database
from gateway.store.dns_counts import SqliteDnsCounts
from gateway.store.overlay import OverlayFile
from gateway.store.requests import SqliteRequests
from gateway.store.rule_texts import SqliteRuleTexts
from gateway.store.rules import SqliteRules

_FETCH_S = 3 * 3600.0
"""As cong-lists.service has it: one list may take its whole deadline, and there may be many."""
_QUICK_S = 30.0


@dataclass(frozen=True, slots=True)
class Filter:
    """The areas, and what goes on behind them as long as the gateway runs."""

    areas: list[Area]
    work: Callable[[], Coroutine[None, None, None]]


def filter_desk(house: Built, settings: Settings) -> Filter:
    """Of a running house."""
    return build_filter_desk(house.config, house.config_path, house.database, house.clock, settings)


def build_filter_desk(config: Config, path: Path, database: Database, clock: Clock, settings: Settings) -> Filter:
    """Everything about the filter, over its own commands."""
    zone, names = config.site.zone, tuple(config.dns.profiles)
    noted = config.state.run_directory / "lists-wanted.json"
    lists = FilterLists(settings, Commands(path, _QUICK_S), Commands(path, _FETCH_S), clock, noted)
    profiles = FilterProfiles(settings)
    rules, overlay = SqliteRules(database), OverlayFile(config.state.local_rules)
    texts = RuleTexts(rules, overlay, SqliteRuleTexts(database), clock, normal)
    own = NameDesk(rules, overlay, SqliteRequests(database), texts, lists, names, clock, zone)
    tried: Aside[Tried] = Aside(clock, partial(secrets.token_urlsafe, 12))
    areas = [
        filter_profiles(profiles),
        filter_names(own),
        filter_sources(SourceDesk(lists, profiles, tried)),
        filter_looking(LookingDesk(lists, SqliteDnsCounts(database), names, clock, zone)),
    ]
    return Filter(areas, lists.run)
