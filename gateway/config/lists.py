"""[[dns.lists]]: where names (and known resolvers' addresses) come from, and what they mean."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from gateway.config.fields import DurationS, Section, SizeBytes, Token


def _location(text: str) -> str:
    head, colon, rest = text.partition(":")
    if colon and head in ("http", "https"):
        try:
            host = urlsplit(text).hostname
        except ValueError:
            host = None
        if not host or any(c.isspace() for c in text):
            raise ValueError(
                f'"{text}" is no address of a list: write it whole, such as "https://example.org/list.txt"'
            )
    elif colon and head == "package" and not rest:
        raise ValueError('"package:" is followed by the name of a list shipped with the program')
    elif colon and head not in ("package",) and rest.startswith("//"):
        raise ValueError(f'"{text}": lists are fetched by https:// or http:// only')
    return text


class ListSource(Section):
    """One list."""

    name: Token = Field(description="Short name, unique")
    category: Token = Field(description='Category its names belong to; "own" holds in every profile')
    location: Annotated[str, AfterValidator(_location)] = Field(
        min_length=1,
        description="A file's path, a folder's (UT1 form), a web address (https://...), or \"package:NAME\" for a list "
        "shipped with the program",
    )
    action: Literal["block", "allow"] = Field("block", description="Refuse its names, or keep them open")
    match: Literal["auto", "tree", "exact"] = Field(
        "auto", description="tree: each name and all below it; exact: only the name; auto: by the list's format"
    )
    kind: Literal["names", "addresses"] = Field(
        "names", description="names: for the filter; addresses: of known resolvers, refused by the kernel on every port"
    )
    refresh_s: DurationS = Field(
        86400,
        alias="refresh",
        ge=600,
        le=31_536_000,
        description="How old a fetched copy may grow before it is renewed; cong-lists.timer looks by night",
    )
    max_bytes: SizeBytes = Field(
        100_000_000,
        alias="max_size",
        ge=1000,
        le=1_000_000_000,
        description="A list larger than this, as it comes or unpacked, is refused",
    )
    deadline_s: DurationS = Field(
        300,
        alias="deadline",
        ge=10,
        le=7200,
        description="Longest time one fetch of it may take; it is resumed next time",
    )


def _shipped(name: str, category: str, **more: str) -> ListSource:
    return ListSource.model_validate({"name": name, "category": category, "location": f"package:{name}", **more})


SHIPPED = (
    _shipped("games-vn", "games"),
    _shipped("games-vn-exceptions", "games", action="allow"),
    _shipped("topup-vn", "topup"),
    _shipped("fake-topup-vn", "fake-topup"),
    _shipped("gambling-vn", "gambling"),
    _shipped("threats-vn", "threats"),
    _shipped("adult-vn", "adult"),
    _shipped("bypass-names", "bypass"),
    _shipped("resolver-addresses", "bypass", kind="addresses"),
    _shipped("search-unsafe", "search-unsafe"),
)
