"""Lists of known resolvers: read when they change, the last good ones kept, the whole told to the kernel."""

from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from filters.settings import FilterSettings, Kind, Source
from gateway.config.filtering import filter_settings
from gateway.config.model import Config
from gateway.resolvers import MOST_NETWORKS, KnownResolvers
from tests.fakes import FakeClock, FakeFirewall


def settings(directory: Path, *paths: Path) -> FilterSettings:
    sources = tuple(Source(path.stem, "bypass", str(path), kind=Kind.ADDRESSES) for path in paths)
    return replace(filter_settings(Config()), sources=sources, blockset_directory=directory)


async def test_lists_are_put_together_without_overlap_and_followed(tmp_path: Path) -> None:
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    one.write_text("198.51.100.8\n198.51.100.9 # beside it\n10.0.0.0/8\nnonsense\n", encoding="ascii")
    two.write_text("198.51.100.0/24\n2001:db8:100::8\n", encoding="ascii")
    kernel = FakeFirewall(FakeClock())
    known = KnownResolvers(kernel, settings(tmp_path, one, two))
    await known.refresh()
    assert list(kernel.resolvers) == [ip_network("198.51.100.0/24"), ip_network("2001:db8:100::8")]
    kernel.resolvers = ()
    await known.refresh()
    assert kernel.resolvers == (), "nothing has changed: the kernel is left alone"
    two.write_text("203.0.113.8\n", encoding="ascii")
    await known.refresh()
    assert list(kernel.resolvers) == [ip_network("198.51.100.8/31"), ip_network("203.0.113.8")]


async def test_a_list_that_is_gone_keeps_its_last_addresses_and_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "one.txt"
    path.write_text("198.51.100.8\n", encoding="ascii")
    kernel = FakeFirewall(FakeClock())
    known = KnownResolvers(kernel, settings(tmp_path, path))
    await known.refresh()
    path.unlink()
    await known.refresh()
    assert list(kernel.resolvers) == [ip_network("198.51.100.8")]
    said = capsys.readouterr()
    assert "resolvers.list_skipped" in said.out + said.err


async def test_a_list_far_too_long_is_told_and_the_others_hold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    one.write_text("198.51.100.8\n", encoding="ascii")
    lines = (f"2001:db8::{2 * n >> 16:x}:{2 * n & 0xFFFF:x}\n" for n in range(MOST_NETWORKS + 1))
    two.write_text("".join(lines), encoding="ascii")
    kernel = FakeFirewall(FakeClock())
    await KnownResolvers(kernel, settings(tmp_path, one, two)).refresh()
    assert list(kernel.resolvers) == [ip_network("198.51.100.8")]
    said = capsys.readouterr()
    assert f"{MOST_NETWORKS + 1} addresses" in said.out + said.err


async def test_lists_that_were_taken_out_of_the_configuration_leave_the_kernel(tmp_path: Path) -> None:
    kernel = FakeFirewall(FakeClock(), resolvers=[ip_network("198.51.100.8")])
    await KnownResolvers(kernel, settings(tmp_path)).refresh()
    assert list(kernel.resolvers) == []
