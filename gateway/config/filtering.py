"""Config -> the settings of the filter, which knows nothing of the gateway."""

from filters.settings import Action, FilterSettings, Match, Profile, Source, Upstream
from gateway.config.model import Config


def filter_settings(config: Config) -> FilterSettings:
    """What `cong dns` and the list commands are told."""
    return FilterSettings(
        profiles=tuple(Profile(name, p.port, frozenset(p.block)) for name, p in config.dns.profiles.items()),
        sources=tuple(
            Source(s.name, s.category, s.location, Action(s.action), Match(s.match)) for s in config.dns.lists
        ),
        upstreams=tuple(_upstream(text) for text in config.dns.upstreams),
        blockset_directory=config.state.blockset_directory,
        local_rules=config.state.local_rules,
        counts_socket=config.state.counts_socket,
        local_records=((config.portal.hostname, config.lan.addresses),),
        workers=config.dns.workers,
        block_ttl_s=config.dns.block_ttl_s,
        cache_bytes=config.dns.cache_bytes,
    )


def _upstream(text: str) -> Upstream:
    address, _, port = text.partition("@")
    return Upstream(address, int(port or 53))
