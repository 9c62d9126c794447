"""[mail]: the nightly summary by mail."""

import re
from datetime import time, timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from gateway.config.fields import DurationS, Path, Section


def _server(value: str) -> str:
    if value != value.strip() or not value.isascii() or any(letter in value for letter in ' /@"'):
        raise ValueError(f'"{value}" is no server: give a name or an address, without a port')
    return value


def mail_address(value: str) -> str:
    """An address as SMTP has it, or ValueError."""
    # what SMTP servers without SMTPUTF8 take too; no quotes, no blanks, no line breaks
    if len(value) > 254 or not re.fullmatch(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]+[A-Za-z0-9]", value):
        raise ValueError(f'"{value}" is no mail address: write it as "office@example.vn"')
    return value


def _link(value: str) -> str:
    parts = urlsplit(value)
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError(f'"{value}" is no web address')
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f'"{value}" is no web address: write it whole, such as "https://example.vn/desk"')
    return value


def _clock(value: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise ValueError(f'"{value}" is no time of day: write it as "21:30"')
    return value


MailAddress = Annotated[str, AfterValidator(mail_address)]


class Mail(Section):
    """The nightly summary by mail: one a site and night, none on closed days unless something happened."""

    server: Annotated[str, AfterValidator(_server)] = Field(
        "", description='The mail server that takes it, by name or address; "": no mail is sent'
    )
    port: int = Field(587, ge=1, le=65535, description="Its TCP port: 587 goes with starttls, 465 with tls")
    tls: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the way is kept secret; none: a server in the library alone, and without a user"
    )
    authority: Path | None = Field(None, description="File with its certificate's authority; \"\": the system's")
    user: str = Field("", max_length=254, description='Name to sign in with; "": the server wants none')
    password_file: Path | None = Field(None, description="File with its password in one line, for the gateway's user")
    sender: str = Field("", description="Mail address it comes from, as the server allows this user")
    recipients: tuple[MailAddress, ...] = Field((), max_length=20, description="Mail addresses of who gets it")
    at: Annotated[str, AfterValidator(_clock)] = Field(
        "21:30", description="When the day is told, after closing; time of the site"
    )
    spread_s: DurationS = Field(
        1200,
        alias="spread",
        le=14400,
        description="So much later at most, by chance: many sites must not meet at one server",
    )
    retry_s: DurationS = Field(
        14400,
        alias="retry",
        ge=600,
        le=86400,
        description="The longest wait between two tries while the line or the server is away",
    )
    language: Literal["", "vi", "en"] = Field("", description='Language of the mail; "" is site.language')
    link: str = Field("", description='Web address under the mail where more is to be seen; "": none')

    @model_validator(mode="after")
    def _holds_together(self) -> "Mail":
        if self.sender:
            mail_address(self.sender)
        if self.link:
            _link(self.link)
        if len(set(self.recipients)) < len(self.recipients):
            raise ValueError("recipients: an address stands there twice")
        if self.user and self.password_file is None:
            raise ValueError("user wants password_file")
        if self.user and self.tls == "none":
            raise ValueError('tls = "none" with a user: the password could be read on the way; use "starttls" or "tls"')
        if self.server and not (self.sender and self.recipients):
            raise ValueError("server is given: sender and recipients are wanted too")
        return self

    @property
    def time_of_day(self) -> time:
        """`at`."""
        return time.fromisoformat(self.at)

    @property
    def spread(self) -> timedelta:
        """`spread_s`."""
        return timedelta(seconds=self.spread_s)
