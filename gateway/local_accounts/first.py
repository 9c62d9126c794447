"""First passwords: made by the gateway, read off paper, typed on a phone.

Three words of two syllables, small letters alone: no o that looks like 0, no l, no digit. No letter in it is one that
Vietnamese keyboards (Telex, VNI) change: no d s f r x j w z, and no vowel twice in a word. 1,200 words: 30.7 bits, and
scrypt before each try.
"""

from collections.abc import Callable

_CONSONANTS, _VOWELS, _WORDS = "bcghkmnptv", "aeiu", 3
BITS = 30.7


def first_password(below: Callable[[int], int]) -> str:
    """One; `below(n)` gives a random number from 0 to n - 1."""

    def word() -> str:
        first = _VOWELS[below(len(_VOWELS))]
        others = _VOWELS.replace(first, "")
        second = others[below(len(others))]
        return _CONSONANTS[below(len(_CONSONANTS))] + first + _CONSONANTS[below(len(_CONSONANTS))] + second

    return "-".join(word() for _ in range(_WORDS))
