"""[portal]: the sign-in's addresses."""

import re
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from gateway.config.fields import Hostname, Path, Section, Token
from gateway.config.garden import WalledGarden

Port = int


def _venue_url(value: str) -> str:
    if value and not re.fullmatch(r"https://[A-Za-z0-9.-]+(/[!-~]*)?", value):
        raise ValueError(f'"{value}" is no https address, such as "https://thuvien.example.vn/" (RFC 8908 section 5)')
    return value


ShortText = Annotated[str, StringConstraints(max_length=40)]
VenueUrl = Annotated[str, AfterValidator(_venue_url)]


class Choice(Section):
    """One answer to "what for?"."""

    key: Token = Field(description="What the counts call it")
    vi: ShortText = Field(description="Its button in Vietnamese")
    en: ShortText = Field("", description='In English; "" as in Vietnamese')


_CHOICES = (
    Choice(key="study", vi="Học tập", en="Study"),
    Choice(key="work", vi="Làm việc", en="Work"),
    Choice(key="procedures", vi="Tra cứu thủ tục hành chính", en="Public services"),
    Choice(key="news", vi="Tin tức", en="News"),
    Choice(key="leisure", vi="Giải trí", en="Leisure"),
    Choice(key="other", vi="Khác", en="Something else"),
)


class Purpose(Section):
    """The question after the sign-in."""

    ask: bool = Field(False, description="Ask once a session, skippable, what the Internet is for; only sums are kept")
    choices: tuple[Choice, ...] = Field(_CHOICES, min_length=1, max_length=12, description="What may be answered")

    @model_validator(mode="after")
    def _apart(self) -> "Purpose":
        keys = [choice.key for choice in self.choices]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise ValueError(f"choices: the key {twice[0]} stands there twice")
        return self

    @property
    def asked(self) -> dict[str, dict[str, str]]:
        """Texts by language of each choice; none while nobody is asked."""
        return {each.key: {"vi": each.vi, "en": each.en} for each in self.choices} if self.ask else {}


class Portal(Section):
    """The sign-in."""

    hostname: Hostname = Field("wifi.internal", description="The portal's name; every resolver here answers it")
    port: Port = Field(8080, ge=1024, le=65535, description="Port the pages are served on (80 is redirected to it)")
    redirect_port: Port = Field(8081, ge=1024, le=65535, description="Port that answers captive clients' port 80")
    garden_port: Port = Field(5300, ge=1024, le=65535, description="Port of the resolver for captive clients")
    page_port: Port = Field(8082, ge=1024, le=65535, description="Port of the page that tells why a name is refused")
    tls_port: Port = Field(8443, ge=1024, le=65535, description="Port of the RFC 8908 API when there is a certificate")
    certificate: Path | None = Field(
        None, description="Certificate chain (PEM) for `hostname`; without one no captive-portal option is sent"
    )
    certificate_key: Path | None = Field(None, description="Private key of the certificate (PEM)")
    certificate_authority: Path | None = Field(
        None, description="Roots (PEM) the certificate is held against, where devices know others than this system's"
    )
    venue_info_url: VenueUrl = Field(
        "", description="https page about the library, shown by devices next to the network's name"
    )
    synthetic_ipv4: IPv4Network = Field(
        IPv4Network("198.18.0.0/15"),
        description="Names a captive client asks are answered from here (RFC 2544: nobody lives there)",
    )
    synthetic_ipv6: IPv6Network = Field(IPv6Network("2001:db8:ffff::/64"), description="The same for IPv6 (RFC 3849)")
    https_before_login: Literal["drop", "reset"] = Field(
        "drop", description="What becomes of a captive client's TCP 443; drop lets Chromium open the portal itself"
    )

    garden: WalledGarden = Field(WalledGarden(), description="What is open before login")
    purpose: Purpose = Field(Purpose(), description="What the Internet is used for: asked after the sign-in")

    @model_validator(mode="before")
    @classmethod
    def _empty_path_is_none(cls, values: object) -> object:
        if not isinstance(values, dict):
            return values
        return {key: None if key.startswith("certificate") and value == "" else value for key, value in values.items()}

    @model_validator(mode="after")
    def _pair(self) -> "Portal":
        if (self.certificate is None) != (self.certificate_key is None):
            raise ValueError("certificate and certificate_key come together: give both or neither")
        return self
