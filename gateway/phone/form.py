"""Reads a page as a browser without scripts does: its title, and the form a patron sends. Pure."""

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser


@dataclass(frozen=True, slots=True)
class Form:
    """A form that is sent by POST, filled as somebody does who ticks every box and presses the first button."""

    action: str
    fields: tuple[tuple[str, str], ...]


def title_of(page: str) -> str:
    """Text of the page's title; empty when there is none."""
    found = re.search(r"<title[^>]*>(.*?)</title>", page, re.IGNORECASE | re.DOTALL)
    return " ".join(unescape(found[1]).split()) if found else ""


def post_form(page: str, action: str = "") -> Form | None:
    """The first form of a page that is sent by POST, to an address that begins so; None when there is none."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    posted = (Form(found.action, tuple(found.fields)) for found in reader.forms if found.is_post)
    return next((form for form in posted if form.action.startswith(action)), None)


@dataclass(slots=True)
class _Found:
    action: str
    is_post: bool
    has_button: bool = False
    fields: list[tuple[str, str]] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[_Found] = []
        self._open: _Found | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = _Found(values.get("action", ""), values.get("method", "get").lower() == "post")
            self.forms.append(self._open)
        elif tag in ("input", "button") and self._open is not None and "disabled" not in values:
            self._add(self._open, tag, values)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None

    def _add(self, form: _Found, tag: str, values: dict[str, str]) -> None:
        kind = values.get("type", "submit" if tag == "button" else "text").lower()
        name = values.get("name", "")
        if kind in ("submit", "image"):
            first, form.has_button = not form.has_button, True
            if not first:
                return  # only the button that was pressed is sent
        if name and kind not in ("button", "reset", "file"):
            form.fields.append((name, values.get("value", "on" if kind in ("checkbox", "radio") else "")))
