"""The configuration: every problem at once, with its path and a hint; the example is the defaults."""

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from gateway.config.example import example_config
from gateway.config.load import load_config, parse_config
from gateway.config.model import Config
from gateway.errors import ConfigError
from gateway.probe_table import PROBES, Probe


def problems(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, where="cong.toml")
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_the_example_is_the_defaults() -> None:
    assert parse_config(example_config(), where="example") == Config() == parse_config("", where="empty")


def test_every_key_is_explained() -> None:
    def walk(section: type[BaseModel]) -> None:
        for name, field in section.model_fields.items():
            assert field.description, f"{section.__name__}.{name} has no help"

    for field in Config.model_fields.values():
        assert field.description
        annotation = field.annotation
        assert isinstance(annotation, type) and issubclass(annotation, BaseModel)
        walk(annotation)


def test_the_example_shows_every_key() -> None:
    text = example_config()
    tree = tomllib.loads(text)
    for name, field in Config.model_fields.items():
        assert isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
        keys = {inner.alias or key for key, inner in field.annotation.model_fields.items()}
        tables = {key for key in keys if f"# [[{name}.{key}]]\n" in text}  # none by default, shown as a comment
        assert set(tree[name]) == keys - tables


def test_the_commented_tables_of_the_example_hold_once_filled_in() -> None:
    words = {"name": "x", "zone": "x.example", "upstreams": "9.9.9.9", "addresses": "192.0.2.1"}
    forms = re.findall(r"^# \[\[dns\.(lists|forward|records)\]\]\n((?:# .*\n)*)", example_config(), re.M)
    assert len(forms) == 3
    for table, text in forms:
        name = "x.example" if table == "records" else "x"
        wanted = {**words, "name": name}
        filled = text
        for key in re.findall(r'(\w+) = \[?"\.\.\."', text):
            filled = re.sub(rf'({key} = \[?)"\.\.\."', rf'\1"{wanted.get(key, "x")}"', filled)
        keys = [f"[[dns.{table}]]", *(line.removeprefix("# ") for line in filled.splitlines())]
        parse_config("\n".join(keys), where="filled in")


def test_all_problems_come_at_once_with_path_and_nearest_key() -> None:
    said = problems('[site]\nnam = "x"\n[session]\nidel = "5m"\nlimit = 3\n[lan]\nipv4 = "10.77.0.0/24"\n')
    assert "4 problems" in said
    assert "site.nam: unknown; did you mean name?" in said
    assert "session.idel: unknown; did you mean idle?" in said
    assert 'session.limit: a duration is text with a unit, such as "90s"' in said
    assert "lan.ipv4: this is the network's own or broadcast address" in said
    assert "hint: cong example-config" in said


def test_unknown_keys_inside_lists_and_profiles_find_their_neighbour() -> None:
    said = problems('[dns.profiles.adult]\nport = 5301\nblok = []\n[[dns.lists]]\nname = "a"\ncatgory = "b"\n')
    assert "dns.profiles.adult.blok: unknown; did you mean block?" in said
    assert "dns.lists.0.catgory: unknown; did you mean category?" in said


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = [", "is no TOML"),
        ('[lan]\ninterface = "wan0"\n', "they are two sides"),
        ('[lan]\ninterface = "a\\" accept"\n', "is no interface name"),
        ('[session]\nprofile = "guest"\n', "there is no profile guest"),
        ("[portal]\nport = 5301\n", "port 5301 is used twice"),
        ('[portal]\ncertificate = "/x"\n', "come together"),
        ('[dns.profiles.adult]\nport = 5301\nblock = ["gamez"]\n', "no list has the category gamez"),
        ('[dns]\nupstreams = ["dns.example"]\n', "dns.upstreams.0"),
        ('[lan]\nipv6 = "2001:db8::1/48"\n', "only in a /64"),
        ('[session]\nstaff = ["02:00"]\n', "is no MAC address"),
        ('[wan]\nclosed = ["10.0.0.1/8"]\n', "has host bits set"),
    ],
)
def test_a_wrong_value_says_what_is_wrong(text: str, says: str) -> None:
    assert says in problems(text)


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cong example-config >"):
        load_config(tmp_path / "none.toml")


def test_a_network_without_ipv6() -> None:
    assert parse_config('[lan]\nipv6 = ""\n', where="x").lan.ipv6 is None


def test_the_dhcp_range_leaves_room_and_never_holds_the_gateway() -> None:
    first, last = parse_config("", where="x").lan.dhcp_range
    assert (str(first), str(last)) == ("10.77.0.10", "10.77.0.254")
    lan = parse_config('[lan]\nipv4 = "10.77.0.1/29"\n', where="x").lan
    assert [str(a) for a in lan.dhcp_range] == ["10.77.0.2", "10.77.0.6"]


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: f"{probe.client} {probe.host}{probe.target}")
def test_nothing_a_device_asks_whether_it_is_online_can_be_in_the_walled_garden(probe: Probe) -> None:
    for name in (probe.host, probe.host.partition(".")[2]):
        if "." in name:
            with pytest.raises(ConfigError) as caught:
                parse_config(f'[portal.garden]\nnames = ["library.example", "{name}"]\n', where="x")
            (problem,) = caught.value.problems
            assert f'portal.garden.names.1: "{name}" would open ' in problem
            assert "the sign-in page never comes up" in problem


def test_names_beside_those_may_be() -> None:
    names = ("catalogue.example.vn", "dichvucong.gov.vn", "mycaptive.apple.com.vn", "fonts.google.example")
    text = "[portal.garden]\nnames = [" + ", ".join(f'"{name}"' for name in names) + "]\n"
    assert parse_config(text, where="x").portal.garden.names == names
    for wrong in ("vn", "*.gov.vn", "https://gov.vn", "Gov.vn", "gov.vn."):
        with pytest.raises(ConfigError):
            parse_config(f'[portal.garden]\nnames = ["{wrong}"]\n', where="x")


@pytest.mark.parametrize(
    ("setting", "interface", "cause"),
    [("auto", "wan0", "unknown"), ("auto", "ppp0", "isp"), ("isp", "wan0", "isp"), ("unknown", "ppp0", "unknown")],
)
def test_whose_an_outage_without_a_carrier_is(setting: str, interface: str, cause: str) -> None:
    text = f'[wan]\ninterface = "{interface}"\n[wan.probes]\nno_carrier = "{setting}"\n'
    assert parse_config(text, where="x").wan.probes.cause_without_carrier(interface) == cause
