"""The filter's keys: what they become, and what a wrong one says."""

from datetime import date

import pytest

from filters.settings import FilterSettings, Holidays, Kind, Refusal, SafeSearch, Schedule, Transport, Upstream
from gateway.config.filtering import filter_settings
from gateway.config.load import parse_config
from gateway.config.upstreams import parse_upstream
from gateway.errors import ConfigError


def settings(text: str) -> FilterSettings:
    return filter_settings(parse_config(text, where="cong.toml"))


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("9.9.9.9", Upstream("9.9.9.9")),
        ("2620:fe::fe", Upstream("2620:fe::fe")),
        ("192.0.2.1@5353", Upstream("192.0.2.1", 5353)),
        ("2001:db8::1@5353", Upstream("2001:db8::1", 5353)),
        ("127.0.0.1@5335 validates", Upstream("127.0.0.1", 5335, validates=True)),
        ("tls://9.9.9.9#dns.quad9.net", Upstream("9.9.9.9", 853, Transport.TLS, "dns.quad9.net")),
        ("tls://9.9.9.9:8853", Upstream("9.9.9.9", 8853, Transport.TLS)),
        ("tls://[2620:fe::fe]#DNS.Quad9.net", Upstream("2620:fe::fe", 853, Transport.TLS, "dns.quad9.net")),
        (
            "https://1.1.1.1/dns-query#cloudflare-dns.com validates",
            Upstream("1.1.1.1", 443, Transport.HTTPS, "cloudflare-dns.com", "/dns-query", True),
        ),
        ("https://192.0.2.1:8443/q", Upstream("192.0.2.1", 8443, Transport.HTTPS, "", "/q")),
        ("https://192.0.2.1", Upstream("192.0.2.1", 443, Transport.HTTPS)),
    ],
)
def test_an_upstream_as_it_is_written(text: str, means: Upstream) -> None:
    assert parse_upstream(text) == (means,)


@pytest.mark.parametrize("name", ["quad9", "cloudflare", "google", "cloudflare-family", "adguard-family"])
def test_presets_are_two_addresses_plain_or_encrypted(name: str) -> None:
    plain, tls, https = (parse_upstream(f"preset:{name}{kind}") for kind in ("", "-tls", "-https"))
    assert [each.address for each in plain] == [each.address for each in tls] == [each.address for each in https]
    assert len(plain) == 2 and not any(each.validates for each in plain)
    assert {(each.port, each.transport) for each in tls} == {(853, Transport.TLS)}
    assert all(each.tls_name and each.validates for each in (*tls, *https))


def test_presets_with_paths_and_names_of_their_own() -> None:
    (first, _) = parse_upstream("preset:cleanbrowsing-family-https")
    assert (first.tls_name, first.path) == ("doh.cleanbrowsing.org", "/doh/family-filter/")
    assert parse_upstream("preset:opendns-family-https")[1].tls_name == "doh.familyshield.opendns.com"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("dns.example", "is no resolver by address"),
        ("tls://dns.quad9.net", "is no resolver by address"),
        ("https://dns.google/dns-query", "is no resolver by address"),
        ("tls://9.9.9.9/x", "is no resolver by address"),
        ("quic://9.9.9.9", "is no resolver by address"),
        ("https://u@1.1.1.1/", "is no resolver by address"),
        ("tls://9.9.9.9:99999", "is no resolver by address"),
        ("tls://9.9.9.9#a b", "the host name its certificate must have"),
        ("9.9.9.9@0", 'the port after "@"'),
        ("9.9.9.9@٣", 'the port after "@"'),
        ("9.9.9.9 validates", "anybody on the way"),
        ("preset:nobody", 'there is no preset "nobody"; known: quad9'),
        ("preset:nobody-tls", 'there is no preset "nobody"'),
    ],
)
def test_a_wrong_upstream_says_what_to_write(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says.replace("(", r"\(").replace("?", r"\?")):
        parse_upstream(text)


def profile(games: str, more: str = "") -> str:
    return f'[session]\nprofile = "p"\n[dns.profiles.p]\nport = 5309\nblock = ["threats"]\ngames = "{games}"\n{more}'


@pytest.mark.parametrize(
    ("games", "always", "scheduled"),
    [
        ("open", set(), []),
        ("top-up", {"topup"}, []),
        ("school-hours", {"topup"}, [("school-hours", 420, 1020, {"games"})]),
        ("all", {"topup", "games"}, []),
    ],
)
def test_the_modes_of_pay_to_play_games(
    games: str, always: set[str], scheduled: list[tuple[str, int, int, set[str]]]
) -> None:
    (p,) = settings(profile(games)).profiles
    assert p.categories == {"threats"} | always
    assert [(s.name, s.start_min, s.end_min, set(s.block)) for s in p.schedules] == scheduled


def test_school_hours_follow_their_section() -> None:
    hours = '[dns.school_hours]\ndays = ["sat"]\nfrom = "08:30"\nto = "11:00"\nholidays = "as-usual"\n'
    (p,) = settings(profile("school-hours") + hours).profiles
    expected = Schedule("school-hours", frozenset({5}), 510, 660, frozenset({"games"}), holidays=Holidays.AS_USUAL)
    assert p.schedules == (expected,)


