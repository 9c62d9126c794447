"""A notice in a page's words: what patrons read of it, and what the desk shows before they do."""

from collections.abc import Mapping
from datetime import datetime, timezone

from gateway.pages import text
from gateway.ports_board import Notice, NoticeKind


def notice_shown(notice: Notice, language: str, fallback: str, zone: timezone) -> Mapping[str, str]:
    """For portal_pages/notice.html; `fallback`: the site's language, where it is not told in the reader's."""
    tag, said = notice.wording(language, fallback)
    when = "" if notice.happens_at is None else _when(notice.happens_at.astimezone(zone), language)
    place = notice.place if notice.kind is NoticeKind.EVENT else ""
    return {
        "title": said.title,
        "text": said.text,
        "language": tag if tag != language else "",
        "when": " – ".join(part for part in (when, place) if part),
    }


def _when(local: datetime, language: str) -> str:
    day = text(language, f"weekday.{local.weekday()}")
    return text(language, "notice.when", day=day, on=f"{local:%d/%m}", at=f"{local:%H:%M}")
