"""What devices ask to learn whether they are online, and the exact answer that convinces them (portal.md S.6).

Data only: the fake Internet serves these, tests hold the gateway against them.
"""

from dataclasses import dataclass

_SUCCESS = b"<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>"
_FIREFOX = (
    b'<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>'  # compared exactly
)
_KINDLE = b"<html><head><title>Kindle</title></head><body>81ce4465-7167-4dcb-835b-dcc9e44c112a</body></html>\n"


@dataclass(frozen=True, slots=True)
class Probe:
    """One check: its URL without the query, and the online answer."""

    client: str
    host: str
    path: str
    status: int = 204
    body: bytes = b""
    header: tuple[str, str] | None = None


PROBES: tuple[Probe, ...] = (
    *(
        Probe("Apple", host, "/hotspot-detect.html", 200, _SUCCESS + b"\n")
        for host in (
            "captive.apple.com",
            "www.appleiphonecell.com",
            "www.airport.us",
            "www.ibook.info",
            "www.itools.info",
            "www.thinkdifferent.us",
        )
    ),
    Probe("Apple", "www.apple.com", "/library/test/success.html", 200, _SUCCESS),
    *(
        Probe("Android", host, "/generate_204")
        for host in (
            "connectivitycheck.gstatic.com",
            "www.google.com",
            "play.googleapis.com",
            "clients3.google.com",
            "connectivitycheck.android.com",
            "www.gstatic.com",
        )
    ),
    Probe("Android", "www.google.com", "/gen_204"),
    Probe("Samsung", "d2uzsrnmmf6tds.cloudfront.net", "/generate_204"),
    Probe("Samsung", "connectivity.samsung.com.cn", "/generate_204"),
    Probe("Xiaomi", "connect.rom.miui.com", "/generate_204"),
    Probe("Huawei", "connectivitycheck.platform.hicloud.com", "/generate_204"),
    Probe("Huawei", "connectivitycheck.cbg-app.huawei.com", "/generate_204"),
    Probe("Honor", "connectivitycheck.platform.hihonorcloud.com", "/generate_204"),
    Probe("OPPO", "conn1.oppomobile.com", "/generate_204"),
    Probe("vivo", "wifi.vivo.com.cn", "/generate_204"),
    Probe("GrapheneOS", "connectivitycheck.grapheneos.network", "/generate_204"),
    Probe("Windows", "www.msftconnecttest.com", "/connecttest.txt", 200, b"Microsoft Connect Test"),
    Probe("Windows", "ipv6.msftconnecttest.com", "/connecttest.txt", 200, b"Microsoft Connect Test"),
    Probe("Windows 8.1", "www.msftncsi.com", "/ncsi.txt", 200, b"Microsoft NCSI"),
    Probe("Edge", "edge-http.microsoft.com", "/captiveportal/generate_204"),
    Probe("Firefox", "detectportal.firefox.com", "/canonical.html", 200, _FIREFOX),
    Probe("Firefox", "detectportal.firefox.com", "/success.txt", 200, b"success\n"),
    Probe(
        "Debian",
        "network-test.debian.org",
        "/nm",
        200,
        b"NetworkManager is online\n",
        ("X-NetworkManager-Status", "online"),
    ),
    Probe("Ubuntu", "connectivity-check.ubuntu.com", "/", 204, b"", ("X-NetworkManager-Status", "online")),
    Probe("Fedora", "fedoraproject.org", "/static/hotspot.txt", 200, b"OK"),
    Probe("GNOME", "nmcheck.gnome.org", "/check_network_status.txt", 200, b"NetworkManager is online"),
    Probe("KDE", "networkcheck.kde.org", "/", 200, b"OK"),
    Probe("Arch", "ping.archlinux.org", "/", 200, b"NetworkManager is online\n"),
    Probe("Kindle", "spectrum.s3.amazonaws.com", "/kindle-wifi/wifistub.html", 200, _KINDLE),
    Probe("Fire", "fireoscaptiveportal.com", "/generate_204"),
    Probe("Fire", "tabletcaptiveportal.com", "/generate_204"),
    Probe("Nintendo", "ctest.cdn.nintendo.net", "/", 200, b"ok", ("X-Organization", "Nintendo")),
    Probe("Nintendo", "conntest.nintendowifi.net", "/", 200, b"ok", ("X-Organization", "Nintendo")),
    Probe("PlayStation", "ena.net.playstation.net", "/netstart/ps4", 403),
    Probe("Steam", "test.steampowered.com", "/204"),
    Probe("Roku", "captive.roku.com", "/ok", 200, b"ok"),
)

PROBE_HOSTS = tuple(sorted({probe.host for probe in PROBES}))
