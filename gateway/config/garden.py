"""[portal.garden]: names a captive client may reach before it has signed in."""

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from gateway.config.fields import DurationS, Hostname, RateKbitS, Section
from gateway.probe_table import PROBES


def _no_probe(name: str) -> str:
    """ValueError where the name, or a name below it, is what a device asks to learn whether it is online."""
    for probe in PROBES:
        if probe.host == name or probe.host.endswith(f".{name}"):
            raise ValueError(
                f'"{name}" would open {probe.host}: by it {probe.client} devices learn whether they have to sign in, '
                "and with an answer from there the sign-in page never comes up; name the site's own host instead"
            )
    return name


class WalledGarden(Section):
    """What is open before login."""

    names: tuple[Annotated[Hostname, AfterValidator(_no_probe)], ...] = Field(
        (),
        max_length=100,
        description='Sites open before login, each with all below it, by http and https: "catalogue.example.vn"',
    )
    least_life_s: DurationS = Field(
        600,
        alias="least_life",
        ge=5,
        le=3600,
        description="An address that was answered for such a name is open this long, or as long as the answer lives "
        "(an hour at most); each further answer begins the time anew",
    )
    rate_kbit_s: RateKbitS | None = Field(
        None,
        alias="rate",
        ge=64,
        description='Rate each way of all that is fetched from them before login, such as "4Mbit"; "" is no cap. Where '
        "the line is shared evenly (wan.up, wan.down) it is one sharer, however many devices it is for",
    )
    quic: bool = Field(False, description="Open UDP 443 (HTTP/3) of these sites too; without it browsers take TCP")

    @model_validator(mode="before")
    @classmethod
    def _empty_rate_is_none(cls, values: object) -> object:
        if not isinstance(values, dict):
            return values
        return {key: None if key == "rate" and value == "" else value for key, value in values.items()}
