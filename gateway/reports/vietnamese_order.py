"""Names in the order of a Vietnamese dictionary, without a library of collation (counting 4.3, trap 7).

In:  a text.
Out: a key to sort by: base letters first (a ă â b c d đ e ê … o ô ơ … u ư v), then tones (ngang huyền hỏi ngã sắc
     nặng), then other marks (the breve of Gia Rai: ĕ ĭ ŏ ŭ), then small before capital letters. It tells apart whatever
     differs, so the order of equal names hangs on nothing else.
"""

import unicodedata

_LETTERS = "aăâbƀcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")  # ngang huyền hỏi ngã sắc nặng
_SHAPES = "\u0306\u0302\u031b"
"""Breve, circumflex, horn: a letter of its own where the alphabet has it."""

Key = tuple[tuple[int, ...], tuple[int, ...], tuple[str, ...], tuple[bool, ...], str]


def vietnamese_key(text: str) -> Key:
    """The key of a name; signs and digits stand before all letters."""
    letters: list[int] = []
    tones: list[int] = []
    marks: list[str] = []
    capitals: list[bool] = []
    plain = unicodedata.normalize("NFC", text).strip()
    for one in plain:
        base, tone, rest = _taken_apart(one.lower())
        letters.append(_place(base))
        tones.append(tone)
        marks.append(rest)
        capitals.append(one != one.lower())
    return tuple(letters), tuple(tones), tuple(marks), tuple(capitals), text


def _taken_apart(letter: str) -> tuple[str, int, str]:
    """A letter of the alphabet, the number of its tone, other marks: ế is ê, 4, nothing."""
    base, *marks = [*unicodedata.normalize("NFD", letter)]
    tone, rest = 0, ""
    for mark in marks:
        with_mark = unicodedata.normalize("NFC", base + mark)
        if mark in _SHAPES and with_mark in _LETTERS:
            base = with_mark
        elif mark in _TONES:
            tone = _TONES.index(mark)
        else:
            rest += mark
    return base, tone, rest


def _place(base: str) -> int:
    """Where a character stands: signs, digits, then the alphabet, then whatever else there is."""
    at = _LETTERS.find(base)
    if at >= 0:
        return 0x1000 + at
    return ord(base) if ord(base) < 0x1000 and not base.isalpha() else 0x2000 + ord(base)
