"""Templates and translations: what people read. Text stands only in the gettext catalogues."""

import base64
import gettext
import hashlib
import html
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

LANGUAGES = ("vi", "en")
_FALLBACK = "vi"
_DOMAINS = ("cong", "desk")  # what patrons read, what staff read
_SEAL = "0123456789abcdef-{}-seal"
_MOST_KEPT = 64  # what a link may put into a page makes it another one: they must not fill the memory

Value = str | int | float | bool | None | Sequence[str] | Mapping[str, str] | Sequence[dict[str, str]]


class Pages:
    """The Pages of one site; made once, used by every request."""

    def __init__(self) -> None:
        self._environments = {language: environment(language) for language in LANGUAGES}
        self._kept: dict[tuple[str, str, str], str] = {}
        digest = hashlib.sha256(_source("cong.css").encode()).digest()
        self.style_policy = f"'sha256-{base64.b64encode(digest).decode()}'"
        """The style sheet's hash for Content-Security-Policy: it stands inside the page, to save an exchange."""

    def render_kept(self, name: str, language: str, seals: Mapping[str, str], values: Mapping[str, Value]) -> str:
        """`render` of a page that is alike for many but for its forms' seals: made once for each set of values."""
        key = (name, language, repr(sorted(values.items())))
        body = self._kept.get(key)
        if body is None:
            body = self.render(name, language, {**values, **{seal: _SEAL.format(seal) for seal in seals}})
            if len(self._kept) >= _MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = body
        for seal, value in seals.items():
            body = body.replace(_SEAL.format(seal), html.escape(value))
        return body

    def render(self, name: str, language: str, values: Mapping[str, Value]) -> str:
        """The text of a page; every value is escaped."""
        return self._environments[language].get_template(name).render(language=language, **values)


def text(language: str, key: str, **values: str | int) -> str:
    """One translated text with its values put in."""
    found = _catalogue(language).gettext(key)
    return found.format(**values) if values else found


def choose_language(asked: str | None, accepted: str, default: str) -> str:
    """The language of a page: as asked for, else the first known one the browser accepts, else the site's."""
    if asked is not None and asked in LANGUAGES:
        return asked
    for part in accepted.split(","):
        if (code := part.split(";")[0].strip().lower()[:2]) in LANGUAGES:
            return code
    return default


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    catalogue, *others = (_domain(language, domain) for domain in _DOMAINS)
    for other in others:
        catalogue.add_fallback(other)
    if language != _FALLBACK:
        catalogue.add_fallback(_catalogue(_FALLBACK))
    return catalogue


def _domain(language: str, domain: str) -> gettext.NullTranslations:
    file = resources.files("portal_pages").joinpath("locale", language, "LC_MESSAGES", f"{domain}.mo")
    with file.open("rb") as compiled:
        return gettext.GNUTranslations(compiled)


def environment(language: str) -> "Environment":
    """Templates of portal_pages in one language, with `t` for texts; every value is escaped."""
    # a tenth of a command's start: not for those that need texts alone
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    made = Environment(
        loader=FunctionLoader(_source), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.globals["t"] = lambda key, **values: text(language, key, **values)
    made.globals["source"] = _source
    return made


@cache
def _source(name: str) -> str:
    return resources.files("portal_pages").joinpath(name).read_text(encoding="utf-8")


def changelog() -> str:
    """CHANGELOG.md as it came with the program; "" where it did not."""
    packaged = resources.files("portal_pages").joinpath("CHANGELOG.md")
    beside = resources.files("portal_pages").joinpath("..", "CHANGELOG.md")  # a checkout
    for place in (packaged, beside):
        with suppress(OSError):
            return place.read_text(encoding="utf-8")
    return ""