def test_a_schedule_of_the_profiles_own() -> None:
    text = profile(
        "open",
        'safe_search = true\nyoutube = "strict"\nrefusal = "page"\n'
        '[[dns.profiles.p.schedules]]\nname = "night"\ndays = ["fri", "sat"]\nfrom = "22:00"\nto = "06:00"\n'
        'block = ["games"]\nopen = ["threats"]\nsafe_search = false\nyoutube = "moderate"\nholidays = "only"\n'
        '[[dns.profiles.p.schedules]]\nname = "day"\nto = "24:00"\nsafe_search = ""\n',
    )
    (p,) = settings(text).profiles
    assert (p.safe_search, p.youtube, p.refusal) == (SafeSearch.STRICT, SafeSearch.STRICT, Refusal.PAGE)
    night, day = p.schedules
    assert night == Schedule(
        "night",
        frozenset({4, 5}),
        1320,
        360,
        frozenset({"games"}),
        frozenset({"threats"}),
        SafeSearch.OFF,
        SafeSearch.MODERATE,
        Holidays.ONLY,
    )
    assert (day.days, day.start_min, day.end_min, day.safe_search, day.youtube) == (
        frozenset(range(7)),
        420,
        1440,
        None,
        None,
    )


def test_everything_else_reaches_the_filter() -> None:
    told = settings(
        '[site]\nutc_offset = "-03:30"\nholidays = ["2026-09-02", "2027-02-05..2027-02-07"]\n'
        '[dns]\nupstreams = ["preset:quad9-tls", "192.0.2.1"]\nupstream_ca = "/etc/ca.pem"\nclient_qps = 5\n'
        'stale = "0s"\nmix_case = true\ncount_names = true\nexempt = ["10.77.0.5/32"]\n'
        '[[dns.forward]]\nzone = "thuvien.example"\nupstreams = ["10.1.1.1"]\n'
        '[[dns.records]]\nname = "catalogue.example"\naddresses = ["10.77.0.9", "2001:db8:77::9"]\n'
    )
    assert told.utc_offset_s == -(3 * 3600 + 1800)
    assert told.holidays == {date(2026, 9, 2), *(date(2027, 2, day) for day in (5, 6, 7))}
    assert [each.address for each in told.upstreams] == ["9.9.9.9", "149.112.112.112", "192.0.2.1"]
    assert {each.ca_file for each in told.upstreams} == {"/etc/ca.pem"}
    assert (told.client_qps, told.stale_s, told.mix_case, told.count_names) == (5, 0, True, True)
    assert told.exempt == ("10.77.0.5/32",)
    assert [(zone.name, zone.upstreams[0].address) for zone in told.forward_zones] == [("thuvien.example", "10.1.1.1")]
    assert ("catalogue.example", ("10.77.0.9", "2001:db8:77::9")) in told.local_records
    assert told.page_addresses == ("198.19.255.254", "2001:db8:ffff:0:ffff:ffff:ffff:fffe")
    assert told.info_url == "http://wifi.internal/help"


def test_lists_with_their_limits() -> None:
    text = (
        '[dns.profiles.adult]\nport = 5301\nblock = ["ads"]\n'
        '[[dns.lists]]\nname = "a"\ncategory = "ads"\nlocation = "https://example.org/list.txt"\nrefresh = "12h"\n'
        'max_size = "5MB"\ndeadline = "1m"\n'
        '[[dns.lists]]\nname = "b"\ncategory = "ads"\nlocation = "/srv/addresses"\nkind = "addresses"\n'
    )
    *_, first, second = settings(text).sources
    assert (first.location, first.refresh_s, first.max_bytes, first.deadline_s) == (
        "https://example.org/list.txt",
        43200,
        5_000_000,
        60,
    )
    assert (first.kind, second.kind) == (Kind.NAMES, Kind.ADDRESSES)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (profile("some"), "dns.profiles.p.games"),
        (profile("all", 'strict = "yes"\n'), "dns.profiles.p.strict"),
        (
            "[dns]\nshipped_lists = false\n" + profile("all"),
            "no list has the category",
        ),
        (profile("all", '[[dns.profiles.p.schedules]]\nname = "s"\nfrom = "7:00"\n'), '"7:00" is no time of day'),
        (profile("all", '[[dns.profiles.p.schedules]]\nname = "s"\nto = "24:30"\n'), '"24:30" is no time of day'),
        (profile("all", '[[dns.profiles.p.schedules]]\nname = "s"\nfrom = "24:00"\n'), 'write "00:00"'),
        (profile("all", '[[dns.profiles.p.schedules]]\nname = "s"\ndays = ["sunday"]\n'), "schedules.0.days.0"),
        (profile("all", '[[dns.profiles.p.schedules]]\nname = "s"\nblock = ["gamez"]\n'), "schedules.s.block: no list"),
        (profile("all", '[[dns.profiles.p.schedules]]\nname = "s"\nblok = []\n'), "did you mean block?"),
        (profile("all", "[[dns.profiles.p.schedules]]\nname = 's'\n" * 2), "the name s stands twice"),
        ('[site]\nholidays = ["2 Sept"]\n', '"2 Sept" is no day and no range'),
        ('[site]\nholidays = ["2027-02-11..2027-02-05"]\n', "ends before it begins"),
        ('[dns]\nupstreams = ["9.9.9.9 validates"]\n', "dns.upstreams.0"),
        ('[[dns.lists]]\nname = "a"\ncategory = "b"\nlocation = "ftp://x/y"\n', "https:// or http:// only"),
        ('[[dns.lists]]\nname = "a"\ncategory = "b"\nlocation = "https://"\n', "is no address of a list"),
        ('[[dns.records]]\nname = "a.example"\naddresses = ["b"]\n', "dns.records.0.addresses.0"),
        ('[[dns.forward]]\nzone = "a.example"\nupstreams = []\n', "dns.forward.0.upstreams"),
    ],
)
def test_a_wrong_key_says_where_and_what(text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, where="cong.toml")
    assert says in str(caught.value)
