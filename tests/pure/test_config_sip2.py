"""[login.sip2]: what is refused, and what is said."""

import pytest

from gateway.config.load import parse_config
from gateway.errors import ConfigError

GOOD = '[login]\nmethods = ["card"]\n[login.sip2]\nhost = "192.0.2.20"\n'


def test_a_host_is_enough() -> None:
    sip2 = parse_config(GOOD, where="test").login.sip2
    assert (sip2.port, sip2.refuse, sip2.error_detection, sip2.password_file) == (6001, ("blocked", "lost"), True, None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[login]\nmethods = ["card"]\n', "name the library system"),
        (GOOD + 'login = "gateway"\n', "login wants password_file"),
        (GOOD + 'institution = "A|B"\n', "institution holds a sign"),
        (GOOD + 'encoding = "utf-99"\n', "is no encoding"),
        (GOOD + 'encoding = "utf-16"\n', "SIP2 does not allow"),
        (GOOD + 'encoding = "cp037"\n', "SIP2 does not allow"),
        (GOOD + 'category_field = "pcx"\n', "category_field"),
        (GOOD + 'profiles = { J = "nobody" }\n', "there is no profile nobody"),
        (GOOD + 'refuse = ["poor"]\n', "refuse"),
        (GOOD + 'pin = "1234"\n', "pin"),
        (GOOD.replace("192.0.2.20", "http://x/"), "is no host"),
        (GOOD + 'timeout = "0s"\n', "timeout"),
    ],
)
def test_what_can_not_be_is_refused(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse_config(text, where="test")
    assert said in str(refused.value)
