"""The other servers, from Debian, each in its fastest documented way of refusing many names."""

import shutil
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from bench.peers.peer import Peer


@dataclass
class Dnsmasq(Peer):
    """address=/name/# answers 0.0.0.0 and ::."""

    title: str = "dnsmasq"
    package: str = "dnsmasq-base"
    program: str = "dnsmasq"
    how_reloaded: str = "restart (SIGHUP does not read address= anew)"

    def write_configuration(self) -> None:
        text = f"""port={self.place.port}
listen-address=127.0.0.1
bind-interfaces
no-resolv
no-hosts
server=127.0.0.1#{self.place.upstream_port}
cache-size=100000
dns-forward-max=10000
user=root
conf-file={self.list_file}
"""
        (self.place.directory / "dnsmasq.conf").write_text(text)

    def list_line(self, name: str) -> str:
        return f"address=/{name}/#\n"

    def command(self) -> Sequence[str]:
        return [self.program, "--keep-in-foreground", "--pid-file", f"--conf-file={self.place.directory}/dnsmasq.conf"]


@dataclass
class DnsmasqServersFile(Dnsmasq):
    """servers-file= with server=/name/ says NXDOMAIN and is the one list of names that SIGHUP reads anew."""

    title: str = "dnsmasq servers-file"
    how_reloaded: str = "SIGHUP"

    def write_configuration(self) -> None:
        super().write_configuration()
        path = self.place.directory / "dnsmasq.conf"
        path.write_text(path.read_text().replace("conf-file=", "servers-file="))

    def list_line(self, name: str) -> str:
        return f"server=/{name}/\n"

    def tell(self) -> None:
        self.signal(signal.SIGHUP)


