"""What the filter is told: values only. The gateway's configuration is turned into these; filters never reads it."""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum
from pathlib import Path


class Action(StrEnum):
    """What a list does with its names."""

    BLOCK = "block"
    ALLOW = "allow"


class Match(StrEnum):
    """How far a name of a list reaches; auto = by the list's format (hosts: exact, plain domains: tree)."""

    AUTO = "auto"
    TREE = "tree"
    EXACT = "exact"


class Kind(StrEnum):
    """What a list holds: names for the block set, or addresses, which the gateway puts into the kernel's sets."""

    NAMES = "names"
    ADDRESSES = "addresses"


class SafeSearch(IntEnum):
    """How strictly search engines (and, apart from them, YouTube) are led to their safe variant."""

    OFF = 0
    MODERATE = 1
    STRICT = 2


class Refusal(StrEnum):
    """How a refused address question is answered: 0.0.0.0 and ::, no such name, or the block page's own address."""

    ZERO = "zero"
    NXDOMAIN = "nxdomain"
    PAGE = "page"


class Holidays(StrEnum):
    """What a schedule does on a holiday."""

    AS_USUAL = "as-usual"
    NEVER = "never"
    ONLY = "only"


class Transport(StrEnum):
    """How an upstream is spoken to: RFC 1035, RFC 7858, RFC 8484."""

    PLAIN = "plain"
    TLS = "tls"
    HTTPS = "https"


@dataclass(frozen=True, slots=True)
class Source:
    """One list: where its names come from and what they mean."""

    name: str
    category: str
    location: str
    """A file's path, a folder's (UT1), an http(s) URL, or "package:NAME" for a list shipped with the program."""
    action: Action = Action.BLOCK
    match: Match = Match.AUTO
    kind: Kind = Kind.NAMES
    refresh_s: int = 86400
    """How old a fetched copy may grow before it is asked for again."""
    max_bytes: int = 100_000_000
    deadline_s: int = 300


@dataclass(frozen=True, slots=True)
class Schedule:
    """A span of the week in which a profile is stricter or more open than at other times."""

    name: str
    days: frozenset[int]
    """0 is Monday (datetime.date.weekday); an overnight span belongs to the day it begins on."""
    start_min: int
    end_min: int
    """Minutes of the site's day, half-open; an end at or before the start is on the next day."""
    block: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset()
    safe_search: SafeSearch | None = None
    youtube: SafeSearch | None = None
    holidays: Holidays = Holidays.AS_USUAL


@dataclass(frozen=True, slots=True)
class Profile:
    """One way of filtering, known by the port its queries reach."""

    name: str
    port: int
    categories: frozenset[str]
    schedules: tuple[Schedule, ...] = ()
    safe_search: SafeSearch = SafeSearch.OFF
    youtube: SafeSearch = SafeSearch.OFF
    refusal: Refusal = Refusal.ZERO


@dataclass(frozen=True, slots=True)
class Upstream:
    """A resolver that is asked, by address."""

    address: str
    port: int = 53
    transport: Transport = Transport.PLAIN
    tls_name: str = ""
    """The name its certificate must have; empty: the address itself."""
    path: str = "/dns-query"
    validates: bool = False
    """Its AD bit is believed: it validates, and the way to it is authenticated (TLS, HTTPS or loopback)."""
    ca_file: str | None = None
    """Certificates its own is verified with (PEM); None: those of the system."""


@dataclass(frozen=True, slots=True)
class ForwardZone:
    """Names that other resolvers answer: the library system's own server, a school's domain."""

    name: str
    upstreams: tuple[Upstream, ...]


@dataclass(frozen=True, slots=True)
class FilterSettings:
    """All that `cong dns` and the list commands need."""

    profiles: tuple[Profile, ...]
    sources: tuple[Source, ...]
    upstreams: tuple[Upstream, ...]
    blockset_directory: Path
    local_rules: Path
    """JSON written whole by the gateway's commands; filters.rules says what stands in it."""
    counts_socket: Path
    """A Unix datagram socket; counts are lost, answers never, when nobody listens."""
    local_records: tuple[tuple[str, tuple[str, ...]], ...]
    """Names this box answers by itself (the portal), each with its IPv4 and IPv6 addresses."""
    checks: frozenset[str] = frozenset()
    """Names devices ask to learn whether they are online: no list but the site's own refuses them."""
    listen: tuple[str, ...] = ("0.0.0.0", "::")
    workers: int = 2
    block_ttl_s: int = 30
    cache_bytes: int = 16_000_000
    utc_offset_s: int = 0
    """Of the site's days and hours."""
    holidays: frozenset[date] = frozenset()
    forward_zones: tuple[ForwardZone, ...] = ()
    page_addresses: tuple[str, ...] = ()
    """Where Refusal.PAGE leads: addresses of this box's own at which the block page answers, IPv4 and IPv6."""
    info_url: str = ""
    """Where a patron reads about the filter (RFC 9606 infourl); empty: said nowhere."""
    client_qps: int = 0
    """Questions a second one client may ask on average; 0: no limit."""
    list_networks: tuple[str, ...] = ()
    """Networks lists may be fetched from beside the public Internet."""
    house_networks: tuple[str, ...] = ()
    """The library's own, which lists are never fetched from unless they stand in list_networks."""
    exempt: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    """Networks no limit holds for: the box itself, infrastructure."""
    stale_s: int = 259_200
    """How long an answer past its life may still be given when no upstream answers (RFC 8767); 0: never."""
    mix_case: bool = False
    """Ask plain upstreams in mixed case and believe only answers in the same (0x20)."""
    count_names: bool = False
    """Count refused names for the site's top list; off: categories only."""
