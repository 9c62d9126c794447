"""What the nightly mail says, as text and as HTML (counting 5.3): the summary, where to see more, how to get no more.

The HTML is the text in a table: no picture, no script, nothing from outside, nothing personal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from gateway.pages import Pages, Value, text
from gateway.ports_mail import Letter, Mail
from gateway.reports import english, vietnamese
from gateway.reports.day import Language
from gateway.reports.nightly import Told, one_line

MOST_DAYS = 20
"""A combined mail tells so many days: it stays below 50 kB, however long the line was down."""


@dataclass(frozen=True, slots=True)
class Stationery:
    """What all letters of a site share."""

    site: str
    language: Language
    stop_at: str
    """Mail address to write to for getting no more."""
    link: str
    """Where more is to be seen; "" is nowhere."""


def night_letter(pages: Pages, told: Told, paper: Stationery) -> Letter:
    """One night's."""
    notes = [row.value for line in told.rows for row in line if not row.label]
    rows = [{"label": row.label, "value": row.value} for line in told.rows for row in line if row.label]
    values: dict[str, Value] = {
        "subject": told.subject,
        "head": told.head,
        "needs_label": told.needs_label,
        "needs": list(told.needs),
        "notes": notes,
        "rows": rows,
        "days": [],
        "older": "",
    }
    return Letter(told.subject, f"{told.text}\n{_foot(paper)}", _html(pages, values, paper), told.short)


def combined_letter(pages: Pages, mails: Sequence[Mail], paper: Stationery) -> Letter:
    """One in the place of many: each day's short form, the latest first."""
    newest = sorted(mails, key=lambda one: (one.day, one.id), reverse=True)
    days = [paragraph for one in newest for paragraph in one.letter.short.split("\n\n")]
    first, last = min(one.first_day for one in mails), max(one.day for one in mails)
    name, language = one_line(paper.site), paper.language
    subject = text(language, "mail.combined", site=name, first=_day(first, language), last=_day(last, language))
    head = text(language, "mail.were_waiting", first=_day(first, language), last=_day(last, language))
    told, older = days[:MOST_DAYS], text(language, "mail.older") if len(days) > MOST_DAYS else ""
    body = "\n\n".join([head, *told, *([older] if older else [])])
    values: dict[str, Value] = {
        "subject": subject,
        "head": head,
        "needs_label": "",
        "needs": [],
        "notes": [],
        "rows": [],
        "days": told,
        "older": older,
    }
    return Letter(subject, f"{body}\n\n{_foot(paper)}", _html(pages, values, paper), "\n\n".join(told))


def trial_letter(pages: Pages, paper: Stationery) -> Letter:
    """To see whether mail arrives."""
    name = one_line(paper.site)
    subject, head = text(paper.language, "mail.trial", site=name), text(paper.language, "mail.trial_says", site=name)
    values: dict[str, Value] = {
        "subject": subject,
        "head": head,
        "needs_label": "",
        "needs": [],
        "notes": [],
        "rows": [],
        "days": [],
        "older": "",
    }
    return Letter(subject, f"{head}\n\n{_foot(paper)}", _html(pages, values, paper), head)


def _html(pages: Pages, values: dict[str, Value], paper: Stationery) -> str:
    stop = text(paper.language, "mail.stop", address=paper.stop_at)
    more: dict[str, Value] = {"site": one_line(paper.site), "link": paper.link, "stop": stop, "stop_at": paper.stop_at}
    return pages.render("night.html", paper.language, {**values, **more})


def _foot(paper: Stationery) -> str:
    more = [text(paper.language, "mail.more", link=paper.link)] if paper.link else []
    return "".join(f"{line}\n" for line in [*more, text(paper.language, "mail.stop", address=paper.stop_at)])


def _day(day: date, language: Language) -> str:
    return vietnamese.day(day) if language == "vi" else english.day(day)
