"""What the fake Internet's DNS knows. Data only."""

from gateway.lab.plan import (
    DNS_IPV4,
    DNS_IPV6,
    SECOND_WEB_IPV4,
    SECOND_WEB_IPV6,
    WEB_IPV4,
    WEB_IPV6,
)

STUDY_SITE = "hoc.example.vn"
GAME_SITE = "garena.vn"  # on the shipped list of pay-to-play games; only the name, it lives on our second address
OPEN_SITE = "second.example"  # on our second address, beside no probe's host: what the walled garden opens
WEB_NAMES = ("www.example.com", "news.example.vn", STUDY_SITE, "catalogue.library.example", "films.example")

# name -> (type, value) pairs. A name that begins with "*." answers for everything below it.
RECORDS: dict[str, tuple[tuple[str, str], ...]] = {
    **dict.fromkeys((*WEB_NAMES, "example.com", "*.wild.example"), (("A", WEB_IPV4), ("AAAA", WEB_IPV6))),
    **dict.fromkeys((GAME_SITE, f"www.{GAME_SITE}"), (("A", SECOND_WEB_IPV4), ("AAAA", SECOND_WEB_IPV6))),
    OPEN_SITE: (("A", SECOND_WEB_IPV4), ("AAAA", SECOND_WEB_IPV6)),
    "v4only.example": (("A", WEB_IPV4),),
    "v6only.example": (("AAAA", WEB_IPV6),),
    "cdn.example": (("CNAME", "www.example.com"),),
    "cdn.cdn.example": (("CNAME", "cdn.example"),),
    "disguised.example": (("CNAME", GAME_SITE),),  # a blocked site behind a harmless name
    "mail.example": (("MX", "10 www.example.com"),),
    "ns.example": (("A", DNS_IPV4), ("AAAA", DNS_IPV6)),
    # over 4096 bytes: no EDNS size carries it, the question must come again by TCP
    "big.example": tuple(("TXT", f"{number:02d}-" + "x" * 240) for number in range(20)),
    # Windows looks this name up itself; the address is Microsoft's, it is never contacted
    "dns.msftncsi.com": (("A", "131.107.255.255"), ("AAAA", "fd3e:4f5a:5b81::1")),
}

SHORT_TTL_NAME = "short.example"  # TTL 1 s
SERVFAIL_NAME = "servfail.example"
SILENT_NAME = "silent.example"  # the question is taken and never answered
WHO_NAME = "who.isp.example"  # TXT: which of the two resolvers spoke
TTL_S = 300
