"""The whole configuration. Only the daemon and the commands see it; a room gets its section."""

from collections.abc import Mapping

from pydantic import Field, model_validator

from gateway.access.login import Method
from gateway.access.quota import Caps
from gateway.config.access import LimitsSection, Login, SessionSection, caps_of
from gateway.config.backup import Backup
from gateway.config.desk import Desk
from gateway.config.dns import Dns
from gateway.config.fields import Path, Section
from gateway.config.hours import OpeningHours
from gateway.config.mail import Mail
from gateway.config.network import Lan, Wan
from gateway.config.portal import Portal
from gateway.config.shelf import ShelfSection
from gateway.config.site import Site, StatePaths


class Config(Section):
    """One TOML file."""

    site: Site = Field(Site(), description="Which library this is")
    state: StatePaths = Field(StatePaths(), description="Where files are kept")
    lan: Lan = Field(Lan(), description="The library network")
    wan: Wan = Field(Wan(), description="The ISP line")
    portal: Portal = Field(Portal(), description="The sign-in")
    session: SessionSection = Field(SessionSection(), description="What a login grants")
    login: Login = Field(Login(), description="How patrons get in")
    hours: OpeningHours = Field(OpeningHours(), description="When the library is open")
    dns: Dns = Field(Dns(), description="The filter")
    mail: Mail = Field(Mail(), description="The nightly summary by mail")
    desk: Desk = Field(Desk(), description="Staff's pages")
    shelf: ShelfSection = Field(ShelfSection(), description="Documents and films of the library's own")
    backup: Backup = Field(Backup(), description="Copies of all that must not be lost")

    @model_validator(mode="after")
    def _holds_together(self) -> "Config":
        if self.lan.interface == self.wan.interface:
            raise ValueError(f"lan.interface and wan.interface are both {self.lan.interface}: they are two sides")
        if closed := {self.lan.interface, self.wan.interface} & set(self.desk.interfaces):
            raise ValueError(
                f"desk.interfaces: {min(closed)} is open to patrons or the Internet; "
                "a staff PC on the library network is named by its MAC in desk.devices"
            )
        if self.session.profile not in self.dns.profiles:
            raise ValueError(
                f"session.profile: there is no profile {self.session.profile}; known: {', '.join(self.dns.profiles)}"
            )
        login = self.login
        capped = {name for name, limits in login.limits.items() if limits != LimitsSection()}
        if unknown := sorted(set(self.login.sip2.profiles.values()) - set(self.dns.profiles)):
            raise ValueError(f"login.sip2.profiles: there is no profile {unknown[0]}")
        if unknown := sorted(capped - set(self.dns.profiles)):
            raise ValueError(
                f"login.limits.{unknown[0]}: there is no such profile; known: {', '.join(self.dns.profiles)}"
            )
        portal = self.portal
        ports = [
            portal.port,
            portal.redirect_port,
            portal.garden_port,
            portal.page_port,
            portal.tls_port,
            self.desk.port,
        ]
        ports += [port for profile in self.dns.profiles.values() for port in {profile.port, profile.question_port}]
        if "radius" in login.methods and login.radius.orders_port:
            ports.append(login.radius.orders_port)
        if twice := sorted({port for port in ports if ports.count(port) > 1}):
            raise ValueError(
                f"port {twice[0]} is used twice among portal.*, desk.*, dns.profiles.*.port, login.radius.orders_port"
            )
        return self

    @property
    def caps(self) -> Mapping[str, Caps]:
        """What each profile allows."""
        return {name: caps_of(self.session, self.login.limits.get(name)) for name in self.dns.profiles}

    @property
    def may_shape(self) -> bool:
        """Can any session have a rate? Only a voucher, an account or the like can bring one the profiles have not."""
        rates = [self.wan.up_kbit_s, self.wan.down_kbit_s, self.portal.garden.rate_kbit_s]
        rates += [rate for caps in self.caps.values() for rate in (caps.rates.up_kbit_s, caps.rates.down_kbit_s)]
        return any(rates) or any(method is not Method.TERMS for method in self.login.offered)

    @property
    def shelf_path(self) -> Path:
        """The shelf's folder."""
        return self.shelf.path or self.state.directory / "shelf"

    @property
    def backup_path(self) -> Path:
        """The folder of the nightly backups."""
        return self.backup.directory or self.state.directory / "backups"

    @property
    def page_addresses(self) -> tuple[str, ...]:
        """Where refused names lead with refusal = "page": the last usable synthetic addresses; the garden keeps off."""
        last = (str(self.portal.synthetic_ipv4[-2]),)
        return (*last, str(self.portal.synthetic_ipv6[-2])) if self.lan.ipv6 else last
