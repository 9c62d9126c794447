"""[dns]: the filter. A profile is a port with a set of refused categories; the kernel picks it by client."""

from typing import Literal

from pydantic import Field, model_validator

from gateway.config.fields import DurationS, Section, SizeBytes, Token, Upstream


class Profile(Section):
    """One way of filtering."""

    port: int = Field(ge=1024, le=65535, description="Port of the workers for this profile")
    block: tuple[Token, ...] = Field(description="Categories refused")


class ListSource(Section):
    """One list of names."""

    name: Token = Field(description="Short name, unique")
    category: Token = Field(description="Category its names belong to")
    location: str = Field(
        min_length=1, description='A file\'s path, or "package:NAME" for a list shipped with the program'
    )
    action: Literal["block", "allow"] = Field("block", description="Refuse its names, or keep them open")
    match: Literal["auto", "tree", "exact"] = Field(
        "auto", description="tree: each name and all below it; exact: only the name; auto: by the list's format"
    )


SHIPPED = (
    ListSource(name="games-vn", category="games", location="package:games-vn"),
    ListSource(name="games-vn-exceptions", category="games", location="package:games-vn-exceptions", action="allow"),
    ListSource(name="gambling-vn", category="gambling", location="package:gambling-vn"),
    ListSource(name="threats-vn", category="threats", location="package:threats-vn"),
)


class Dns(Section):
    """The filter."""

    upstreams: tuple[Upstream, ...] = Field(
        ("9.9.9.9", "149.112.112.112"),
        min_length=1,
        description='Resolvers that are asked, by address ("address" or "address@port"), the first good one first',
    )
    workers: int = Field(2, ge=1, le=16, description="Worker processes")
    block_ttl_s: DurationS = Field(
        30, alias="block_ttl", ge=1, le=3600, description="Life of a refusal in clients' caches"
    )
    cache_bytes: SizeBytes = Field(
        16_000_000, alias="cache", ge=1_000_000, le=1_000_000_000, description="Cache of each worker"
    )
    profiles: dict[Token, Profile] = Field(
        {
            "adult": Profile(port=5301, block=("games", "gambling", "threats")),
            "staff": Profile(port=5302, block=("threats",)),
        },
        min_length=1,
        description="Ways of filtering",
    )
    lists: tuple[ListSource, ...] = Field(SHIPPED, description="Lists of names")

    @model_validator(mode="after")
    def _holds_together(self) -> "Dns":
        names = [source.name for source in self.lists]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"lists: the name {twice[0]} stands twice")
        ports = [profile.port for profile in self.profiles.values()]
        if len(set(ports)) != len(ports):
            raise ValueError("profiles: two profiles have the same port")
        known = {source.category for source in self.lists} | {"own"}
        for name, profile in self.profiles.items():
            if unknown := sorted(set(profile.block) - known):
                raise ValueError(
                    f"profiles.{name}.block: no list has the category {unknown[0]}; known: {', '.join(sorted(known))}"
                )
        return self
