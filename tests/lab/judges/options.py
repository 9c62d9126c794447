"""What Debian's own DHCP clients and an outside reader of router advertisements are told on a client of the lab.

Each runs beside the client's own dhclient, asks as that device and writes no address: its script only writes down what
it was given. They stand in a mount namespace with small file systems of their own, for AppArmor ties dhclient to
Debian's paths, and dhcpcd keeps leases where the machine's own would be.
"""

import re
from pathlib import Path

from scapy.layers.inet6 import ICMPv6ND_RA, ICMPv6NDOptCaptivePortal, IPv6
from scapy.layers.l2 import Ether

from gateway.lab.driver import Lab
from gateway.lab.wires import CLIENT_INTERFACE
from tests.lab.judges.programs import scratch

_BEGIN = """\
exec </dev/null
mount -t tmpfs -o mode=755,exec tmpfs "$1"
cd "$1"
mkdir state
mount --bind state /var/lib/dhcpcd 2>/dev/null || mkdir -p /var/lib/dhcpcd
printf '#!/bin/sh\\nset >>%s/said\\nexit 0\\n' "$1" >say
chmod +x say
cp "$(command -v dhclient)" own-dhclient
touch said leases
"""
_END = """\
cat said log
"""
_ASKS = {
    "dhclient": """\
echo 'request subnet-mask, default-url;' >conf
timeout 12 "$1/own-dhclient" -4 -1 -q -cf "$1/conf" -sf "$1/say" -lf "$1/leases" -pf "$1/pid" "$2" >log 2>&1
kill "$(cat pid)"
""",
    "dhclient -6": """\
printf 'option dhcp6.captive-portal code 103 = text;\\nalso request dhcp6.captive-portal;\\n' >conf
timeout 12 "$1/own-dhclient" -6 -S -1 -d -cf "$1/conf" -sf "$1/say" -lf "$1/leases" -pf "$1/pid" "$2" >log 2>&1
""",
    "udhcpc": """\
timeout 12 udhcpc -f -q -n -t 3 -i "$2" -O 114 -s "$1/say" >log 2>&1
""",
    # it only tells what it was offered, and may fall over afterwards (9.4.1 does)
    "dhcpcd": """\
printf 'define 114 string portal_uri\\noption portal_uri\\n' >conf
timeout 12 dhcpcd -4 -T -f "$1/conf" -c "$1/say" "$2" >log 2>&1
""",
}
CLIENTS = tuple(_ASKS)
_HEAR = f"""\
import socket, subprocess
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x86DD))
link.bind(("{CLIENT_INTERFACE}", 0))
link.settimeout(10)
done = subprocess.run(["rdisc6", "-1", "-w", "8000", "{CLIENT_INTERFACE}"], capture_output=True, text=True)
assert done.returncode == 0, done.stderr
while (frame := link.recv(2048))[20] != 58 or frame[54] != 134:
    pass
print(frame.hex())
"""


_URI = re.compile(r"^(?:new_default_url|new_dhcp6_captive_portal|new_portal_uri|opt114)='(.*)'$", re.MULTILINE)
_SERVED = re.compile(r"^(?:new_dhcp_server_identifier|new_dhcp6_server_id|serverid)=", re.MULTILINE)


def told(lab: Lab, client: str, program: str) -> list[str]:
    """The portal URIs a DHCP client was given; [] when the server's answer had none."""
    with scratch() as directory:
        script, place = directory / "ask", directory / "place"
        place.mkdir()
        script.write_text(_BEGIN + _ASKS[program] + _END, encoding="ascii")
        command = ["unshare", "--mount", "sh", str(script), str(place), CLIENT_INTERFACE]
        said = lab.run(client, command, timeout=30).stdout
    assert _SERVED.search(said), f"{program} was not served: {said}"
    values = set(_URI.findall(said))
    return sorted(bytes.fromhex(value).decode() if value.startswith("6874") else value for value in values)


def advertised(lab: Lab, client: str, python: Path) -> list[str]:
    """The portal URIs in the router advertisement that rdisc6 brings about, as scapy reads it."""
    done = lab.run(client, [str(python), "-c", _HEAR], timeout=30)
    assert done.returncode == 0, done.stderr
    packet = Ether(bytes.fromhex(done.stdout))
    assert packet[IPv6].hlim == 255 and packet.haslayer(ICMPv6ND_RA)
    found, layer = [], packet[ICMPv6ND_RA]
    while layer := layer.payload:
        if isinstance(layer, ICMPv6NDOptCaptivePortal):
            found.append(bytes(layer.URI).rstrip(b"\0").decode("ascii"))
    return found
