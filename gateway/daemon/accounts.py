"""The account servers of [login.radius], joined: who is asked, who is told, who may order."""

import contextlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gateway.access.client import parse_mac
from gateway.config.model import Config
from gateway.config.radius import RadiusServer
from gateway.daemon.secret_file import secret_of
from gateway.errors import GatewayError
from gateway.flows.accounts import Accounts, tell_accounts
from gateway.flows.gate import Gate
from gateway.flows.meter import Watch
from gateway.flows.orders import change, disconnect
from gateway.ports_radius import AccountedStore
from gateway.radius.accounting import RadiusAccounting
from gateway.radius.auth import Nas, RadiusAccounts
from gateway.radius.link import Link, Server, Servers, Timing
from gateway.radius.orders import OrderDoor, Orders
from gateway.radius.values import station


@dataclass(frozen=True, slots=True)
class Radius:
    """What was built of it."""

    verifier: RadiusAccounts
    accounts: Accounts | None
    """None: no server wants to be told."""
    door: OrderDoor | None
    """None: no server may order."""
    servers: tuple[Servers, ...]

    async def tell(self) -> None:
        """What the servers want to be told; a job's turn."""
        if self.accounts:
            await tell_accounts(self.accounts)

    def close(self) -> None:
        """Let the sockets go."""
        for each in self.servers:
            each.close()


def build_radius(config: Config, gate: Gate, watch: Watch, store: AccountedStore) -> Radius:
    """For a site that offers the method; GatewayError when a secret can't be read."""
    radius = config.login.radius
    secrets = {server.address: _secret(server.secret_file) for server in radius.servers}
    timing = Timing(radius.timeout_s, radius.tries, radius.dead_s)

    def link(server: RadiusServer, port: int, *, proof_required: bool) -> Link:
        return Link(Server(server.address, port, secrets[server.address], proof_required), timing, gate.clock)

    proved = radius.message_authenticator
    asked = [link(server, server.auth_port, proof_required=proved) for server in radius.servers]
    told = [link(s, s.accounting_port, proof_required=False) for s in radius.servers if s.accounting_port]
    auth, accounting = (Servers(links, timing, gate.clock) for links in (asked, told))
    identifier = radius.nas_identifier or config.site.code
    nas = Nas(identifier, _own_station(config.lan.interface))
    verifier = RadiusAccounts(
        auth, nas, gate.neighbours, frozenset(config.dns.profiles), radius.interim_s, radius.password == "chap"
    )
    teller = RadiusAccounting(accounting, nas, gate.neighbours)
    orders = Orders(
        secrets, identifier, partial(disconnect, gate, store), partial(change, gate, store, config.caps), gate.clock
    )
    return Radius(
        verifier,
        Accounts(gate, watch, store, teller, radius.tell_starts) if told else None,
        OrderDoor(orders) if radius.orders_port else None,
        (auth, accounting),
    )


def _secret(path: Path) -> bytes:
    secret = secret_of(path, "shared secret", "login.radius.servers.secret_file")
    if not secret:
        raise GatewayError("the shared secret is empty", where=str(path), hint="write it there in one line")
    return secret


def _own_station(interface: str) -> str:
    with contextlib.suppress(OSError, ValueError):
        return station(parse_mac(Path(f"/sys/class/net/{interface}/address").read_text(encoding="ascii").strip()))
    return ""
