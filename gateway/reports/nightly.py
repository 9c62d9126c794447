"""The nightly summary of one site and day as people read it.

In:  DayFigures and DayState (from gateway.flows.nightly and night_told).
Out: Told. The same figures give the same text, on any machine.
"""

from dataclasses import dataclass

from gateway.reports import nightly_en, nightly_vi
from gateway.reports.day import DayFigures, Language, Row
from gateway.reports.day_state import DayState

SHORT_MAX = 500
"""Characters of the short form (counting 5.3): what a chat takes in one piece."""

_TOLD_NEEDS = 8
_BESIDE = "    "


@dataclass(frozen=True, slots=True)
class Told:
    """One day as people read it."""

    subject: str
    text: str
    short: str
    head: str = ""
    needs_label: str = ""
    needs: tuple[str, ...] = ()
    """Sentences; what has to be done."""
    rows: tuple[tuple[Row, ...], ...] = ()


def tell(figures: DayFigures, site_name: str, language: Language, state: DayState | None = None) -> Told:
    """Subject, text and short form in one language."""
    name = one_line(site_name)
    texts = nightly_vi if language == "vi" else nightly_en
    head, rows = texts.head(figures, name), tuple(texts.rows(figures, state))
    needs = _needs(figures, state, language)
    lines = [head]
    if needs:
        lines.append(f"{texts.NEEDS}: {' '.join(needs)}")
    lines += [_BESIDE.join(_told(row) for row in line) for line in rows]
    short = texts.short(figures, state, name)
    if len(short) > SHORT_MAX:
        short = short[: SHORT_MAX - 1] + "…"
    text = "".join(f"{line}\n" for line in lines)
    return Told(texts.subject(figures, state, name), text, short, head, texts.NEEDS, needs, rows)


def one_line(text: str) -> str:
    """A name as one line of what can be printed: a line break would end a mail's subject and begin a header."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _needs(figures: DayFigures, state: DayState | None, language: Language) -> tuple[str, ...]:
    texts = nightly_vi if language == "vi" else nightly_en
    needs = state.needs if state else ()
    told = tuple(f"{one_line(texts.need(one, figures))}." for one in needs[:_TOLD_NEEDS])
    return (*told, f"… (+{len(needs) - _TOLD_NEEDS})") if len(needs) > _TOLD_NEEDS else told


def _told(row: Row) -> str:
    return f"{row.label}: {row.value}" if row.label else row.value
