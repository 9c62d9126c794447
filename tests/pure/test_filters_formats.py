"""Lists as people publish them: what is taken, what is left and counted, what is junk."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.errors import FilterError
from filters.formats.entry import Format, Listing
from filters.formats.lines import MAX_LINE
from filters.formats.listing import read_listing
from filters.names import normal_form
from filters.settings import Action
from filters.special import Reach, Rewrite, Special

TREE, EXACT, BELOW = Reach.TREE, Reach.EXACT, Reach.BELOW


def _read(text: str | bytes, form: Format | None = None) -> Listing:
    return read_listing(text.encode() if isinstance(text, str) else text, where="list x (x.txt)", form=form)


def _names(listing: Listing) -> list[tuple[str, int, Reach]]:
    return [(entry.name, entry.line, entry.reach) for entry in listing.entries]


def _rejected(listing: Listing) -> dict[str, int]:
    return {each.reason: each.count for each in listing.rejects}


def _special(line: str, before: str = "x.vn") -> Special:
    listing = _read(f"{before}\n{line}\n")
    assert not listing.rejects, listing.rejects
    (special,) = listing.specials
    assert (special.line, special.text) == (2, line)
    return special


def test_plain_lines_reach_below_and_comments_go() -> None:
    listing = _read("# head\n! note\nA.vn\nb.vn # likely\n*.c.vn\n.d.vn\ne.vn.\n\n[Adblock Plus 2.0]\n")
    assert [entry.name for entry in listing.entries] == ["a.vn", "b.vn", "c.vn", "d.vn", "e.vn"]
    assert [entry.line for entry in listing.entries] == [3, 4, 5, 6, 7]
    assert all(entry.reach is TREE for entry in listing.entries)
    assert listing.format is Format.PLAIN
    assert not listing.rejects


def test_hosts_lines_are_exact_and_every_name_counts() -> None:
    listing = _read(
        "127.0.0.1 localhost\n::1 ip6-localhost ip6-loopback\n0.0.0.0 0.0.0.0\n0.0.0.0 a.vn b.vn\tC.vn *.d.vn # x\n"
    )
    assert _names(listing) == [("a.vn", 4, EXACT), ("b.vn", 4, EXACT), ("c.vn", 4, EXACT), ("d.vn", 4, BELOW)]
    assert listing.format is Format.HOSTS
    assert _rejected(listing) == {"name-of-this-machine": 4}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("x.vn##.banner", "adblock-cosmetic"),
        ("a.vn,b.vn#@#.ad > div", "adblock-cosmetic"),
        ("a.vn#%#//scriptlet('x', 'y')", "adblock-cosmetic"),
        ("||ads.vn^$third-party", "adblock-modifier"),
        ("||ads.vn^$script,domain=a.vn", "adblock-modifier"),
        ("@@||ads.vn^$generichide", "adblock-modifier"),
        ("||ads.vn/banner.js", "adblock-path"),
        ("||ads.vn:8080^", "adblock-path"),
        ("/$client=127.0.0.1", "adblock-path"),
        ("/banner/*", "adblock-path"),
        ("||*^", "adblock-every-name"),
        ("||ads.vn^$dnstype=NOTYPE", "adblock-bad-dnstype"),
        ("||ads.vn^$dnsrewrite=NOERROR;A;::1", "adblock-bad-dnsrewrite"),
        ("||ads.vn^$dnsrewrite=A:NOERROR:127.0.0.1", "adblock-bad-dnsrewrite"),
        ("||ads.vn^$client=", "adblock-bad-client"),
        ("||ads.vn^$denyallow=..", "adblock-bad-denyallow"),
        ("||192.0.2.1^", "ip-address"),
        ("/(a+)+b(a+)+$/", "regex-too-dear"),
        ("/^https?:\\/\\/ads/", "regex-never-fits-a-name"),
        ("/(?<=a)b/", "regex-unsupported"),
        ("/.*/", "regex-fits-every-name"),
        ("/(ads/", "regex-syntax"),
        ("server=/d.vn/192.0.2.1", "dnsmasq-forwarding"),
        ("address=/d.vn/example", "dnsmasq-bad-address"),
        ("address=/d.vn/e.vn/192.0.2.1", "dnsmasq-several-names"),
        ("server=/d.vn/e.vn/#", "dnsmasq-several-names"),
        ("cache-size=1000", "dnsmasq-option"),
        ("bogus-nxdomain=192.0.2.1", "dnsmasq-option"),
        ("32.1.2.0.192.rpz-ip CNAME .", "rpz-trigger-not-used"),
        ("ns.evil.vn.rpz-nsdname CNAME .", "rpz-trigger-not-used"),
        ("a.vn CNAME", "several-words"),
        ("a.vn IN HINFO x y", "rpz-record"),
        ("$INCLUDE other.zone", "rpz-include"),
        ("include:other", "v2fly-include"),
        ("keyword:ads", "v2fly-short-keyword"),
        ("*://*.d.vn/path/*", "url-path"),
        ("x.vn/path", "url-path"),
        ("https://x.vn/path/", "url-path"),
        ("192.0.2.1", "ip-address"),
        ("fe80::1%lo0 localhost", "name-of-this-machine"),
        ("two words", "several-words"),
        ("y" * 64 + ".vn", "label-too-long"),
        ("a..vn", "empty-label"),
        ("b" + ".a" * 127 + ".vn", "name-too-long"),
        ("a\\b.vn", "bad-character"),
    ],
)
def test_what_is_not_understood_is_counted_with_its_line(line: str, reason: str) -> None:
    listing = _read(f"a.vn\n{line}\nb.vn\n")
    assert [entry.name for entry in listing.entries] == ["a.vn", "b.vn"]
    assert not listing.specials
    assert [(each.reason, each.count, each.first[0][0]) for each in listing.rejects] == [(reason, 1, 2)]


@pytest.mark.parametrize(
    ("line", "name", "reach"),
    [
        ("||d.vn^", "d.vn", TREE),
        ("||d.vn", "d.vn", TREE),
        ("||d.vn^|", "d.vn", TREE),
        ("||d.vn|", "d.vn", TREE),
        ("||d.vn/*", "d.vn", TREE),
        ("||D.vn^$all", "d.vn", TREE),
        ("d.vn^", "d.vn", TREE),
        ("|d.vn^", "d.vn", EXACT),
        ("://d.vn", "d.vn", EXACT),
        ("|https://d.vn^", "d.vn", EXACT),
        ("||*.d.vn^", "d.vn", BELOW),
        (".d.vn^", "d.vn", BELOW),
        ("||điện.vn^", "xn--in-pma9351a.vn", TREE),
        ("address=/d.vn/", "d.vn", TREE),
        ("address=/d.vn/#", "d.vn", TREE),
        ("address=/d.vn/0.0.0.0", "d.vn", TREE),
        ("address=/*.d.vn/::", "d.vn", BELOW),
        ("local=/d.vn/", "d.vn", TREE),
        ("server=/d.vn/127.0.0.1", "d.vn", TREE),
        ("d.vn CNAME .", "d.vn", EXACT),
        ("*.d.vn 300 IN CNAME .", "d.vn", BELOW),
        ("domain:d.vn", "d.vn", TREE),
        ("full:d.vn @cn", "d.vn", EXACT),
        ("d.vn @cn @!ads", "d.vn", TREE),
        ("*://*.d.vn/*", "d.vn", TREE),
        ("*://d.vn/*", "d.vn", EXACT),
        ("https://d.vn/", "d.vn", EXACT),
        ("http://d.vn:8080/", "d.vn", EXACT),
        ("d.vn/", "d.vn", TREE),
    ],
)
def test_a_name_in_every_syntax(line: str, name: str, reach: Reach) -> None:
    listing = _read(f"{line}\n")
    assert _names(listing) == [(name, 1, reach)]
    assert not listing.specials
    assert not listing.rejects


def test_a_name_dnsmasq_asks_the_usual_servers_for_is_an_exception() -> None:
    """Its manual, --server: "the special server address '#' means, use the standard servers"."""
    special = _special("server=/open.d.vn/#", before="address=/d.vn/")
    assert special == Special(2, special.text, "open.d.vn", TREE, action=Action.ALLOW)
    assert _special("local=/*.d.vn/#").reach is BELOW


def test_several_names_of_one_dnsmasq_line() -> None:
    assert [each.name for each in _read("address=/a.vn/b.vn/#\n").entries] == ["a.vn", "b.vn"]


def test_conditions_of_adblock_rules() -> None:
    assert _special("@@||d.vn^").action is Action.ALLOW
    assert _special("||d.vn^$important").important
    clients = r"client=~'Frank\'s\, box'|10.0.0.0/8"
    said = _special(f"||d.vn^$dnstype=A|~aaaa|TYPE65,denyallow=a.d.vn|b.d.vn,{clients},ctag=pc|~tv")
    assert (set(said.types), set(said.not_types)) == ({1, 65}, {28})
    assert said.except_under == ("a.d.vn", "b.d.vn")
    assert (said.clients, said.not_clients) == (("10.0.0.0/8",), ("Frank's, box",))
    assert (set(said.tags), set(said.not_tags)) == ({"pc"}, {"tv"})
    assert said.asks_who
    assert said.conditions == 7


@pytest.mark.parametrize(
    ("value", "rewrite"),
    [
        ("NXDOMAIN", Rewrite(rcode=3)),
        ("refused", Rewrite(rcode=5)),
        ("NOERROR", Rewrite()),
        ("SERVFAIL;;", Rewrite(rcode=2)),
        ("192.0.2.1", Rewrite(records=((1, b"\xc0\0\2\1"),))),
        ("2001:db8::1", Rewrite(records=((28, bytes.fromhex("20010db8000000000000000000000001")),))),
        ("safe.vn", Rewrite(target="safe.vn")),
        ("NOERROR;A;192.0.2.1", Rewrite(records=((1, b"\xc0\0\2\1"),))),
        ("NOERROR;CNAME;safe.vn", Rewrite(target="safe.vn")),
        ("NOERROR;MX;10 m.vn", Rewrite(records=((15, b"\0\x0a\1m\2vn\0"),))),
        ("NOERROR;TXT;two words", Rewrite(records=((16, b"\x09two words"),))),
        ("NOERROR;PTR;m.vn.", Rewrite(records=((12, b"\1m\2vn\0"),))),
        ("NOERROR;SRV;1 2 443 m.vn", Rewrite(records=((33, b"\0\1\0\2\1\xbb\1m\2vn\0"),))),
        (
            "NOERROR;HTTPS;1 . alpn=h3 port=443",
            Rewrite(records=((65, b"\0\1\0" + b"\0\1\0\3\2h3" + b"\0\3\0\2\1\xbb"),)),
        ),
    ],
)
def test_every_form_of_dnsrewrite(value: str, rewrite: Rewrite) -> None:
    assert _special(f"||d.vn^$dnsrewrite={value}").rewrite == rewrite


def test_badfilter_takes_out_its_twin_alone() -> None:
    listing = _read(
        "||a.vn^\n||a.vn^$important\n||b.vn^$important\n@@||c.vn^\nd.vn\n"
        "||a.vn^$badfilter\n||b.vn^$badfilter,important\n@@||c.vn^$badfilter\n"
    )
    assert [entry.name for entry in listing.entries] == ["d.vn"]
    assert [special.text for special in listing.specials] == ["||a.vn^$important"]


def test_an_exception_takes_the_answers_of_its_list_out() -> None:
    rules = "||a.vn^$dnsrewrite=192.0.2.1\n||a.vn^$dnsrewrite=192.0.2.2\nx.vn\n"
    assert [each.line for each in _read(rules + "@@||a.vn^$dnsrewrite=192.0.2.1").specials] == [2]
    assert not _read(rules + "@@||a.vn^$dnsrewrite").specials
    assert len(_read(rules + "@@||b.vn^$dnsrewrite").specials) == 2


@pytest.mark.parametrize(
    ("line", "name", "fits", "not_fits"),
    [
        ("||ad*.cdn.vn^", "cdn.vn", "ad7.cdn.vn x.adx.y.cdn.vn", "bad.cdn.vn cdn.vn ad7.cdn.vn.x"),
        ("||ads.*.vn^", "", "ads.x.vn a.ads.x.y.vn", "ads.vn xads.x.vn ads.x.vn.com"),
        ("||ads.", "", "ads.vn x.ads.vn", "ads bads.vn"),
        ("/^stats?\\./", "", "stat.vn stats.x", "xstats.vn"),
        ("regexp:^r\\d+---sn-[a-z]{2,4}\\.vn$", "", "r12---sn-ab.vn", "r---sn-ab.vn"),
        ("keyword:napthe", "", "www.napthe1.vn", "nap-the.vn"),
        ("/[[:digit:]]{3}\\.vn$/", "", "a123.vn", "12.vn"),
    ],
)
def test_patterns(line: str, name: str, fits: str, not_fits: str) -> None:
    special = _special(line)
    assert special.name == name
    assert all(re.search(special.pattern, each) for each in fits.split())
    assert not any(re.search(special.pattern, each) for each in not_fits.split())


def test_a_list_of_bare_expressions() -> None:
    listing = _read("(^|[-?+=/_])(big|mega)?(casino|poker)s?([-.?+=/_]|$)\n(\n", Format.EXPRESSIONS)
    (special,) = listing.specials
    assert re.search(special.pattern, "www.my-megapokers.vn")
    assert not re.search(special.pattern, "pokerface.vn")
    assert (listing.format, _rejected(listing)) == (Format.EXPRESSIONS, {"regex-syntax": 1})


ZONE = """\
$TTL 300
$ORIGIN example.com.
rpz  3600 IN SOA ns1.rpz.example.com. hostmaster.rpz.example.com. (
        1379078166 28800 ; serial
        7200 604800 7200 )
     3600 IN NS ns1.rpz.example.com.
