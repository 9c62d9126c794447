"""Where lists come from: files, folders, packed ones, archives, fetched copies; and lists of addresses."""

import gzip
import io
import lzma
import os
import tarfile
from ipaddress import ip_network
from pathlib import Path

import pytest

from filters.errors import FilterError
from filters.formats.listing import read_listing
from filters.settings import Action, Kind, Source
from filters.sources import addresses_in, fetched_copy, read_addresses, read_source, stamp
from filters.special import Special
from tests.filter_material import SHARED

BLOCKLISTS = SHARED / "blocklists"


def _source(location: str | Path, **more: object) -> Source:
    return Source("own", "games", str(location), **more)  # type: ignore[arg-type]  # a test's short way


def _folder(path: Path, **files: str) -> Path:
    path.mkdir(parents=True)
    for name, text in files.items():
        (path / name).write_text(text, encoding="utf-8")
    return path


def _archive(folder: Path) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        tar.add(folder, arcname=folder.name)
    return packed.getvalue()


def test_a_file_packed_or_not_is_its_text(tmp_path: Path) -> None:
    text = b"a.example\nb.example\n"
    for name, content in (("a", text), ("a.gz", gzip.compress(text)), ("a.xz", lzma.compress(text))):
        (tmp_path / name).write_bytes(content)
        assert read_source(_source(tmp_path / name), tmp_path) == text
    assert b"garena.vn" in read_source(_source("package:games-vn"), tmp_path)


def test_a_folder_and_its_archive_are_one_text_with_expressions_marked(tmp_path: Path) -> None:
    folder = _folder(
        tmp_path / "adult",
        domains="a.example\nb.example",
        urls="c.example/path\n",
        expressions="# bare\n(^|[-.])bad[0-9]+\\.\n/written$/\n",
        usage="black\nadult\n",
    )
    text = b"a.example\nb.example\nc.example/path\n# bare\n/(^|[-.])bad[0-9]+\\./\n/written$/\n"
    assert read_source(_source(folder), tmp_path) == text
    (tmp_path / "adult.tar.gz").write_bytes(_archive(folder))
    assert read_source(_source(tmp_path / "adult.tar.gz"), tmp_path) == text
    (folder / "domains").unlink()
    (folder / "domains.xz").write_bytes(lzma.compress(b"a.example\nb.example"))
    assert read_source(_source(folder), tmp_path) == text
    listing = read_listing(text, where="x")
    assert [entry.name for entry in listing.entries] == ["a.example", "b.example"]
    assert [type(each) for each in listing.specials] == [Special, Special]


@pytest.mark.parametrize(
    ("usage", "action", "hint"),
    [("white\nchild\n", Action.BLOCK, 'action = "allow"'), ("black\n", Action.ALLOW, 'action = "block"')],
)
def test_a_folder_used_against_its_usage_is_refused(tmp_path: Path, usage: str, action: Action, hint: str) -> None:
    folder = _folder(tmp_path / "x", domains="a.example\n", usage=usage)
    with pytest.raises(FilterError) as refused:
        read_source(_source(folder, action=action), tmp_path)
    assert "by its file `usage`" in refused.value.message and hint in refused.value.hint
    right = Action.ALLOW if action is Action.BLOCK else Action.BLOCK
    assert read_source(_source(folder, action=right), tmp_path) == b"a.example\n"


def test_what_can_not_be_read_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"a" * 2001)
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(bytes(100_000)))
    os.mkfifo(tmp_path / "pipe")
    _folder(tmp_path / "empty", readme="x")
    several = _folder(tmp_path / "several" / "a", domains="a.example\n").parent
    _folder(several / "b", domains="b.example\n")
    (tmp_path / "several.tar.gz").write_bytes(_archive(several))
    for location, message in (
        ("big", "larger than 2000 bytes"),
        ("bomb.gz", "unpacks to more than 2000 bytes"),
        ("pipe", "is no file"),
        ("empty", "without any of: domains, urls, expressions"),
        ("missing", "can't be read: No such file"),
        ("several.tar.gz", "unpacks to more than 2000 bytes"),
    ):
        with pytest.raises(FilterError, match=message) as failed:
            read_source(_source(tmp_path / location, max_bytes=2000), tmp_path)
        assert failed.value.hint and failed.value.where.startswith("list own (")
    with pytest.raises(FilterError, match="several lists"):
        read_source(_source(tmp_path / "several.tar.gz"), tmp_path)
    with pytest.raises(FilterError, match="can't be read"):
        read_source(_source("package:nothing"), tmp_path)


