"""[session] and [login]: who gets in, and how much."""

from typing import Literal

from pydantic import Field, model_validator

from gateway.access.login import Method
from gateway.access.quota import Caps
from gateway.access.session import Rates
from gateway.config.fields import DurationS, MacText, RateKbitS, Section, SizeBytes, Token
from gateway.config.radius import Radius
from gateway.config.sip2 import Sip2


class SessionSection(Section):
    """What a login grants."""

    limit_s: DurationS = Field(7200, alias="limit", ge=60, le=86400, description="Longest time of one session")
    idle_s: DurationS = Field(900, alias="idle", ge=60, le=86400, description="Ends after this time without a packet")
    book_every_s: DurationS = Field(
        60, alias="book_every", ge=5, le=300, description="How often bytes are booked; a power cut loses this much"
    )
    kiosk_idle_s: DurationS = Field(
        600, alias="kiosk_idle", ge=60, le=86400, description="The same on the library's own PCs (cong device kiosk)"
    )
    dead_man_s: DurationS = Field(
        600,
        alias="dead_man",
        ge=120,
        le=86400,
        description="The kernel shuts a session by itself this long after its limit, should the daemon be gone",
    )
    profile: Token = Field("adult", description="DNS profile of those who accept the terms")
    staff: tuple[MacText, ...] = Field((), description="MACs of staff devices: their sessions are not counted")


_OPTIONAL = ("limit", "idle", "data", "day_time", "day_data", "devices", "up", "down")


class LimitsSection(Section):
    """What sessions of one profile may use."""

    session_s: DurationS | None = Field(
        None, alias="limit", ge=60, le=86400, description='Longest time of one session; "" as [session] has it'
    )
    idle_s: DurationS | None = Field(
        None, alias="idle", ge=60, le=86400, description='Ends after this time without a packet; "" as [session] has it'
    )
    session_bytes: SizeBytes | None = Field(
        None, alias="data", ge=1000, description='Data of one session, up and down together; "" is no cap'
    )
    day_s: DurationS | None = Field(
        None, alias="day_time", ge=60, description='Time of one person in a day, over all sessions; "" is no cap'
    )
    day_bytes: SizeBytes | None = Field(
        None, alias="day_data", ge=1000, description='Data of one person in a day; "" is no cap'
    )
    devices: int | None = Field(
        None, ge=1, le=100, description='Devices of one person that are on at a time; "" is no cap'
    )
    up_kbit_s: RateKbitS | None = Field(
        None, alias="up", ge=64, description='Rate from the device, such as "2Mbit"; "" is no cap'
    )
    down_kbit_s: RateKbitS | None = Field(None, alias="down", ge=64, description='Rate to the device; "" is no cap')

    @model_validator(mode="before")
    @classmethod
    def _empty_is_none(cls, values: object) -> object:
        if not isinstance(values, dict):
            return values
        return {key: None if key in _OPTIONAL and value == "" else value for key, value in values.items()}


class Login(Section):
    """How patrons get in."""

    methods: tuple[Literal["terms", "voucher", "account", "card", "radius", "approval"], ...] = Field(
        ("terms",),
        min_length=1,
        description="Ways in, in the order they are offered: terms (accepting them is all), voucher (a printed code: "
        "cong voucher), account (one of the library's own: cong account), card (library card and PIN, asked of the "
        "library system by SIP2), radius (name and password of an account server), "
        "approval (the staff is asked: cong approvals)",
    )
    when_full: Literal["end-oldest", "refuse"] = Field(
        "end-oldest", description="A person with as many devices as `devices` allows: end the oldest, or refuse the new"
    )
    limits: dict[Token, LimitsSection] = Field(
        {"child": LimitsSection()}, description="What sessions of a profile may use, by profile"
    )
    radius: Radius = Field(Radius(), description="The account servers of the method radius")
    sip2: Sip2 = Field(Sip2(), description="The library system of the method card")

    @model_validator(mode="after")
    def _has_servers(self) -> "Login":
        if "radius" in self.methods and not self.radius.servers:
            raise ValueError("methods has radius: name a server in [[login.radius.servers]]")
        if "card" in self.methods and not self.sip2.host:
            raise ValueError("methods has card: name the library system in [login.sip2] host")
        return self

    @property
    def offered(self) -> tuple[Method, ...]:
        """The methods, each once."""
        return tuple(dict.fromkeys(Method(name) for name in self.methods))


def caps_of(session: SessionSection, limits: LimitsSection | None) -> Caps:
    """A profile's caps: its own where it has some, else the site's."""
    own = limits or LimitsSection()
    return Caps(
        session_s=own.session_s or session.limit_s,
        idle_s=own.idle_s or session.idle_s,
        session_bytes=own.session_bytes,
        day_s=own.day_s,
        day_bytes=own.day_bytes,
        devices=own.devices,
        rates=Rates(own.up_kbit_s, own.down_kbit_s),
    )
