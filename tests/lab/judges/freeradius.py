"""FreeRADIUS as a library's account server at the ISP's end of the line, with a configuration of its own."""

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.lab.driver import Lab
from gateway.lab.plan import MODEM_IPV4, WAN_IPV4
from tests.lab.judges.programs import running, said, scratch

ADDRESS = MODEM_IPV4
SECRET = "một-bí-mật-dài-1234567890"
ORDERS_PORT = 3799

_CONFIG = """
prefix = /usr
libdir = /usr/lib/freeradius
raddbdir = {directory}
logdir = {directory}
run_dir = {directory}
pidfile = {directory}/pid
log {{
  destination = stdout
}}
security {{
  max_attributes = 200
  reject_delay = 0
  status_server = no
}}
proxy_requests = no
thread pool {{
  start_servers = 1
  max_servers = 4
  min_spare_servers = 1
  max_spare_servers = 2
}}
client library {{
  ipaddr = {gateway}
  secret = "{secret}"
  require_message_authenticator = yes
}}
modules {{
  pap {{
  }}
  chap {{
  }}
  files {{
    usersfile = {directory}/users
  }}
  detail {{
    filename = {directory}/detail
    header = "record"
    permissions = 0600
  }}
}}
server default {{
  listen {{
    type = auth
    ipaddr = {address}
    port = {auth_port}
  }}
  listen {{
    type = acct
    ipaddr = {address}
    port = {accounting_port}
  }}
  authorize {{
    chap
    files
    pap
  }}
  authenticate {{
    Auth-Type PAP {{
      pap
    }}
    Auth-Type CHAP {{
      chap
    }}
  }}
  accounting {{
    detail
  }}
  # 3.2.1 sends none by itself
  post-auth {{
    update reply {{
      Message-Authenticator := 0x00
    }}
    Post-Auth-Type REJECT {{
      update reply {{
        Message-Authenticator := 0x00
      }}
    }}
  }}
}}
"""

_USERS = """
lan Cleartext-Password := "thư viện 1"
    Session-Timeout = 1800,
    Idle-Timeout = 600,
    Filter-Id = "child",
    Class = 0x6c6f703341,
    WISPr-Bandwidth-Max-Up = 8192000,
    WISPr-Bandwidth-Max-Down = 16384000,
    ChilliSpot-Max-Total-Octets = 1705032704,
    Attr-26.14559.23 = 0x00000002

mai Cleartext-Password := "another"

khoa Auth-Type := Reject
    Reply-Message = "Thẻ <b>hết hạn</b>: gia hạn ở quầy"
"""


@dataclass(frozen=True, slots=True)
class Judge:
    """A running server, or one that was killed."""

    lab: Lab
    directory: Path
    pid: int

    def records(self, name: str | None = None) -> list[dict[str, str]]:
        """What was told, in order: attributes by name, of one user or of all."""
        blocks = re.split(r"\n(?=record)", said(self.directory / "detail")) if self._has_detail() else []
        found = [dict(re.findall(r"^\t(\S+) = \"?(.*?)\"?$", block, re.MULTILINE)) for block in blocks]
        return [each for each in found if name is None or each.get("User-Name") == name]

    def kill(self) -> None:
        """As a power cut would end it."""
        self.lab.run("isp", ["kill", f"-{signal.SIGKILL.value}", str(self.pid)])

    def order(self, what: str, *attributes: str, secret: str = SECRET) -> str:
        """radclient's `disconnect` or `coa` to the gateway, and all it says about it."""
        command = ["radclient", "-x", "-r", "1", "-t", "2", f"{WAN_IPV4}:{ORDERS_PORT}", what, secret]
        done = self.lab.run("isp", command, stdin=", ".join(attributes) + "\n")
        return done.stdout + done.stderr

    def _has_detail(self) -> bool:
        return (self.directory / "detail").exists()


@contextmanager
def directory(
    gateway: str = WAN_IPV4, address: str = ADDRESS, ports: tuple[int, int] = (1812, 1813), users: str = _USERS
) -> Iterator[Path]:
    """The server's own configuration; it and what it writes outlive a killed server."""
    with scratch() as place:
        values = {"gateway": gateway, "address": address, "auth_port": ports[0], "accounting_port": ports[1]}
        text = _CONFIG.format(directory=place, secret=SECRET, **values)
        (place / "radiusd.conf").write_text(text, encoding="utf-8")
        (place / "users").write_text(users, encoding="utf-8")
        (place / "dictionary").write_text("", encoding="ascii")
        (place / "secret").write_text(SECRET + "\n", encoding="utf-8")
        yield place


@contextmanager
def serving(lab: Lab, place: Path) -> Iterator[Judge]:
    """The server, up when this begins."""
    command = [*lab.inside("isp"), "freeradius", "-f", "-x", "-l", "stdout", "-d", str(place)]
    log = place / "log"
    with running(command, log) as child:
        ports = ["ss", "-Hlun", "src", f"{ADDRESS}:1813"]
        try:
            lab.wait_until(lambda: lab.run("isp", ports).stdout, 15, "freeradius")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{said(log)[-2000:]}") from None
        yield Judge(lab, place, child.pid)
