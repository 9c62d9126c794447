"""[desk]: where staff reach the desk."""

from pydantic import Field, model_validator

from gateway.config.fields import Hostname, InterfaceName, MacText, Path, Section


class Desk(Section):
    """Staff's pages."""

    port: int = Field(8090, ge=1024, le=65535, description="Port of the desk's pages and of /api/v1")
    interfaces: tuple[InterfaceName, ...] = Field(
        (), description="Interfaces from which staff reach it, such as a staff network's; the box itself always does"
    )
    devices: tuple[MacText, ...] = Field(
        (), description="MACs of staff's PCs on the library network that reach it; patrons' devices never do"
    )
    names: tuple[Hostname, ...] = Field((), description="Host names it is opened by; by an address it always is")
    certificate: Path | None = Field(None, description="Certificate chain (PEM); without one the pages are plain HTTP")
    certificate_key: Path | None = Field(None, description="Private key of the certificate (PEM)")
    second_factor: bool = Field(False, description="Administrators must set up a second factor")

    @model_validator(mode="after")
    def _pair(self) -> "Desk":
        if (self.certificate is None) != (self.certificate_key is None):
            raise ValueError("certificate and certificate_key come together: give both or neither")
        return self
