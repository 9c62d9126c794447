"""[login.radius]: what is refused, and that it is said in an operator's words."""

import pytest

from gateway.config.load import parse_config
from gateway.errors import ConfigError

SERVER = '[[login.radius.servers]]\naddress = "192.0.2.10"\nsecret_file = "/etc/cong/radius.secret"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[login]\nmethods = ["radius"]', "name a server"),
        (SERVER.replace("192.0.2.10", "radius.example"), "login.radius.servers"),
        (SERVER * 2, "192.0.2.10 stands there twice"),
        ('[login.radius]\ninterim = "5s"', "login.radius.interim"),
        ('[login]\nmethods = ["radius"]\n[login.radius]\norders_port = 5300\n' + SERVER, "port 5300 is used twice"),
        ("[login.radius]\norders_port = 379", "0, or 1024 and above"),
        ("[login.radius]\nsecret = 1", "login.radius.secret"),
    ],
)
def test_problems_are_told_with_their_key(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        parse_config(text, where="x")


def test_an_empty_interval_is_the_servers_own() -> None:
    radius = parse_config('[login.radius]\ninterim = ""\n' + SERVER, where="x").login.radius
    assert radius.interim_s is None and radius.servers[0].accounting_port == 1813
