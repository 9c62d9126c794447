"""gateway.lab.configuration: what is written is what the gateway reads."""

import tomllib
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.load import load_config
from gateway.config.toml import as_toml
from gateway.errors import ConfigError
from gateway.lab import configuration, plan

_KEYS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=6)
_VALUES = st.recursive(
    st.booleans() | st.integers(-(2**60), 2**60) | st.text(st.characters(codec="utf-8"), max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(_KEYS, _VALUES, max_size=4))
def test_toml_reads_back_the_same(tree: dict[str, object]) -> None:
    assert tomllib.loads(as_toml(tree)) == tree


def test_lab_configuration_is_good_and_closes_the_modem(tmp_path: Path) -> None:
    path = tmp_path / "cong.toml"
    configuration.write(path, tmp_path, None)
    config = load_config(path)
    assert config.site.name == "Thư viện Sa Thầy"
    assert config.state.database == tmp_path / "state" / "cong.sqlite"
    assert config.dns.upstreams == (plan.DNS_IPV4,)
    assert any(ip_address(plan.MODEM_IPV4) in ip_network(net) for net in config.wan.closed)
    assert "192.168.0.0/16" in config.wan.closed


def test_extra_keys_lie_over_the_lab_s(tmp_path: Path) -> None:
    extra = tmp_path / "extra.toml"
    extra.write_text('[site]\ncode = "other"\n[session]\nlimit = "5m"\n[dns.profiles.only]\nport = 5399\nblock = []\n')
    path = tmp_path / "cong.toml"
    configuration.write(path, tmp_path, extra)
    tree = tomllib.loads(path.read_text(encoding="utf-8"))
    assert tree["site"] == {"name": "Thư viện Sa Thầy", "code": "other"}
    assert tree["session"] == {"limit": "5m"}
    assert tree["dns"] == {"upstreams": [plan.DNS_IPV4], "profiles": {"only": {"port": 5399, "block": []}}}


def test_broken_extra_file_is_named(tmp_path: Path) -> None:
    extra = tmp_path / "extra.toml"
    extra.write_text("[site\n")
    with pytest.raises(ConfigError, match=r"extra\.toml"):
        configuration.write(tmp_path / "cong.toml", tmp_path, extra)


def test_only_the_lab_s_own_namespaces_are_ours() -> None:
    assert all(plan.is_ours(name) for name in ("cong-isp", "cong-gw", "cong-c1", "cong-c200"))
    assert not any(plan.is_ours(name) for name in ("cong-test", "cong-c0", "cong-c", "cong-gw2", "gw", "cong-c1x"))


def test_macs_are_individual_and_local() -> None:
    macs = [plan.ClientPlan(number).mac for number in range(1, plan.MAX_CLIENTS + 1)]
    assert len(set(macs)) == plan.MAX_CLIENTS
    assert macs[0] == "02:00:5e:10:00:01"
    assert all(int(mac[:2], 16) & 3 == 2 for mac in macs)
