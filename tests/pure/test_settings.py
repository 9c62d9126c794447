"""gateway.config.settable, layers and flows.settings: what the desk may set, over the administrator's file."""

import asyncio
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from gateway.config.layers import layered
from gateway.config.model import Config
from gateway.config.settable import Form, is_settable, settings
from gateway.errors import ConfigError
from gateway.flows.settings import Changed, Settings, Value
from gateway.ports_settings import SettingsTexts


@dataclass
class Files:
    """Both files, in memory."""

    base: str = ""
    desk: str | None = None
    written: list[str] = field(default_factory=list)

    async def read(self) -> SettingsTexts:
        return SettingsTexts(self.base, "cong.toml", self.desk, "desk.toml")

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        yield

    async def write(self, desk: str) -> None:
        self.desk = desk
        self.written.append(desk)


def change(files: Files, **wanted: object) -> Changed:
    return asyncio.run(Settings(files).change({key.replace("__", "."): value for key, value in wanted.items()}))


def value(files: Files, key: str) -> Value:
    return asyncio.run(Settings(files).values())[key]


def layers(base: str, desk: str | None) -> tuple[Config, tuple[str, ...]]:
    found = layered(base, desk, where="cong.toml", desk_where="desk.toml")
    return found.config, found.left_out


def test_the_table_leads_to_keys_of_the_model_each_with_its_help() -> None:
    known = settings(("adult", "child"))
    assert all(each.column.help and is_settable(each.path) for each in known.values())
    assert known["session.limit"].column.form is Form.DURATION
    assert (known["session.limit"].column.least, known["session.limit"].column.most) == (60, 86400)
    assert known["dns.profiles.child.games"].column.choices == ("open", "top-up", "school-hours", "all")
    assert known["login.limits.child.up"].column.form is Form.RATE
    assert known["login.limits.child.up"].column.may_be_empty
    assert known["site.name"].column.longest == 80
    assert known["login.methods"].column.form is Form.CHOICES
    assert known["hours.mon"].column.form is Form.LINES
    schedule = {each.key: each for each in known["dns.profiles.adult.schedules"].columns}
    assert {"name", "days", "from", "to", "block", "open"} <= schedule.keys()
    assert schedule["days"].choices == ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@pytest.mark.parametrize("key", ["wan.interface", "state.directory", "dns.upstreams", "shelf.path", "mail.server"])
def test_network_files_and_secrets_are_not_the_desks(key: str) -> None:
    assert not is_settable(key.split("."))
    files = Files()
    assert [(each.key, each.kind) for each in change(files, **{key.replace(".", "__"): "x"}).wrong] == [
        (key, "unknown")
    ]
    assert files.written == []
    section, _, name = key.rpartition(".")
    config, left_out = layers("", f'[{section}]\n{name} = "x"\n')
    assert config == Config()
    assert left_out == (f"{key}: is not the desk's to set",)


def test_a_value_tells_where_it_comes_from_and_a_change_can_be_taken_back() -> None:
    files = Files('[site]\nphone = "0260 1"\n')
    assert (value(files, "site.phone").value, value(files, "site.phone").origin) == ("0260 1", "file")
    assert (value(files, "site.name").value, value(files, "site.name").origin) == ("Thư viện", "default")
    changed = change(files, site__phone="0260 2", site__name=" Thư viện Sa Thầy ")
    assert changed.before == {"site.phone": "0260 1", "site.name": "Thư viện"}
    assert changed.after == {"site.phone": "0260 2", "site.name": "Thư viện Sa Thầy"}
    found = value(files, "site.phone")
    assert (found.value, found.origin, found.without_desk) == ("0260 2", "desk", "0260 1")
    assert files.base == '[site]\nphone = "0260 1"\n'
    assert files.desk is not None
    assert tomllib.loads(files.desk) == {"site": {"phone": "0260 2", "name": "Thư viện Sa Thầy"}}
    back = asyncio.run(Settings(files).revert(["site.phone", "site.name"]))
    assert back.after == {"site.phone": "0260 1", "site.name": "Thư viện"}
    assert tomllib.loads(files.desk) == {}


def test_what_the_file_says_anyway_is_not_written_over_it() -> None:
    files = Files('[session]\nlimit = "1h"\n')
    assert change(files, session__limit="1h") == Changed()
    assert files.written == []
    change(files, session__limit="2h", session__idle="15m")
    assert tomllib.loads(files.desk or "") == {"session": {"limit": "2h"}}


