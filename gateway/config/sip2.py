"""[login.sip2]: the library's own system, which knows the library cards."""

import codecs
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from gateway.config.fields import DurationS, Path, Section, Token


def _host(value: str) -> str:
    if value != value.strip() or not value.isascii() or any(letter in value for letter in ' /|"'):
        raise ValueError(f'"{value}" is no host: give an address or a name, without a port')
    return value


def _encoding(value: str) -> str:
    try:
        found = codecs.lookup(value)
    except LookupError:
        raise ValueError(f'"{value}" is no encoding: "utf-8", "cp850", "latin-1"') from None
    if "Az|19\r".encode(found.name) != b"Az|19\r":
        raise ValueError(f'"{value}" writes plain letters in its own way, which SIP2 does not allow')
    return found.name


_FILES = ("password_file", "terminal_password_file", "tls_authority")


class Sip2(Section):
    """The library system of the method card (3M SIP 2.00 over TCP; Koha and others)."""

    host: Annotated[str, AfterValidator(_host)] = Field("", description="Its address or name")
    port: int = Field(6001, ge=1, le=65535, description="Its TCP port for SIP2")
    login: str = Field("", max_length=64, description='The gateway\'s own login there (CN); "": it wants none')
    password_file: Path | None = Field(None, description='File with that login\'s password in one line (CO); "": none')
    location: str = Field("", max_length=64, description="Location code of the gateway (CP)")
    institution: str = Field("", max_length=64, description='Institution id (AO); "": as the system names itself')
    terminal_password_file: Path | None = Field(None, description='File with the terminal password (AC); "": none')
    encoding: Annotated[str, AfterValidator(_encoding)] = Field("utf-8", description="Of its texts")
    line_end: Literal["cr", "crlf"] = Field("cr", description="What ends our messages; its own may end in either")
    error_detection: bool = Field(
        True, description="Send sequence numbers and checksums (AY, AZ), and want them where it sends them too"
    )
    tls: bool = Field(False, description="Speak TLS; without it names and PINs are on the wire as they are")
    tls_authority: Path | None = Field(None, description="File with its certificate's authority; \"\": the system's")
    timeout_s: DurationS = Field(
        5, alias="timeout", ge=1, le=30, description="How long a connection, and each answer, is waited for"
    )
    category_field: str = Field(
        "PC", pattern="^[A-Z]{2}$", description="Field of its answer with the patron's category (PC: Koha)"
    )
    profiles: dict[str, Token] = Field(
        {}, description='The profile of a patron category, such as { J = "child" }; others get the site\'s own'
    )
    refuse: tuple[Literal["blocked", "lost", "fines"], ...] = Field(
        ("blocked", "lost"),
        description="Cards that stay out though the PIN is right: blocked (or expired), lost, fines (too high)",
    )

    @model_validator(mode="before")
    @classmethod
    def _empty_is_none(cls, values: object) -> object:
        if not isinstance(values, dict):
            return values
        return {key: None if key in _FILES and value == "" else value for key, value in values.items()}

    @model_validator(mode="after")
    def _can_be_sent(self) -> "Sip2":
        for name in ("login", "location", "institution"):
            if "|" in getattr(self, name) or not getattr(self, name).isprintable():
                raise ValueError(f"{name} holds a sign SIP2 can't carry")
        if self.login and self.password_file is None:
            raise ValueError("login wants password_file")
        return self
