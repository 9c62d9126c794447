"""Config -> the settings of the filter, which knows nothing of the gateway."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from filters.settings import Action, FilterSettings, ForwardZone, Kind, Match, Profile, Refusal, Source, Upstream
from gateway.config.dns import Dns
from gateway.config.lists import ListSource
from gateway.config.model import Config
from gateway.config.profiles import search_level, youtube_level
from gateway.config.upstreams import parse_upstream
from gateway.probe_table import PROBE_ONLY_HOSTS


def filter_settings(config: Config) -> FilterSettings:
    """What `cong dns` and the list commands are told."""
    dns, state, portal = config.dns, config.state, config.portal
    offset = config.site.zone.utcoffset(None) or timedelta()
    scheme = "https" if portal.certificate else "http"
    return FilterSettings(
        profiles=_profiles(dns),
        sources=tuple(_source(each) for each in dns.all_lists),
        upstreams=_upstreams(dns.upstreams, dns.upstream_ca),
        blockset_directory=state.blockset_directory,
        local_rules=state.local_rules,
        counts_socket=state.counts_socket,
        local_records=(
            *((each.name, each.addresses) for each in dns.records),
            (portal.hostname, config.lan.addresses),
        ),
        checks=PROBE_ONLY_HOSTS,
        workers=dns.workers,
        block_ttl_s=dns.block_ttl_s,
        cache_bytes=dns.cache_bytes,
        utc_offset_s=int(offset.total_seconds()),
        holidays=config.site.holiday_dates,
        forward_zones=tuple(
            ForwardZone(each.zone, _upstreams(each.upstreams, dns.upstream_ca)) for each in dns.forward
        ),
        page_addresses=config.page_addresses,
        info_url=f"{scheme}://{portal.hostname}/help",
        client_qps=dns.client_qps,
        exempt=dns.exempt,
        list_networks=dns.list_networks,
        house_networks=tuple(str(each.network) for each in (config.lan.ipv4, config.lan.ipv6) if each),
        stale_s=dns.stale_s,
        mix_case=dns.mix_case,
        count_names=dns.count_names,
    )


def _profiles(dns: Dns) -> tuple[Profile, ...]:
    return tuple(
        Profile(
            name,
            each.port,
            each.always(),
            each.all_schedules(dns.school_hours),
            search_level(each.safe_search),
            youtube_level(each.youtube),
            Refusal(each.refusal),
        )
        for name, each in dns.profiles.items()
    )


def _source(each: ListSource) -> Source:
    return Source(
        each.name,
        each.category,
        each.location,
        Action(each.action),
        Match(each.match),
        Kind(each.kind),
        each.refresh_s,
        each.max_bytes,
        each.deadline_s,
    )


def _upstreams(texts: Iterable[str], ca_file: Path | None) -> tuple[Upstream, ...]:
    return tuple(
        replace(upstream, ca_file=str(ca_file) if ca_file else None)
        for text in texts
        for upstream in parse_upstream(text)
    )
