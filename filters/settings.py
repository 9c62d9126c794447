"""What the filter is told: values only. The gateway's configuration is turned into these; filters never reads it."""

from dataclasses import dataclass
from enum import StrEnum
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


@dataclass(frozen=True, slots=True)
class Source:
    """One list: where its names come from and what they mean."""

    name: str
    category: str
    location: str
    """A file's path, or "package:NAME" for a list shipped with the program."""
    action: Action = Action.BLOCK
    match: Match = Match.AUTO


@dataclass(frozen=True, slots=True)
class Profile:
    """One way of filtering, known by the port its queries reach."""

    name: str
    port: int
    categories: frozenset[str]


@dataclass(frozen=True, slots=True)
class Upstream:
    """A resolver that is asked, by address."""

    address: str
    port: int = 53


@dataclass(frozen=True, slots=True)
class FilterSettings:
    """All that `cong dns` and the list commands need."""

    profiles: tuple[Profile, ...]
    sources: tuple[Source, ...]
    upstreams: tuple[Upstream, ...]
    blockset_directory: Path
    local_rules: Path
    """JSON written whole by the gateway's commands: {"generation": int, "rules": [{"name", "action", "reason"}]}."""
    counts_socket: Path
    """A Unix datagram socket; counts are lost, answers never, when nobody listens."""
    local_records: tuple[tuple[str, tuple[str, ...]], ...]
    """Names this box answers by itself (the portal), each with its IPv4 and IPv6 addresses."""
    listen: tuple[str, ...] = ("0.0.0.0", "::")
    workers: int = 2
    block_ttl_s: int = 30
    cache_bytes: int = 16_000_000