$ORIGIN rpz.example.com.
gone.vn        CNAME  .   ; blocked
*.gone.vn      CNAME  .
empty.vn       IN CNAME *.
open.vn        CNAME  rpz-passthru.
old-open.vn    CNAME  old-open.vn.
drop.vn        CNAME  rpz-drop.
tcp.vn         CNAME  rpz-tcp-only.
wall.vn        CNAME  wall.example.
*.under.vn     CNAME  *.wall.example.
own.vn         A      192.0.2.1
               AAAA   2001:db8::1
               TXT    "two words" ; not a comment: "
32.1.2.0.192.rpz-client-ip CNAME .
* CNAME rpz-drop.
"""


def test_a_policy_zone() -> None:
    listing = _read(ZONE)
    assert _names(listing) == [("gone.vn", 8, EXACT), ("gone.vn", 9, BELOW)]
    said = [(each.name, each.action, each.rewrite) for each in listing.specials]
    assert said == [
        ("empty.vn", None, Rewrite()),
        ("open.vn", Action.ALLOW, None),
        ("old-open.vn", Action.ALLOW, None),
        ("drop.vn", None, Rewrite(drop=True)),
        ("tcp.vn", None, Rewrite(tcp_only=True)),
        ("wall.vn", None, Rewrite(target="wall.example")),
        ("under.vn", None, Rewrite(target="*.wall.example")),
        ("own.vn", None, Rewrite(records=((1, b"\xc0\0\2\1"),))),
        ("own.vn", None, Rewrite(records=((28, bytes.fromhex("20010db8000000000000000000000001")),))),
        ("own.vn", None, Rewrite(records=((16, b"\x09two words"),))),
        ("", None, Rewrite(drop=True)),
    ]
    assert listing.specials[6].reach is BELOW
    assert (listing.format, _rejected(listing)) == (Format.RPZ, {"rpz-trigger-not-used": 1})


def test_a_name_of_a_zone_hides_the_wildcard_above_it() -> None:
    zone = "*.a.vn TXT wild\nb.a.vn CNAME *.\nc.a.vn CNAME rpz-passthru.\n*.c.a.vn CNAME .\n"
    zone += "*.d.vn CNAME .\nx.d.vn CNAME .\n"
    shadows = [(each.name, each.reach) for each in _read(zone).specials if each.shadows]
    assert shadows == [("b.a.vn", TREE)]
    zone = "*.a.vn TXT wild\nb.a.vn CNAME .\n"
    assert [(each.name, each.reach, each.line) for each in _read(zone).specials if each.shadows] == [
        ("b.a.vn", BELOW, 2)
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfa.vn\r\nb.vn\r\n",
        b"a.vn\rb.vn\r",
        "a.vn\nb.vn\n".encode("utf-16"),
        b"a.vn\nb.vn",
        b"\n\n  a.vn  \n\tb.vn\n",
    ],
)
def test_line_ends_and_byte_order_marks_do_not_matter(content: bytes) -> None:
    assert [entry.name for entry in _read(content).entries] == ["a.vn", "b.vn"]


def test_odd_bytes_are_counted_not_fatal() -> None:
    listing = _read(b"a.vn\nb.vn\nc.vn\nd\0.vn\n\xff\xfe.vn\n" + b"x" * (1 << 20) + b"\ne.vn\n")
    assert [entry.name for entry in listing.entries] == ["a.vn", "b.vn", "c.vn", "e.vn"]
    assert _rejected(listing)["line-too-long"] == 1
    assert sum(_rejected(listing).values()) == 3
    assert all(len(text) <= 80 for each in listing.rejects for _, text in each.first)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"# only comments\n", "empty"),
        (b"<!DOCTYPE html>\n<html><body>a.vn</body></html>", "web page"),
        (b"\n\n<HTML>\na.vn\n", "web page"),
        (b"import os\nprint(1)\nreturn x;\n", "no list of names"),
        (b"||a.vn^\n||a.vn^$badfilter\n", "empty"),
        (bytes(range(256)) * 40, "no list of names"),
        (b"x" * (1 << 20), "no list of names"),
    ],
)
def test_junk_is_refused_with_its_name_and_a_hint(content: bytes, says: str) -> None:
    with pytest.raises(FilterError) as junk:
        _read(content)
    assert says in str(junk.value)
    assert junk.value.where == "list x (x.txt)"
    assert junk.value.hint


@given(st.binary(max_size=3000))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        listing = _read(content)
    except FilterError:
        return
    _is_sound(listing)


def _is_sound(listing: Listing) -> None:
    assert listing.entries or listing.specials
    assert all(entry.line >= 1 and normal_form(entry.name) == entry.name for entry in listing.entries)
    assert len({special.line for special in listing.specials}) == len(listing.specials)
    for special in listing.specials:
        assert special.name or special.pattern
        assert not special.name or normal_form(special.name) == special.name
        re.compile(special.pattern)


_WORDS = r"""
    || @@ | ^ $ * / d.vn important dnstype= A|~AAAA client= 'x' , badfilter dnsrewrite= NOERROR;A; 192.0.2.1 address=
    local= # CNAME *. rpz-drop. SOA ( ) ; full: regexp: keyword: [a-z] + \ é 0.0.0.0 TXT @ denyallow= :// ** {2,3} ?! .
"""
_PIECES = st.sampled_from([*_WORDS.split(), " ", "\t", "\n", "$ORIGIN ", '"'])


@given(st.lists(_PIECES, max_size=30).map("".join), st.sampled_from([None, Format.EXPRESSIONS]))
@settings(max_examples=1000)
def test_any_mixture_of_syntaxes_is_read_or_refused(text: str, form: Format | None) -> None:
    try:
        listing = _read(text, form)
    except FilterError:
        return
    _is_sound(listing)


@given(st.lists(st.sampled_from(["a.vn", "0.0.0.0 b.vn c.vn", "||x^", "#", "", "*.d.vn", "é.vn", "1.2.3.4", "x y"])))
def test_lines_keep_their_numbers_in_any_mixture(lines: list[str]) -> None:
    try:
        listing = _read("\n".join(lines))
    except FilterError:
        return
    for entry in listing.entries:
        assert entry.name in lines[entry.line - 1] or lines[entry.line - 1] == "é.vn"


def test_the_longest_line_that_is_read() -> None:
    names = " ".join(f"n{i}.vn" for i in range(400))
    assert len(names) < MAX_LINE
    assert len(_read("0.0.0.0 " + names).entries) == 400
