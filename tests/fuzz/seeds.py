"""What the fuzzers begin with: well-formed inputs of each target, and words worth putting in anywhere."""

import struct
from collections.abc import Mapping

from dnslib import EDNS0, RD, RR, DNSRecord, EDNSOption

_NAMES = (
    "example.vn",
    "adjug.com",
    "www.blocked.example",
    "ads.example",
    "track1.example",
    "re.example",
    "wifi.internal",
)
_ODD = (
    "resolver.arpa",
    "use-application-dns.net",
    "1.0.0.127.in-addr.arpa",
    "www.google.com",
    "cn.example",
    ".",
    "tx.example",
)
_TYPES = ("A", "AAAA", "HTTPS", "TXT", "ANY", "SVCB", "SOA", "PTR")


def _query(name: str, qtype: str, number: int) -> bytes:
    query = DNSRecord.question(name, qtype)
    if number % 3 == 1:
        query.add_ar(EDNS0(udp_len=1232, flags="do" if number % 2 else ""))
    elif number % 3 == 2:
        query.add_ar(EDNS0(udp_len=4096, opts=[EDNSOption(10, b"12345678"), EDNSOption(15, b"\0\0")]))
    return bytes(query.pack())


def _reply(zone: str) -> bytes:
    query = DNSRecord.question("example.vn", "A")
    reply = query.reply(ra=1)
    reply.add_answer(*RR.fromZone(zone))
    reply.add_ar(EDNS0(udp_len=1232, opts=[EDNSOption(15, b"\0\x11filtered")]))
    return bytes(reply.pack())


_ZONES = (
    "example.vn 300 A 203.0.113.7",
    "example.vn 300 CNAME www.blocked.example\nwww.blocked.example 60 A 10.0.0.1",
    'example.vn 300 TXT "words"',
    "example.vn 300 SOA ns.example.vn. root.example.vn. 1 3600 600 86400 300",
    "example.vn 300 MX 10 mail.example.vn\nexample.vn 300 AAAA fe80::1",
)
_QUERIES = [_query(name, qtype, at) for at, name in enumerate((*_NAMES, *_ODD)) for qtype in _TYPES]
_HTTPS = DNSRecord.question("example.vn", "HTTPS").reply(ra=1)
_SERVICE = "0001 00 0001 0003 026832 0004 0008 cb007107 0a010101 0006 0010 20010db8000000000000000000000001"
_HTTPS.add_answer(RR("example.vn", 65, ttl=300, rdata=RD(bytes.fromhex(_SERVICE))))  # alpn, ipv4hint, ipv6hint
_REPLIES = [*(_reply(zone) for zone in _ZONES), bytes(_HTTPS.pack())]


def _exchange(number: int, query: bytes) -> bytes:
    reply = _REPLIES[number % len(_REPLIES)]
    start = 12 + reply[12:].index(b"\0") + 5
    said = reply[2:4] + bytes((reply[7], reply[9], reply[11], number & 3)) + reply[start:]
    return bytes((number & 15,)) + struct.pack("!H", len(query)) + query + said


_LISTS = (
    "# a list\nexample.com\n0.0.0.0 a.example b.example # why\r\n127.0.0.1\tlocalhost\n:: c.example\n",
    "! t\n||a.example^\n@@||b.example^$important\n||c.example^$dnstype=~A|HTTPS,denyallow=x.c.example\n/ad[0-9]+/\n",
    "||d.example^$dnsrewrite=NOERROR;MX;10 m.example\n||e.example^$client=10.0.0.0/8|'kid',ctag=~pc,badfilter\nx##a\n",
    "address=/a.example/0.0.0.0\naddress=/b.example/#\nlocal=/c.example/\nserver=/d.example/\n",
    "$TTL 300\n$ORIGIN rpz.example.\n@ SOA l. r. 1 2 3 4 5\n NS l.\na.example CNAME .\n*.a.example CNAME *.\n"
    "b.example CNAME rpz-passthru.\n32.1.2.0.192.rpz-ip CNAME .\nc.example A 192.0.2.1\n",
    "domain:a.example\nfull:b.example @ads\nkeyword:casino\nregexp:^ads[0-9]{1,3}\\.\ninclude:more\n*://*.c.example/*\n",
    "b\u00fccher.example\nxn--bcher-kva.example\n*.w.example\n.dot.example\nexample.com.\nEXAMPLE.ORG\n",
)
_EXPRESSIONS = ("^(www\\.)?[a-z]+casino\\.(com|net)$\n(a|b)*c\n(?i)poker[0-9]{2,4}\n", "^ad[sx]?[0-9]*[.-]\n")

SEEDS: Mapping[str, list[bytes]] = {
    "packets": [*_QUERIES, *_REPLIES],
    "lists": [b"L" + text.encode() for text in _LISTS] + [b"E" + text.encode() for text in _EXPRESSIONS],
    "answers": [_exchange(at, query) for at, query in enumerate(_QUERIES)],
}

_OF_LISTS = (
    "|| ^ $ @@ * *. / // # ## ! $important $badfilter $denyallow= $dnstype= $dnsrewrite= NOERROR; NXDOMAIN $client= "
    "$ctag= ;HTTPS;1 address=/ server=/ local=/ $ORIGIN $TTL ( ) regexp: full: (a+)+ [^ {1,9} \\ . .. - xn-- :: [::1] "
    ":// | ~ , 0.0.0.0 rpz-drop. IN"
)
_OF_PACKETS = [b"\xc0\x0c", b"\xc0\0", b"\xff\xff", b"\0", b"\x3f", b"\x40", b"\0\x29", b"\0\5\0\1", b"\0\6\0\1"]
_ODD_TEXT = ["\ufeff", "\u200d", "\xfc", "\0", "\r", "\n", "\t", " ", " CNAME .", " CNAME *.", "a" * 64, "\u0130"]
WORDS: Mapping[str, list[bytes]] = {
    "packets": _OF_PACKETS,
    "lists": [word.encode() for word in (*_OF_LISTS.split(), *_ODD_TEXT)] + [b"\xff\xfe", b"\xc3"],
    "answers": [*_OF_PACKETS, b"\0\x41\0\1", b"\0\1\0\1", b"\0\x1c\0\1", b"\0\x0a\0\x08", b"\0\x0b\0\0"],
}
