"""Debian's openNDS beside us: its own network of namespaces, its own click-through page, the same four exchanges.

In:  how many clients. Out: their namespaces, and one login as a device does it. openNDS is started by hand inside its
namespace, with a mount namespace of its own: it writes into /etc/hosts and /tmp. It speaks iptables; Debian's
iptables-nft refuses one of its chains on kernels without xtables compatibility, so it gets the legacy ones.
"""

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import quote

from bench.exchange import Taken, exchange, request

GATEWAY, ADDRESS, PORT = "cong-onds", "10.78.0.1", 2050
_FAS = re.compile(r'name="fas" value="([^"]*)"')
_LOCATION = re.compile(r"^Location: (\S+)", re.MULTILINE | re.IGNORECASE)
_CONFIG = """GatewayInterface lan0
GatewayAddress 10.78.0.1
login_option_enabled 1
FirewallRuleSet authenticated-users {
    FirewallRule allow all
}
FirewallRuleSet users-to-router {
    FirewallRule allow udp port 53
    FirewallRule allow tcp port 2050
}
"""
# it asks a lease file whether an address is DHCP's own; the clients here have theirs by hand
_START = """
mount -t tmpfs tmpfs /tmp && mount -t tmpfs tmpfs /var/lib/misc
mkdir /tmp/etc /tmp/bin && cp -a /etc/. /tmp/etc/ && mount --bind /tmp/etc /etc
for name in iptables ip6tables; do ln -s "$(command -v $name-legacy)" /tmp/bin/$name; done
cat > /tmp/opennds.conf
for n in $(seq 1 "$1"); do
    echo "9999999999 $(printf 02:00:5e:30:00:%02x $n) 10.78.0.$((n + 10)) c$n *" >> /var/lib/misc/dnsmasq.leases
done
export PATH=/tmp/bin:$PATH
exec opennds -f -d 0 -c /tmp/opennds.conf
"""


@contextmanager
def network(count: int) -> Iterator[list[str]]:
    """A bridge with so many clients; their namespaces."""
    clients = [f"cong-o{n}" for n in range(1, count + 1)]
    try:
        _ip("", ["netns add " + name for name in (GATEWAY, *clients)])
        lines = ["link add lan0 type bridge forward_delay 0", "link add wan0 type veth peer name modem"]
        for n, client in enumerate(clients, 1):
            mac = f"02:00:5e:30:00:{n:02x}"
            lines += [f"link add port{n} type veth peer name eth0 address {mac} netns {client}"]
            lines += [f"link set port{n} master lan0 up"]
        lines += ["link set lo up", "link set lan0 up", "link set wan0 up", "link set modem up"]
        lines += [f"addr add {ADDRESS}/24 dev lan0", "addr add 203.0.113.2/24 dev wan0"]
        _ip(GATEWAY, [*lines, "route add default via 203.0.113.1"])
        for n, client in enumerate(clients, 1):
            own = [f"addr add 10.78.0.{n + 10}/24 dev eth0", f"route add default via {ADDRESS}"]
            _ip(client, ["link set lo up", "link set eth0 up", *own])
        yield clients
    finally:
        for name in (*clients, GATEWAY):
            subprocess.run(["ip", "netns", "del", name], stderr=subprocess.DEVNULL, check=False)


@contextmanager
def running(count: int) -> Iterator[int]:
    """openNDS with nobody signed in; its process number, when it redirects the last client."""
    command = ["ip", "netns", "exec", GATEWAY, "sh", "-ec", _START, "opennds", str(count)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with suppress(BrokenPipeError):
            process.communicate(_CONFIG.encode(), timeout=0.2)
    except subprocess.TimeoutExpired:
        pass
    try:
        _wait_ready(process, f"cong-o{count}")
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        subprocess.run(["ip", "netns", "exec", GATEWAY, "sh", "-c", _CLEAN], check=False, stderr=subprocess.DEVNULL)


_CLEAN = "for t in filter nat mangle; do iptables-legacy -t $t -F; iptables-legacy -t $t -X; done"


async def login(netns: str) -> Taken:
    """From the probe to the page that says one is online; AssertionError when another comes."""
    begun, waits_s = time.perf_counter(), list[float]()
    asked = request("GET", "/hotspot-detect.html", "captive.apple.com")
    probe = (await exchange(netns, "198.18.0.1", asked, waits_s)).decode()
    found = _LOCATION.search(probe)
    assert found, probe[:100]
    answer = await _page(netns, waits_s, found[1].partition(f":{PORT}")[2])
    answer = await _page(netns, waits_s, f"/opennds_preauth/?fas={_fas(answer)}&continue=clicked")
    answer = await _page(netns, waits_s, f"/opennds_preauth/?fas={_fas(answer)}&landing=yes")
    assert "You are now logged in" in answer, answer[:100]
    return Taken(time.perf_counter() - begun, sum(waits_s))


def listing_and_kick_s(pid: int, address: str) -> tuple[float, float]:
    """Seconds of its own command for a listing, and for ending a client."""
    inside = ["nsenter", "-t", str(pid), "-m", "-n", "ndsctl"]
    begun = time.monotonic()
    subprocess.run([*inside, "json"], check=False, capture_output=True)
    listed = time.monotonic()
    subprocess.run([*inside, "deauth", address], check=False, capture_output=True)
    return listed - begun, time.monotonic() - listed


def version() -> str:
    """As Debian has it; empty when it is not installed."""
    asked = ["dpkg-query", "-W", "-f", "${Version}", "opennds"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout


async def _page(netns: str, waits_s: list[float], target: str) -> str:
    answer = await exchange(netns, ADDRESS, request("GET", target, f"{ADDRESS}:{PORT}"), waits_s, port=PORT)
    return answer.decode("utf-8", "replace")


def _fas(page: str) -> str:
    found = _FAS.search(page)
    assert found, page[:100]
    return quote(found[1], safe="")


def _wait_ready(process: "subprocess.Popen[bytes]", client: str) -> None:
    probe = ["curl", "-s", "-o", "/dev/null", "-m", "2", "-w", "%{http_code}", "http://198.18.0.1/x"]
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if process.poll() is not None:
            raise SystemExit("openNDS ended by itself")
        done = subprocess.run(["ip", "netns", "exec", client, *probe], capture_output=True, text=True, check=False)
        if done.stdout == "307":
            return
        time.sleep(0.2)
    raise SystemExit("openNDS does not redirect")


def _ip(netns: str, lines: list[str]) -> None:
    inside = ["-n", netns] if netns else []
    subprocess.run(["ip", *inside, "-batch", "-"], input="\n".join(lines), text=True, check=True)
