"""[login.radius]: account servers elsewhere."""

from typing import Literal

from pydantic import Field, model_validator

from gateway.config.fields import Address, DurationS, Path, Section


class RadiusServer(Section):
    """One account server."""

    address: Address = Field(description="IPv4 or IPv6 address: names would need DNS, and the firewall knows none")
    secret_file: Path = Field(description="File with the shared secret in one line; 16 characters and more, at random")
    auth_port: int = Field(1812, ge=1, le=65535, description="UDP port logins are asked at")
    accounting_port: int = Field(1813, ge=0, le=65535, description="UDP port sessions are told to; 0: none are")


class Radius(Section):
    """The account servers of the method radius (RFC 2865, 2866, 5176)."""

    servers: tuple[RadiusServer, ...] = Field(
        (), description="Account servers in the order they are asked; the next one is asked when one is silent"
    )
    nas_identifier: str = Field(
        "", max_length=253, description='How this box names itself (NAS-Identifier); "" is site.code'
    )
    password: Literal["pap", "chap"] = Field(
        "pap", description="How passwords travel: pap hides them by the secret, chap needs their clear text there"
    )
    message_authenticator: bool = Field(
        True, description="Answers to logins must carry a Message-Authenticator (CVE-2024-3596); false: old servers"
    )
    timeout_s: DurationS = Field(
        1, alias="timeout", ge=1, le=10, description="How long the first answer is waited for; each next try twice that"
    )
    tries: int = Field(3, ge=1, le=6, description="How often a server is asked before it counts as silent")
    dead_s: DurationS = Field(
        60, alias="dead", ge=1, le=3600, description="A silent server is asked last for this long"
    )
    interim_s: DurationS | None = Field(
        None,
        alias="interim",
        ge=10,
        le=86400,
        description='How often a session is told while it lasts; "" as the server says (RFC 2869 5.16)',
    )
    tell_starts: bool = Field(
        True, description="Tell Accounting-On after the box was started anew; false: servers that never answer it"
    )
    orders_port: int = Field(
        3799, ge=0, le=65535, description="UDP port where the servers may end sessions (RFC 5176); 0: nowhere"
    )

    @model_validator(mode="after")
    def _holds_together(self) -> "Radius":
        if 0 < self.orders_port < 1024:
            raise ValueError("orders_port is 0, or 1024 and above: the gateway has no right to lower ones")
        addresses = [server.address for server in self.servers]
        if twice := next((each for each in addresses if addresses.count(each) > 1), None):
            raise ValueError(f"servers: {twice} stands there twice")
        return self
