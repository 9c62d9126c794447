"""Amounts in English words, for the English copy of minutes: 257,629 is two hundred fifty-seven thousand …"""

_SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SIZES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (10**3, "thousand"))


def in_words(number: int) -> str:
    """The number spelt out; below zero with "minus"."""
    if number < 0:
        return f"minus {in_words(-number)}"
    for size, name in _SIZES:
        if number >= size:
            count, rest = divmod(number, size)
            return f"{in_words(count)} {name}" + (f" {in_words(rest)}" if rest else "")
    if number >= 100:
        hundreds, rest = divmod(number, 100)
        return f"{_SMALL[hundreds]} hundred" + (f" {in_words(rest)}" if rest else "")
    if number < 20:
        return _SMALL[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens - 2] + (f"-{_SMALL[ones]}" if ones else "")


def dong_in_words(amount_vnd: int) -> str:
    """As it stands in brackets behind the figure."""
    words = f"{in_words(amount_vnd)} dong"
    return words[0].upper() + words[1:]
