"""[lan] and [wan]: the two sides of the box."""

from ipaddress import IPv4Address, IPv4Interface, IPv6Interface

from pydantic import Field

from gateway.config.fields import DurationS, InterfaceName, LanIpv4, LanIpv6, Network, RateKbitS, Section
from gateway.config.probes import Probes


class Lan(Section):
    """The library network."""

    interface: InterfaceName = Field("lan0", description="Interface (or bridge) of the library network")
    ipv4: LanIpv4 = Field(
        IPv4Interface("10.77.0.1/24"), description="The gateway's address there, with the network's length"
    )
    ipv6: LanIpv6 | None = Field(
        IPv6Interface("2001:db8:77::1/64"), description='The same for IPv6, a /64; "" when there is none'
    )
    lease_s: DurationS = Field(3600, alias="lease", ge=120, le=604800, description="Life of a DHCP lease")
    device_names: bool = Field(
        True, description='Keep what devices call themselves, such as "Galaxy-A12", as long as their lease: for staff'
    )
    isolate: bool = Field(True, description="Keep patrons' devices from each other where their traffic crosses the box")

    @property
    def addresses(self) -> tuple[str, ...]:
        """The gateway's own addresses there."""
        return (str(self.ipv4.ip), *((str(self.ipv6.ip),) if self.ipv6 else ()))

    @property
    def dhcp_range(self) -> tuple[IPv4Address, IPv4Address]:
        """First and last address handed out: all but the first nine, which stay free for fixed equipment."""
        network = self.ipv4.network
        spare = 10 if network.num_addresses > 32 else 1
        first = network.network_address + spare
        last = network.broadcast_address - 1
        return (first if first != self.ipv4.ip else first + 1), last


class Wan(Section):
    """The ISP line."""

    interface: InterfaceName = Field("wan0", description="Interface towards the ISP")
    masquerade: bool = Field(True, description="Translate the library's IPv4 addresses to the line's own")
    up_kbit_s: RateKbitS | None = Field(
        None,
        alias="up",
        ge=256,
        description='Rate of the line to the ISP, such as "20Mbit"; sessions share it evenly; "" is unshared',
    )
    down_kbit_s: RateKbitS | None = Field(
        None, alias="down", ge=256, description='Rate of the line from the ISP, shared evenly; "" is unshared'
    )
    closed: tuple[Network, ...] = Field(
        (
            "10.0.0.0/8",
            "100.64.0.0/10",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "fc00::/7",
            "fe80::/10",
        ),
        description="Networks beyond the line no client may reach: the modem's page and other private nets",
    )
    probes: Probes = Field(Probes(), description="What is asked to know how long the line was away, for the ISP's bill")
    speed_url: str = Field(
        "",
        max_length=300,
        pattern=r"^(https?://[^\s]+)?$",
        description='A large plain file near the ISP, which `cong line speed` measures against: "http://..."',
    )
