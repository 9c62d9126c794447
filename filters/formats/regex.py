"""Regular expressions as lists write them -> Python ones that can only ask what names can answer, and never dearly.

In: a pattern in JavaScript's, POSIX's or Python's manner. Out: a pattern for re.search over normal names, or
BadPatternError with a reason. A pattern is taken apart into sets of the 40 characters a name can have and put together
again, so that nothing of the original reaches `re`; its worst cost is bounded beforehand, because `re` goes back and
forth: "(a+)+$" takes longer than the world on 60 letters.
"""

import re
import string

from filters.formats.pattern import ALPHABET, NONE, Chars, Edge, Group, Item, cost_of_search, is_dead, shorten, text_of
from filters.names import MAX_NAME

MAX_PATTERN = 500
MAX_COST = 150_000
"""Steps on the worst name, by the reckoning of filters.formats.pattern: some milliseconds."""
_WORD = frozenset(string.ascii_lowercase + string.digits + "_")
_DIGITS = frozenset(string.digits)
_CLASSES = {
    "d": _DIGITS, "D": ALPHABET - _DIGITS, "w": _WORD, "W": ALPHABET - _WORD, "s": NONE, "S": ALPHABET,
}  # fmt: skip
_POSIX = {
    "alnum": _WORD - {"_"}, "alpha": _WORD - {"_"} - _DIGITS, "digit": _DIGITS, "lower": _WORD - {"_"} - _DIGITS,
    "upper": _WORD - {"_"} - _DIGITS, "xdigit": frozenset("0123456789abcdef"), "punct": frozenset("-_.\\"),
    "space": NONE, "blank": NONE, "word": _WORD,
}  # fmt: skip
_REPEAT = re.compile(r"\{(\d{1,3})(,?)(\d{0,3})\}")


class BadPatternError(ValueError):
    """A pattern that is not used; its text is one of a few reasons that counts are kept by."""


def translated(pattern: str) -> str:
    """The pattern for re.search over a normal name; BadPatternError when it is wrong, unfit for names or too dear."""
    if len(pattern) > MAX_PATTERN:
        raise BadPatternError("regex-too-long")
    reader = _Reader(pattern)
    whole = reader.group(0)
    if reader.at != len(pattern):
        raise BadPatternError("regex-syntax")
    branches = [branch for branch in whole.branches if not is_dead(branch)]
    if not branches:
        raise BadPatternError("regex-never-fits-a-name")
    if any(all(isinstance(item.what, Edge) or not item.least for item in branch) for branch in branches):
        raise BadPatternError("regex-fits-every-name")
    for branch in branches:
        shorten(branch)
    if sum(cost_of_search(branch) for branch in branches) > MAX_COST:
        raise BadPatternError("regex-too-dear")
    return text_of(Group(branches), top=True)


class _Reader:
    """Pattern text -> tree."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.at = 0

    def group(self, depth: int) -> Group:
        """Branches up to the closing parenthesis or the end."""
        if depth > 8:
            raise BadPatternError("regex-too-dear")
        group = Group([[]])
        while self.at < len(self._text) and self._text[self.at] != ")":
            if self._taken("|"):
                group.branches.append([])
            else:
                what = self._atom(depth)
                group.branches[-1].append(Item(what, *self._repeat(what)))
        return group

    def _taken(self, wanted: str) -> bool:
        if self._text.startswith(wanted, self.at):
            self.at += len(wanted)
            return True
        return False

    def _atom(self, depth: int) -> Chars | Edge | Group:
        letter = self._text[self.at]
        self.at += 1
        if letter in "^$":
            return Edge(letter)
        if letter == ".":
            return Chars(ALPHABET)
        if letter == "[":
            return Chars(self._bracket())
        if letter == "\\":
            return Edge("\\b") if self._taken("b") else Chars(self._escaped())
        if letter == "(":
            return self._parenthesis(depth)
        if letter in "*+?":
            raise BadPatternError("regex-syntax")
        return Chars(_only(letter))

    def _parenthesis(self, depth: int) -> Group:
        look = next((each for each in ("?:", "?=", "?!") if self._taken(each)), "")
        if self._text.startswith("?", self.at):
            raise BadPatternError("regex-unsupported")  # looking behind, names, flags
        group = self.group(depth + 1)
        if not self._taken(")"):
            raise BadPatternError("regex-syntax")
        group.look = look.removeprefix("?:")
        return group

    def _escaped(self) -> frozenset[str]:
        if self.at == len(self._text):
            raise BadPatternError("regex-syntax")
        letter = self._text[self.at]
        self.at += 1
        if letter in _CLASSES:
            return _CLASSES[letter]
        if letter.isalnum() and letter not in "tnrfv":
            raise BadPatternError("regex-unsupported")  # back references, properties of Unicode
        return NONE if letter.isalnum() else _only(letter)

    def _bracket(self) -> frozenset[str]:
        negated, allowed, first = self._taken("^"), set[str](), True
        while first or not self._text.startswith("]", self.at):
            if self.at >= len(self._text):
                raise BadPatternError("regex-syntax")
            first = False
            allowed |= self._bracket_item()
        self.at += 1
        return ALPHABET - allowed if negated else frozenset(allowed)

    def _bracket_item(self) -> frozenset[str]:
        text = self._text
        if self._taken("[:"):
            name, end, rest = text[self.at :].partition(":]")
            if not end or name not in _POSIX:
                raise BadPatternError("regex-syntax")
            self.at = len(text) - len(rest)
            return _POSIX[name]
        low = text[self.at]
        self.at += 1
        if low == "\\":
            return self._escaped()
        if text.startswith("-", self.at) and text[self.at + 1 : self.at + 2] not in ("", "]", "\\"):
            high = text[self.at + 1]
            self.at += 2
            if high < low:
                raise BadPatternError("regex-syntax")
            return frozenset(each.lower() for each in map(chr, range(ord(low), ord(high) + 1))) & ALPHABET
        return _only(low)

    def _repeat(self, what: Chars | Edge | Group) -> tuple[int, int]:
        least, most = 1, 1
        numbers = _REPEAT.match(self._text, self.at)
        if numbers:
            self.at = numbers.end()
            least = int(numbers[1])
            most = int(numbers[3]) if numbers[3] else MAX_NAME if numbers[2] else least
        elif self._taken("*"):
            least, most = 0, MAX_NAME
        elif self._taken("+"):
            most = MAX_NAME
        elif self._taken("?"):
            least = 0
        else:
            return 1, 1
        self._taken("?")  # lazy or not: whether it fits is the same
        only_looks = isinstance(what, Edge) or (isinstance(what, Group) and what.look)
        if least > most or most > MAX_NAME or only_looks or self._text[self.at : self.at + 1] in ("*", "+", "{"):
            raise BadPatternError("regex-unsupported")
        return least, most


def _only(letter: str) -> frozenset[str]:
    return frozenset(letter.lower()) & ALPHABET
