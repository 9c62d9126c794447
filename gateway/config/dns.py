"""[dns]: the filter. A profile is a port with what it refuses; the kernel picks it by client."""

from pydantic import Field, model_validator

from gateway.config.fields import Address, DurationS, Hostname, Network, Path, Section, SizeBytes, Token
from gateway.config.lists import SHIPPED, ListSource
from gateway.config.profiles import PAY, PLAY, Profile, SchoolHours
from gateway.config.upstreams import UpstreamText


class ForwardZone(Section):
    """Names that other resolvers answer."""

    zone: Hostname = Field(description="The name, with all below it")
    upstreams: tuple[UpstreamText, ...] = Field(min_length=1, description="Resolvers that know it")


class LocalRecord(Section):
    """A name this box answers by itself."""

    name: Hostname = Field(description="The name, exactly")
    addresses: tuple[Address, ...] = Field(min_length=1, description="Its IPv4 and IPv6 addresses")


_HARM = ("adult", "fake-topup", "gambling", "threats")


class Dns(Section):
    """The filter."""

    upstreams: tuple[UpstreamText, ...] = Field(
        ("9.9.9.9", "149.112.112.112"),
        min_length=1,
        description='Resolvers that are asked, by address: "9.9.9.9", "192.0.2.1@5353", "tls://9.9.9.9#dns.quad9.net", '
        '"https://1.1.1.1/dns-query#cloudflare-dns.com", or "preset:quad9" (cloudflare, google, cloudflare-family, '
        'cleanbrowsing-family, adguard-family, opendns-family; "-tls" or "-https" after it). " validates" after one '
        "that checks DNSSEC passes its word on",
    )
    upstream_ca: Path | None = Field(
        None, description="Certificates (PEM) that tls:// and https:// resolvers are checked by; empty: the system's"
    )
    forward: tuple[ForwardZone, ...] = Field((), description="Names that other resolvers answer: zone, upstreams")
    records: tuple[LocalRecord, ...] = Field((), description="Names this box answers by itself: name, addresses")
    workers: int = Field(2, ge=1, le=16, description="Worker processes")
    block_ttl_s: DurationS = Field(
        30, alias="block_ttl", ge=1, le=3600, description="Life of a refusal in clients' caches"
    )
    cache_bytes: SizeBytes = Field(
        16_000_000, alias="cache", ge=1_000_000, le=1_000_000_000, description="Cache of each worker"
    )
    stale_s: DurationS = Field(
        259_200,
        alias="stale",
        ge=0,
        le=604_800,
        description='How long an answer past its life is still given while the line is down; "0s" is never',
    )
    mix_case: bool = Field(False, description="Ask plain upstreams in mixed case, against forged answers; a few break")
    client_qps: int = Field(
        100, ge=0, le=100_000, description="Questions a second one device may ask on average; 0 is no limit"
    )
    exempt: tuple[Network, ...] = Field(
        ("127.0.0.1/32", "::1/128"), description="Networks without that limit: the box itself, infrastructure"
    )
    count_names: bool = Field(
        False, description="Count which refused sites are asked for most, for the whole site; off: categories only"
    )
    school_hours: SchoolHours = Field(SchoolHours(), description='The hours of games = "school-hours"')
    profiles: dict[Token, Profile] = Field(
        {
            "adult": Profile(port=5301, block=(*_HARM, "bypass"), games="all"),
            "staff": Profile(port=5302, block=("fake-topup", "threats")),
            "child": Profile(
                port=5303,
                block=(*_HARM, "bypass", "search-unsafe"),
                games="all",
                safe_search=True,
                youtube="moderate",
            ),
        },
        min_length=1,
        description="Ways of filtering",
    )
    shipped_lists: bool = Field(
        True,
        description="Use the lists shipped with the program; one of [[dns.lists]] of the same name replaces it",
    )
    list_networks: tuple[Network, ...] = Field(
        (),
        description='Networks lists may be fetched from beside the public Internet, such as "192.168.10.5/32" for a '
        "server of the house; the desk can add lists, but not this",
    )
    lists: tuple[ListSource, ...] = Field((), description="Lists beside those shipped with the program")

    @property
    def ports(self) -> dict[str, int]:
        """The workers' port of each profile."""
        return {name: profile.port for name, profile in self.profiles.items()}

    @property
    def all_lists(self) -> tuple[ListSource, ...]:
        """The shipped lists that are wanted and not replaced, then the site's own."""
        own = {each.name for each in self.lists}
        return (*(each for each in SHIPPED if self.shipped_lists and each.name not in own), *self.lists)

    @model_validator(mode="after")
    def _holds_together(self) -> "Dns":
        for what, names in (
            ("lists: the name", [source.name for source in self.lists]),
            ("records: the name", [record.name for record in self.records]),
            ("forward: the zone", [each.zone for each in self.forward]),
        ):
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"{what} {twice[0]} stands twice")
        ports = [profile.port for profile in self.profiles.values()]
        if len(set(ports)) != len(ports):
            raise ValueError("profiles: two profiles have the same port")
        known = {source.category for source in self.all_lists if source.kind == "names"} | {"own"}
        for name, profile in self.profiles.items():
            _check_categories(f"profiles.{name}", profile, known)
        return self


def _check_categories(where: str, profile: Profile, known: set[str]) -> None:
    named = [(f"{where}.block", profile.block)]
    for each in profile.schedules:
        named += [(f"{where}.schedules.{each.name}.block", each.block)]
        named += [(f"{where}.schedules.{each.name}.open", each.open)]
    for key, categories in named:
        if unknown := sorted(set(categories) - known):
            raise ValueError(f"{key}: no list has the category {unknown[0]}; known: {', '.join(sorted(known))}")
    if profile.games != "open" and not known & {PLAY, PAY}:
        raise ValueError(f'{where}.games: no list has the category {PLAY} or {PAY}; add one, or set games = "open"')
    names = [each.name for each in profile.schedules]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"{where}.schedules: the name {twice[0]} stands twice")
