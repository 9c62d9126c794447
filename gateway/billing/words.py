"""Amounts in Vietnamese words, as official papers spell them (counting 3.4, currency text; 2.7, 22).

num2words 0.5.14 drops inner zeros: it reads 1.000.015 as "một triệu lẻ mười lăm".
"""

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_BILLION = 10**9
_GROUPS = ((10**6, "triệu"), (10**3, "nghìn"), (1, ""))


def in_words(number: int) -> str:
    """15 is "mười lăm", 1.005 "một nghìn không trăm linh năm"; below zero with "âm"."""
    if number < 0:
        return f"âm {in_words(-number)}"
    return " ".join(_words(number, leading=True)) if number else _DIGITS[0]


def dong_in_words(amount_vnd: int) -> str:
    """As it stands in brackets behind the figure: "Hai trăm năm mươi bảy nghìn … đồng"."""
    words = f"{in_words(amount_vnd)} đồng"
    return words[0].upper() + words[1:]


def dong_text(amount_vnd: int) -> str:
    """Figure and words: "257.629 đồng (Hai trăm năm mươi bảy nghìn … đồng)"."""
    return f"{amount_vnd:,} đồng ({dong_in_words(amount_vnd)})".replace(",", ".")


def _words(number: int, *, leading: bool) -> list[str]:
    words: list[str] = []
    billions, rest = divmod(number, _BILLION)
    if billions:
        words += [*_words(billions, leading=leading), "tỷ"]
    for size, name in _GROUPS:
        group, rest = divmod(rest, size)
        if group:
            words += _group(group, full=not leading or bool(words))
            words += [name] if name else []
    return words


def _group(group: int, *, full: bool) -> list[str]:
    """Three digits; `full` says the hundreds even when they are zero."""
    hundreds, rest = divmod(group, 100)
    words = [_DIGITS[hundreds], "trăm"] if hundreds or full else []
    tens, ones = divmod(rest, 10)
    if tens == 0:
        if ones:
            words += ["linh", _DIGITS[ones]] if words else [_DIGITS[ones]]
        return words
    words += ["mười"] if tens == 1 else [_DIGITS[tens], "mươi"]
    return [*words, *_last(tens, ones)]


def _last(tens: int, ones: int) -> list[str]:
    if ones == 0:
        return []
    if ones == 5:
        return ["lăm"]
    if tens > 1 and ones in (1, 4):
        return ["mốt" if ones == 1 else "tư"]
    return [_DIGITS[ones]]