def test_a_web_address_is_its_fetched_copy(tmp_path: Path) -> None:
    source = _source("https://lists.example/a.txt")
    with pytest.raises(FilterError, match="was not fetched yet") as failed:
        read_source(source, tmp_path)
    assert failed.value.hint == "run: cong lists update"
    fetched_copy(source, tmp_path).write_bytes(gzip.compress(b"a.example\n"))
    assert read_source(source, tmp_path) == b"a.example\n"
    with pytest.raises(FilterError, match="was not fetched yet"):  # the copy of another address is not this list
        read_source(_source("https://lists.example/b.txt"), tmp_path)


def test_a_stamp_changes_with_what_it_stands_for_and_only_then(tmp_path: Path) -> None:
    folder = _folder(tmp_path / "x", domains="a.example\n")
    (tmp_path / "file").write_text("a.example\n", encoding="utf-8")
    url = _source("http://lists.example/")
    for source, part in ((_source(folder), folder / "urls"), (_source(tmp_path / "file"), tmp_path / "file")):
        before = stamp(source, tmp_path)
        assert before == stamp(source, tmp_path)
        assert before == stamp(_source(source.location, refresh_s=5, deadline_s=5), tmp_path)
        assert before != stamp(_source(source.location, action=Action.ALLOW), tmp_path)
        part.write_text("b.example\nc.example\n", encoding="utf-8")
        assert before != stamp(source, tmp_path)
    assert stamp(url, tmp_path)[-1] == "missing"
    fetched_copy(url, tmp_path).write_text("a.example\n", encoding="utf-8")
    assert stamp(url, tmp_path)[-1] != "missing"
    assert stamp(_source("package:games-vn"), tmp_path) == stamp(_source("package:games-vn"), tmp_path)


def test_addresses_are_taken_and_what_would_cut_the_library_off_is_not() -> None:
    listing = addresses_in(
        b"\xef\xbb\xbf# addresses\n\n1.1.1.1   # one.example, two.example\n1.0.0.0/24\n1.0.0.7\n2606:4700::1111\n"
        b"10.0.0.1\n192.168.1.0/24\n127.0.0.1\n224.0.0.1\n::1\nfe80::1\nff02::1\n::ffff:1.2.3.4\n"
        b"0.0.0.0/0\n::/0\n8.0.0.0/7\n2000::/15\n192.0.0.0/8\n9.9.9.9/24\n"
        b"dns.example\n1.2.3\n1.1.1.1 dns.example\n\xff\xfe\n",
    )
    assert listing.networks == tuple(map(ip_network, ("1.0.0.0/24", "1.1.1.1", "9.9.9.0/24", "2606:4700::1111")))
    assert {each.reason: each.count for each in listing.rejects} == {
        "not-an-address": 4,
        "network-too-wide": 4,
        "private-or-multicast": 9,
    }
    assert listing.rejects[0].first == ((15, "0.0.0.0/0"), (16, "::/0"), (17, "8.0.0.0/7"), (18, "2000::/15"))


def test_all_lists_of_addresses_together(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("9.9.9.9\n10.0.0.1\n", encoding="utf-8")
    (tmp_path / "b").write_text("9.9.9.9\n9.9.9.8\n10.0.0.2\n", encoding="utf-8")
    lists = [_source(tmp_path / name, kind=Kind.ADDRESSES) for name in ("a", "b", "missing")]
    found = read_addresses([*lists, _source(tmp_path / "names")], tmp_path)
    assert found.networks == (ip_network("9.9.9.8/31"),)
    assert [(each.reason, each.count, each.first) for each in found.rejects] == [
        ("private-or-multicast", 2, ((2, "10.0.0.1"), (3, "10.0.0.2")))
    ]
    assert [each.where for each in found.skipped] == [f"list own ({tmp_path}/missing)"]
    shipped = read_addresses([_source("package:resolver-addresses", kind=Kind.ADDRESSES)], tmp_path)
    assert len(shipped.networks) > 300 and not shipped.rejects and not shipped.skipped


@pytest.mark.skipif(not BLOCKLISTS.exists(), reason="wants the shared lists")
def test_the_published_lists_of_addresses_are_read_whole(tmp_path: Path) -> None:
    found = {}
    for path in sorted((BLOCKLISTS / "bypass").glob("*/*ip*")):
        listing = addresses_in(path.read_bytes())
        rejected = [text for each in listing.rejects for _, text in each.first]
        found[path.name] = (sum(network.num_addresses for network in listing.networks), rejected)
    assert found == {
        "doh-ipv4.txt": (1974, ["100.69.180.29"]),  # of a carrier's inside
        "doh-ipv6.txt": (1339, ["::"]),
        "ipv4.list": (179, []),
        "ipv6.list": (157, []),
        "iplist.txt": (731, []),
        "ipv6list.txt": (117, []),
    }
