"""Packed lists: every packing there and back, and none that costs more than allowed."""

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.packing import PackingError, folder_of, is_archive, plain

PACKINGS: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "xz": lzma.compress, "bzip2": bz2.compress}
MANY = 1_000_000


def tar_of(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name.replace("__", "/"))
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


@pytest.mark.parametrize("name", PACKINGS)
@given(content=st.binary(max_size=2000))
def test_there_and_back(name: str, content: bytes) -> None:
    pack = PACKINGS[name]
    inner = b"a" + content  # never packed by chance
    assert plain(pack(inner), MANY) == inner
    assert plain(pack(pack(inner)), MANY) == inner
    assert plain(pack(inner) + pack(inner), MANY) == inner + inner
    assert plain(pack(inner) + b"\0\0\0\0", MANY) == inner
    assert plain(inner, MANY) == inner


@pytest.mark.parametrize("pack", PACKINGS.values(), ids=PACKINGS)
def test_a_bomb_is_refused_before_it_bursts(pack: Callable[[bytes], bytes]) -> None:
    bomb = pack(bytes(5_000_000))
    with pytest.raises(PackingError, match="unpacks to more than 1000000 bytes"):
        plain(bomb, MANY)
    assert len(plain(pack(b"a" * MANY), MANY)) == MANY
    with pytest.raises(PackingError, match="unpacks to more"):
        plain(pack(pack(b"a" * (MANY + 1))), MANY)


@pytest.mark.parametrize("pack", PACKINGS.values(), ids=PACKINGS)
def test_what_is_cut_off_or_broken_is_no_list(pack: Callable[[bytes], bytes]) -> None:
    packed = pack(b"".join(b"n%d.example\n" % n for n in range(5000)))
    with pytest.raises(PackingError, match="cut off"):
        plain(packed[: len(packed) // 2], MANY)
    with pytest.raises(PackingError):
        plain(packed[: len(packed) // 2] + bytes(40) + packed[len(packed) // 2 + 40 :], MANY)


@given(st.binary(max_size=300))
def test_no_bytes_break_it(content: bytes) -> None:
    for head in (b"", b"\x1f\x8b\x08\0", b"\xfd7zXZ\0", b"BZh9"):
        try:
            assert len(plain(head + content, 10_000)) <= 10_000
        except PackingError as bad:
            assert str(bad)


def test_an_xz_file_that_wants_a_gigabyte_to_be_unpacked_is_refused() -> None:
    small = lzma.compress(b"a.example\n")
    assert plain(small, MANY) == b"a.example\n"
    header = bytearray(small[12:24])  # of the first block: size, flags, LZMA2, one byte of properties, which is:
    header[4] = 36  # a dictionary of 1 GiB (the .xz file format, 5.3.1)
    header[8:12] = zlib.crc32(header[:8]).to_bytes(4, "little")
    with pytest.raises(PackingError, match="unpacked"):
        plain(small[:12] + header + small[24:], MANY)


def test_many_tiny_streams_are_refused() -> None:
    with pytest.raises(PackingError, match="pieces"):
        plain(gzip.compress(b"") * 20_001, MANY)


def test_one_folder_of_an_archive_is_read() -> None:
    archive = tar_of(games__domains=b"a.example\n", games__usage=b"black\n", games__README=b"no")
    assert is_archive(archive)
    assert not is_archive(b"a.example\n" * 100)
    wanted = frozenset({"domains", "usage"})
    assert folder_of(archive, wanted) == {"domains": b"a.example\n", "usage": b"black\n"}
    assert folder_of(tar_of(domains=b"b.example\n"), wanted) == {"domains": b"b.example\n"}
    assert folder_of(tar_of(**{"..__..__etc__domains": b"c.example\n"}), wanted) == {"domains": b"c.example\n"}


def test_archives_that_are_no_list() -> None:
    wanted = frozenset({"domains", "usage"})
    with pytest.raises(PackingError, match=r"several lists \(ads, games\)"):
        folder_of(tar_of(games__domains=b"a", ads__domains=b"b"), wanted)
    with pytest.raises(PackingError, match="without any of: domains, usage"):
        folder_of(tar_of(README=b"a"), wanted)
    with pytest.raises(PackingError, match="broken"):
        folder_of(tar_of(games__domains=b"a" * 5000)[:2000], wanted)