@dataclass
class Unbound(Peer):
    """local-zone always_null answers 0.0.0.0 and ::."""

    title: str = "unbound local-zone"
    package: str = "unbound"
    program: str = "unbound"
    how_reloaded: str = "unbound-control reload"
    modules = "iterator"

    def write_configuration(self) -> None:
        text = f"""server:
  interface: 127.0.0.1@{self.place.port}
  num-threads: 1
  do-daemonize: no
  chroot: ""
  username: ""
  directory: "{self.place.directory}"
  pidfile: ""
  use-syslog: no
  do-not-query-localhost: no
  module-config: "{self.modules}"
  msg-cache-size: 64m
  rrset-cache-size: 128m
  outgoing-range: 8192
  num-queries-per-thread: 4096
{self.lists_of_server()}
remote-control:
  control-enable: yes
  control-interface: {self.place.directory}/control
  control-use-cert: no
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@{self.place.upstream_port}
{self.lists_beside()}
"""
        (self.place.directory / "unbound.conf").write_text(text)

    def lists_of_server(self) -> str:
        """Its lists, as part of the server's clause."""
        return f'  include: "{self.list_file}"'

    def lists_beside(self) -> str:
        """Its lists, as a clause of their own."""
        return ""

    def list_line(self, name: str) -> str:
        return f'local-zone: "{name}." always_null\n'

    def command(self) -> Sequence[str]:
        return [self.program, "-d", "-p", "-c", f"{self.place.directory}/unbound.conf"]

    def tell(self) -> None:
        self.control("reload")

    def control(self, *words: str) -> None:
        """unbound-control; it comes back when the order is done, so nobody waits for it here."""
        # to a process: the answer comes only after the reload
        subprocess.Popen(
            ["unbound-control", "-c", f"{self.place.directory}/unbound.conf", *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


@dataclass
class Rpz(Peer):
    """Response policy zones: NXDOMAIN for a name and for all below it, two records a name."""

    def list_head(self) -> str:
        return "$TTL 300\n@ SOA localhost. root.localhost. 1 3600 600 86400 300\n@ NS localhost.\n"

    def list_line(self, name: str) -> str:
        return f"{name} CNAME .\n*.{name} CNAME .\n"


@dataclass
class UnboundRpz(Rpz, Unbound):
    """unbound with an RPZ."""

    title: str = "unbound RPZ"
    package: str = "unbound"
    program: str = "unbound"
    how_reloaded: str = "unbound-control auth_zone_reload"
    modules = "respip iterator"

    def lists_of_server(self) -> str:
        return ""

    def lists_beside(self) -> str:
        return f'rpz:\n  name: "rpz.bench"\n  zonefile: "{self.list_file}"'

    def tell(self) -> None:
        self.control("auth_zone_reload", "rpz.bench")


@dataclass
class PdnsRecursor(Rpz):
    """pdns-recursor with an RPZ."""

    title: str = "pdns-recursor RPZ"
    package: str = "pdns-recursor"
    program: str = "pdns_recursor"
    how_reloaded: str = "rec_control reload-lua-config"

    def write_configuration(self) -> None:
        directory = self.place.directory
        (directory / "recursor.conf").write_text(
            f"""local-address=127.0.0.1
local-port={self.place.port}
forward-zones-recurse=.=127.0.0.1:{self.place.upstream_port}
dont-query=
dnssec=off
threads=1
pdns-distributes-queries=no
lua-config-file={directory}/rpz.lua
socket-dir={directory}
daemon=no
write-pid=no
quiet=yes
loglevel=3
security-poll-suffix=
"""
        )
        (directory / "rpz.lua").write_text(f'rpzFile("{self.list_file}", {{policyName="bench"}})\n')

    def command(self) -> Sequence[str]:
        return [self.program, f"--config-dir={self.place.directory}"]

    def tell(self) -> None:
        subprocess.Popen(
            ["rec_control", f"--config-dir={self.place.directory}", "reload-lua-config"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


@dataclass
class Dnsdist(Peer):
    """dnsdist with a SuffixMatchNode and a packet cache: a forwarder, no resolver."""

    title: str = "dnsdist"
    package: str = "dnsdist"
    program: str = "dnsdist"
    how_reloaded: str = "console: setRules() with a new SuffixMatchNode"
    key = "aGVsbG9oZWxsb2hlbGxvaGVsbG9oZWxsb2hlbGxvMTI="

    def write_configuration(self) -> None:
        (self.place.directory / "dnsdist.conf").write_text(
            f"""setLocal("127.0.0.1:{self.place.port}")
setSecurityPollSuffix("")
setMaxUDPOutstanding(65535)
newServer("127.0.0.1:{self.place.upstream_port}")
getPool(""):setCache(newPacketCache(200000))
controlSocket("127.0.0.1:{self.place.port + 1}")
setKey("{self.key}")
function readList()
  local names = newSuffixMatchNode()
  for name in io.lines("{self.list_file}") do names:add(newDNSName(name)) end
  setRules({{newRuleAction(SuffixMatchNodeRule(names), RCodeAction(DNSRCode.NXDOMAIN))}})
end
readList()
"""
        )

    def list_line(self, name: str) -> str:
        return f"{name}\n"

    def command(self) -> Sequence[str]:
        return [self.program, "--supervised", "--disable-syslog", "-C", f"{self.place.directory}/dnsdist.conf"]

    def tell(self) -> None:
        subprocess.Popen(
            [self.program, "-C", f"{self.place.directory}/dnsdist.conf", "-e", "readList()"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


@dataclass
class Knot(Rpz):
    """Knot Resolver with policy.rpz; with lua-cqueues installed it watches the file."""

    title: str = "Knot Resolver RPZ"
    package: str = "knot-resolver"
    program: str = "kresd"
    how_reloaded: str = "policy.rpz(..., true) watches the file"

    def write_configuration(self) -> None:
        (self.place.directory / "kresd.conf").write_text(
            f"""net.listen("127.0.0.1", {self.place.port})
trust_anchors.remove(".")
modules.unload("ta_update")
modules.unload("ta_signal_query")
modules.unload("priming")
modules.unload("detect_time_skew")
cache.size = 100 * MB
policy.add(policy.rpz(policy.DENY, "{self.list_file}", true))
policy.add(policy.all(policy.STUB("127.0.0.1@{self.place.upstream_port}")))
"""
        )

    def command(self) -> Sequence[str]:
        return [self.program, "--noninteractive", "-c", f"{self.place.directory}/kresd.conf", str(self.place.directory)]


PEERS: tuple[type[Peer], ...] = (Dnsmasq, DnsmasqServersFile, Unbound, UnboundRpz, PdnsRecursor, Dnsdist, Knot)


def missing() -> list[str]:
    """Packages whose program is not there."""
    return sorted({peer.package for peer in PEERS if not shutil.which(peer.program, path="/usr/sbin:/usr/bin:/sbin")})