def test_a_profiles_key_leaves_the_other_profiles_there() -> None:
    files = Files()
    changed = change(files, dns__profiles__child__games="school-hours")
    assert (changed.before, changed.after) == (
        {"dns.profiles.child.games": "all"},
        {"dns.profiles.child.games": "school-hours"},
    )
    config = asyncio.run(Settings(files).config())
    assert list(config.dns.profiles) == ["adult", "staff", "child"]
    assert config.dns.profiles["adult"] == Config().dns.profiles["adult"]
    assert config.dns.profiles["child"].block == Config().dns.profiles["child"].block


def test_all_problems_are_told_by_key_and_nothing_is_changed() -> None:
    files = Files()
    wanted = {
        "session.limit": "an hour",
        "hours.mon": ["07:30-11:30", "25:00-26:00"],
        "dns.profiles.adult.block": ["adult", "no-such"],
        "site.name": "",
    }
    assert {each.key for each in asyncio.run(Settings(files).change(wanted)).wrong} == set(wanted)
    wrong = asyncio.run(Settings(files).change({"dns.profiles.adult.block": ["adult", "no-such"]})).wrong
    assert [each.key for each in wrong] == ["dns.profiles.adult.block"]
    assert "no-such" in wrong[0].says
    assert [each.kind for each in asyncio.run(Settings(files).change({"site.phone": "0\x001"})).wrong] == [
        "not_printable"
    ]
    wrong = asyncio.run(Settings(files).change({"hours.enforce": True})).wrong
    assert [each.key for each in wrong] == ["hours.enforce"]
    wrong = asyncio.run(Settings(files).change({"session.profile": "nobody"})).wrong
    assert [each.key for each in wrong] == ["session.profile"]
    assert files.written == []


def test_a_form_sends_text() -> None:
    files = Files()
    change(
        files,
        hours__mon="07:30-11:30\r\n13:30-17:00\r\n",
        hours__enforce="on",
        shelf__downloads_per_device="3",
        login__methods="voucher\nterms",
        login__limits__adult__down="2Mbit",
    )
    config = asyncio.run(Settings(files).config())
    assert config.hours.enforce
    assert config.hours.mon == ("07:30-11:30", "13:30-17:00")
    assert config.shelf.downloads_per_device == 3
    assert config.login.methods == ("voucher", "terms")
    assert config.login.limits["adult"].down_kbit_s == 2000


def test_rows_are_tables_of_the_desks_file() -> None:
    files = Files()
    row = {"name": "school", "days": ["mon", "fri"], "from": "07:00", "to": "17:00", "block": ["games", "topup"]}
    assert not change(files, dns__profiles__staff__schedules=[row]).wrong
    config = asyncio.run(Settings(files).config())
    (found,) = config.dns.profiles["staff"].schedules
    assert (found.name, found.days, found.block) == ("school", ("mon", "fri"), ("games", "topup"))


def test_an_error_of_the_administrators_file_names_it() -> None:
    with pytest.raises(ConfigError) as raised:
        layers("[site]\nnme = 'x'\n", "[site]\nname = 'y'\n")
    assert raised.value.where == "cong.toml"


@pytest.mark.parametrize("desk", ["[site", "\x00", "site = 1\n", '[site]\nname = 7\n[dns]\nprofiles = "x"\n'])
def test_a_broken_desk_file_never_keeps_the_gateway_from_starting(desk: str) -> None:
    config, left_out = layers("", desk)
    assert config == Config()
    assert left_out


def test_what_fits_of_the_desks_file_stays_when_something_else_does_not_any_more() -> None:
    """The administrator has taken the profile away that the desk had set something of."""
    desk = (
        '[dns.profiles.child]\ngames = "all"\n[hours]\nenforce = true\nmon = ["07:30-11:30"]\n[site]\nphone = "0260"\n'
    )
    config, left_out = layers('[dns.profiles.adult]\nport = 5301\nblock = ["adult"]\n', desk)
    assert config.site.phone == "0260"
    assert config.hours.enforce
    assert list(config.dns.profiles) == ["adult"]
    assert len(left_out) == 1
    assert left_out[0].startswith("dns.profiles.child.games: ")
