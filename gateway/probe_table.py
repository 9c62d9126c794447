"""What devices ask to learn whether they are online, and the exact answer that convinces them (portal.md S.6).

Data only, and the only copy: the portal knows a device's own question by it, the lab's fake Internet serves it, tests
hold the gateway against it.
"""

from dataclasses import dataclass

_SUCCESS = b"<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>"
_FIREFOX = (
    b'<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>'  # compared exactly
)
_KINDLE = b"<html><head><title>Kindle</title></head><body>81ce4465-7167-4dcb-835b-dcc9e44c112a</body></html>\n"


_APPLE_AGENTS = (
    "CaptiveNetworkSupport-443.40.4 wispr",  # the system itself; the number varies
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
)
_ANDROID_AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/60.0.3112.32 Safari/537.36",
)
_WINDOWS_AGENTS = ("Microsoft NCSI",)
_FIREFOX_AGENTS = ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",)


@dataclass(frozen=True, slots=True)
class Probe:
    """One check by GET: its URL, who says to ask, and the online answer."""

    client: str
    host: str
    path: str
    status: int | None = 204
    """None: any; the device looks at nothing but that somebody answered."""
    body: bytes | None = b""
    """Byte for byte; None: any."""
    header: tuple[str, str] | None = None
    """A header the device looks for."""
    agents: tuple[str, ...] = ("",)
    """User-Agent headers it comes with, one after another; "" is none that matters."""
    query: str = ""
    https: bool = False
    """Asked by TLS: before login nobody may answer it; the device's plain question raises the sign-in."""
    shared: bool = False
    """People go to this host too: only the path tells a device's question."""
    note: str = ""

    @property
    def target(self) -> str:
        """Path and query, as the request line has them."""
        return f"{self.path}?{self.query}" if self.query else self.path


PROBES: tuple[Probe, ...] = (
    *(
        Probe("Apple", host, "/hotspot-detect.html", 200, _SUCCESS + b"\n", agents=_APPLE_AGENTS)
        for host in (
            "captive.apple.com",
            "www.appleiphonecell.com",
            "www.airport.us",
            "www.ibook.info",
            "www.itools.info",
            "www.thinkdifferent.us",
        )
    ),
    Probe("Apple", "www.apple.com", "/library/test/success.html", 200, _SUCCESS, agents=_APPLE_AGENTS, shared=True),
    *(
        Probe("Android", host, "/generate_204", agents=_ANDROID_AGENTS, note="failed, not captive: 200 with <= 4 bytes")
        for host in (
            "connectivitycheck.gstatic.com",
            "play.googleapis.com",
            "clients3.google.com",
            "connectivitycheck.android.com",
        )
    ),
    Probe("Android", "www.google.com", "/gen_204", agents=_ANDROID_AGENTS, shared=True),
    Probe("Android", "www.google.com", "/generate_204", agents=_ANDROID_AGENTS, https=True, shared=True),
    Probe("ChromeOS", "www.gstatic.com", "/generate_204", note="clients3.google.com too; retries up to 10 s"),
    Probe("ChromeOS", "www.gstatic.com", "/generate_204", https=True),
    Probe("Samsung", "d2uzsrnmmf6tds.cloudfront.net", "/generate_204"),
    Probe("Samsung", "connectivity.samsung.com.cn", "/generate_204"),
    Probe("Xiaomi", "connect.rom.miui.com", "/generate_204"),
    Probe("Huawei", "connectivitycheck.platform.hicloud.com", "/generate_204"),
    Probe("Huawei", "connectivitycheck.cbg-app.huawei.com", "/generate_204"),
    Probe("Honor", "connectivitycheck.platform.hihonorcloud.com", "/generate_204"),
    Probe("OPPO", "conn1.oppomobile.com", "/generate_204"),
    Probe("vivo", "wifi.vivo.com.cn", "/generate_204"),
    Probe("GrapheneOS", "connectivitycheck.grapheneos.network", "/generate_204"),
    Probe(
        "Windows",
        "www.msftconnecttest.com",
        "/connecttest.txt",
        200,
        b"Microsoft Connect Test",
        agents=_WINDOWS_AGENTS,
        note="Xbox too; then asks DNS for dns.msftncsi.com",
    ),
    Probe(
        "Windows",
        "ipv6.msftconnecttest.com",
        "/connecttest.txt",
        200,
        b"Microsoft Connect Test",
        agents=_WINDOWS_AGENTS,
        note="Xbox too; then asks DNS for dns.msftncsi.com",
    ),
    Probe(
        "Windows", "www.msftconnecttest.com", "/redirect", None, None, note="opened in the browser of a captive user"
    ),
    Probe("Windows 8.1", "www.msftncsi.com", "/ncsi.txt", 200, b"Microsoft NCSI", agents=_WINDOWS_AGENTS),
    Probe("Edge", "edge-http.microsoft.com", "/captiveportal/generate_204"),
    Probe("Firefox", "detectportal.firefox.com", "/canonical.html", 200, _FIREFOX, agents=_FIREFOX_AGENTS),
    *(
        Probe(
            "Firefox",
            "detectportal.firefox.com",
            "/success.txt",
            200,
            b"success\n",
            agents=_FIREFOX_AGENTS,
            query=query,
        )
        for query in ("ipv4", "ipv6")
    ),
    Probe(
        "Debian",
        "network-test.debian.org",
        "/nm",
        200,
        b"NetworkManager is online\n",
        ("X-NetworkManager-Status", "online"),
    ),
    Probe("Ubuntu", "connectivity-check.ubuntu.com", "/", 204, b"", ("X-NetworkManager-Status", "online")),
    Probe("Fedora", "fedoraproject.org", "/static/hotspot.txt", 200, b"OK", shared=True),
    Probe("GNOME", "nmcheck.gnome.org", "/check_network_status.txt", 200, b"NetworkManager is online"),
    Probe("KDE", "networkcheck.kde.org", "/", 200, b"OK"),
    Probe("Arch", "ping.archlinux.org", "/", 200, b"NetworkManager is online\n"),
    Probe("Kindle", "spectrum.s3.amazonaws.com", "/kindle-wifi/wifistub.html", 200, _KINDLE),
    Probe("Fire", "fireoscaptiveportal.com", "/generate_204"),
    Probe("Fire", "tabletcaptiveportal.com", "/generate_204"),
    Probe("Nintendo", "ctest.cdn.nintendo.net", "/", 200, b"ok", ("X-Organization", "Nintendo")),
    Probe("Nintendo", "conntest.nintendowifi.net", "/", 200, b"ok", ("X-Organization", "Nintendo")),
    *(
        Probe("PlayStation", "ena.net.playstation.net", path, 403, None, note="403 even online: only that it answers")
        for path in ("/netstart/ps4", "/icst")
    ),
    Probe("Steam", "test.steampowered.com", "/204"),
    Probe("Roku", "captive.roku.com", "/ok", 200, b"ok"),
)

PROBE_HOSTS = tuple(sorted({probe.host for probe in PROBES}))
PROBE_ONLY_HOSTS = frozenset(probe.host for probe in PROBES if not probe.shared)
"""Hosts that nobody goes to: no list of the filter refuses them, so that a device learns that it is online."""
