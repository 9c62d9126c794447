"""The nightly summary of one site and day as people read it.

In:  DayFigures (from gateway.flows.nightly).
Out: Told. The same figures give the same text, on any machine.
"""

from dataclasses import dataclass
from typing import Literal

from gateway.reports import nightly_en, nightly_vi
from gateway.reports.day import DayFigures

Language = Literal["vi", "en"]

SHORT_MAX = 500
"""Characters of the short form (counting 5.3): what a chat takes in one piece."""


@dataclass(frozen=True, slots=True)
class Told:
    """One day as people read it."""

    subject: str
    text: str
    short: str


def tell(figures: DayFigures, site_name: str, language: Language) -> Told:
    """Subject, text and short form in one language."""
    name = " ".join(site_name.split())  # a line break would end a mail's subject
    texts = nightly_vi if language == "vi" else nightly_en
    short = texts.short(figures, name)
    if len(short) > SHORT_MAX:
        short = short[: SHORT_MAX - 1] + "…"
    return Told(texts.subject(figures, name), texts.text(figures, name), short)
