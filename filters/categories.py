"""Known categories in a few words, and whether refusing them guards from harm or follows the library's policy.

Lists may bring categories of any name; one unknown here is called by that name and taken as policy.
"""

from typing import NamedTuple


class Category(NamedTuple):
    """What is said of a category."""

    words: str
    is_harm: bool = False


_KNOWN = {
    "adult": Category("adult content", is_harm=True),
    "by-address": Category("addresses the filter did not answer"),
    "bypass": Category("ways round the filter"),
    "fake-topup": Category("fake top-up of games", is_harm=True),
    "gambling": Category("gambling", is_harm=True),
    "games": Category("pay-to-play games"),
    "own": Category("closed by the library"),
    "search-unsafe": Category("search without a safe mode"),
    "threats": Category("malware and fraud", is_harm=True),
    "topup": Category("top-up of games"),
    "tunnel": Category("data hidden in names"),
    "upstream": Category("refused by the resolver asked"),
}


def about(category: str) -> Category:
    """What is known of a category."""
    return _KNOWN.get(category, Category(category))
