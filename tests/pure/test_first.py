"""First passwords: read off paper without a doubt, typed with any keyboard."""

import math
import re
import secrets

from gateway.access.account import checked_password
from gateway.local_accounts.first import BITS, first_password


def test_no_letter_is_taken_for_another_or_changed_by_a_keyboard() -> None:
    made = {first_password(secrets.randbelow) for _ in range(2000)}
    assert len(made) > 1990
    for each in made:
        assert re.fullmatch(r"(?:[bcghkmnptv][aeiu]){2}(?:-(?:[bcghkmnptv][aeiu]){2}){2}", each), each
        assert all(word[1] != word[3] for word in each.split("-"))
        assert checked_password(each, "lan") == each


def test_the_words_are_as_many_as_is_said() -> None:
    assert abs(3 * math.log2(10 * 4 * 10 * 3) - BITS) < 0.05
