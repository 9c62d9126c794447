"""[mail]: what is refused, and what is said."""

import pytest

from gateway.config.load import parse_config
from gateway.errors import ConfigError

GOOD = '[mail]\nserver = "mail.example.vn"\nsender = "lib@example.vn"\nrecipients = ["office@example.vn"]\n'


def test_server_sender_and_recipients_are_enough() -> None:
    mail = parse_config(GOOD, where="test").mail
    assert (mail.port, mail.tls, mail.at, mail.spread_s, mail.retry_s) == (587, "starttls", "21:30", 1200, 14400)
    assert parse_config("", where="test").mail.server == "", "no mail by default"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[mail]\nserver = "mail.example.vn"\n', "sender and recipients are wanted too"),
        (GOOD.replace("mail.example.vn", "smtp://mail.example.vn"), "is no server"),
        (GOOD.replace("office@example.vn", "Office <office@example.vn>"), "is no mail address"),
        (GOOD.replace("office@example.vn", "a@example.vn\\r\\nRCPT TO:<b@example.vn>"), "is no mail address"),
        (GOOD.replace("lib@example.vn", "lib@example.vn\\n"), "is no mail address"),
        (GOOD.replace('["office@example.vn"]', '["a@b.vn", "a@b.vn"]'), "stands there twice"),
        (GOOD + 'user = "lib"\n', "user wants password_file"),
        (GOOD + 'user = "lib"\npassword_file = "/etc/cong/mail"\ntls = "none"\n', "could be read on the way"),
        (GOOD + 'at = "9pm"\n', "is no time of day"),
        (GOOD + 'at = "24:00"\n', "is no time of day"),
        (GOOD + 'spread = "5h"\n', "spread"),
        (GOOD + 'retry = "1s"\n', "retry"),
        (GOOD + 'link = "javascript:alert(1)"\n', "is no web address"),
        (GOOD + 'link = "https://x.vn/ \\n"\n', "is no web address"),
        (GOOD + 'language = "fr"\n', "language"),
        (GOOD + 'password = "x"\n', "password: unknown"),
    ],
)
def test_what_can_not_be_is_refused(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse_config(text, where="test")
    assert said in str(refused.value)
