"""[wan.probes]: what is asked to know how long the line was away, and whose that is."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from gateway.config.fields import Address, DurationS, Section
from gateway.service.target import Target, parse_target


def _target(text: str) -> str:
    parse_target(text)
    return text


TargetText = Annotated[str, AfterValidator(_target)]


class Probes(Section):
    """Looks at the line, for outages and the credit claim."""

    every_s: DurationS = Field(30, alias="every", ge=2, le=30, description="How often the line is looked at")
    first_hop: Address | None = Field(
        None, description="The modem's address, or the ISP's first router; \"\" is the default route's"
    )
    isp_resolvers: tuple[TargetText, ...] = Field(
        (), description="The ISP's two resolvers, as its paper or the modem's page name them: \"192.0.2.1\""
    )
    domestic: tuple[TargetText, ...] = Field(
        ("203.119.73.105", "203.119.38.105"),
        min_length=1,
        description="Two targets in the country: resolvers by address, or tcp://address:port; by default name "
        "servers of the zone .vn",
    )
    foreign: tuple[TargetText, ...] = Field(
        ("tcp://8.8.8.8:443", "tcp://208.67.222.222:443"),
        description="Two targets abroad, best over TCP: some ISPs answer DNS in their place",
    )
    no_carrier: Literal["auto", "isp", "unknown"] = Field(
        "auto",
        description='Whose an outage is when the interface has no carrier: "isp" where the line ends in this box, '
        '"unknown" with a modem of yours before it, which may have no power; "auto" is "isp" for PPP alone',
    )

    @property
    def at_home(self) -> tuple[Target, ...]:
        """The ISP's resolvers and the domestic targets."""
        return tuple(map(parse_target, (*self.isp_resolvers, *self.domestic)))

    @property
    def abroad(self) -> tuple[Target, ...]:
        """The foreign targets."""
        return tuple(map(parse_target, self.foreign))

    def cause_without_carrier(self, interface: str) -> str:
        """Whose an outage is in which the line's interface had no carrier."""
        if self.no_carrier == "auto":
            return "isp" if interface.startswith("ppp") else "unknown"
        return self.no_carrier
