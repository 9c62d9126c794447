"""Hosts devices ask to learn whether they are online (portal spec S.6): nobody wants to be led there after login."""

PROBE_HOSTS = frozenset(
    {
        "captive.apple.com",
        "www.apple.com",
        "www.appleiphonecell.com",
        "www.airport.us",
        "www.ibook.info",
        "www.itools.info",
        "www.thinkdifferent.us",
        "connectivitycheck.gstatic.com",
        "www.gstatic.com",
        "clients3.google.com",
        "connectivitycheck.android.com",
        "play.googleapis.com",
        "www.google.com",
        "d2uzsrnmmf6tds.cloudfront.net",
        "connectivity.samsung.com.cn",
        "connect.rom.miui.com",
        "connectivitycheck.platform.hicloud.com",
        "connectivitycheck.cbg-app.huawei.com",
        "connectivitycheck.platform.hihonorcloud.com",
        "conn1.oppomobile.com",
        "wifi.vivo.com.cn",
        "connectivitycheck.grapheneos.network",
        "www.msftconnecttest.com",
        "ipv6.msftconnecttest.com",
        "www.msftncsi.com",
        "edge-http.microsoft.com",
        "detectportal.firefox.com",
        "network-test.debian.org",
        "connectivity-check.ubuntu.com",
        "fedoraproject.org",
        "nmcheck.gnome.org",
        "networkcheck.kde.org",
        "ping.archlinux.org",
        "spectrum.s3.amazonaws.com",
        "fireoscaptiveportal.com",
        "tabletcaptiveportal.com",
        "ctest.cdn.nintendo.net",
        "conntest.nintendowifi.net",
        "ena.net.playstation.net",
        "test.steampowered.com",
        "captive.roku.com",
    }
)
_PROBE_PATHS = ("/generate_204", "/gen_204")


def is_probe(host: str, path: str) -> bool:
    """Whether a request is a device's own question, not a patron's."""
    plain = host.lower().removesuffix(":80")
    if plain in ("www.google.com", "www.apple.com", "fedoraproject.org"):  # people go there too
        return path.startswith((*_PROBE_PATHS, "/library/test/success", "/static/hotspot"))
    return plain in PROBE_HOSTS or path.startswith(_PROBE_PATHS)
