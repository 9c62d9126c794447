"""Texts and pages: every key in every language, everything escaped, nothing from outside."""

import re
from html import escape
from importlib import resources
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from gateway.access.login import Method
from gateway.pages import LANGUAGES, Pages, Value, choose_language, text
from gateway.portal.terms import KEPT_DAYS, Operator, folded_points, foot, terms, terms_points

LOCALE = Path(str(resources.files("portal_pages"))) / "locale"
NEWS = [{"title": "<i>1", "text": "<i>1", "language": "en", "when": "<i>1"}]
ITEM = {
    "title": "<i>1",
    "language": "vi",
    "author": "<i>1",
    "facts": "<i>1",
    "section": "<i>1",
    "kind": "film",
    "at": '/shelf/1/"><i>1',
    "leads_to": "/shelf/1",
    "media_type": "video/mp4",
}
SITE = {"site": "Thư viện <b>&", "phone": "0260", "mail": "a@example.vn"}
VALUES: dict[str, dict[str, str | int | bool | list[str] | dict[str, str] | list[dict[str, str]]]] = {
    "splash.html": {
        "points": ["<i>1"],
        "folded": ["<i>1"],
        "last_points": ["<i>1"],
        "foot": ["<i>1"],
        "token": 't"',
        "to": 'http://x.example/"><script>',
        "problem": "agree",
        "said": "<i>1",
        "way": "terms",
        "other_ways": ["terms"],
        "closed": "",
        "kept": {"code": "<i>1", "name": "<i>1", "card": "<i>1"},
        "pc": "<i>1",
        "return_min": 5,
        "return_token": "t",
        "takes_codes": True,
        "notices": NEWS,
        "more_notices": True,
        "has_shelf": True,
    },
    "status.html": {
        "warning": "<i>1",
        "left": "5",
        "until": "<i>1",
        "used": "1 MB",
        "to": "http://x.example/",
        "to_host": "x.example",
        "token": "t",
        "pc": "<i>1",
        "exempt": True,
        "notices": NEWS * 4,
        "more_notices": True,
        "has_shelf": True,
        "purposes": [{"key": "study", "text": "<i>1"}] * 12,
        "purpose_token": "t",
    },
    "notices.html": {"notices": NEWS * 12},
    "shelf.html": {
        "items": [ITEM],
        "sections": [{"name": "<i>1", "number": "1", "chosen": "True"}],
        "section": 1,
        "page": 2,
        "pages": 3,
    },
    "shelf_item.html": {
        "item": ITEM,
        "kind": "film",
        "subtitles": [{"language": "vi", "name": "<i>1", "at": "/x", "default": "yes"}],
    },
    "waiting.html": {"number": "<i>1", "problem": "", "to": 'http://x.example/"><script>', "still": False},
    "return.html": {"token": "t", "problem": "wrong"},
    "message.html": {"about": "trouble"},
    "why.html": {
        "name": "<i>1.vn",
        "refused": True,
        "group": "<i>1",
        "harm": True,
        "at_this_hour": True,
        "action": "/why",
        "token": "t",
        "problem": "many",
    },
    "night.html": {
        "subject": "<i>1",
        "head": "<i>1",
        "needs_label": "<i>1",
        "needs": ["<i>1"],
        "notes": ["<i>1"],
        "rows": [{"label": "<i>1", "value": "<i>1"}],
        "days": ["<i>1"],
        "older": "<i>1",
        "link": 'http://x.example/"><script>',
        "stop": "<i>1",
        "stop_at": 'a@example.vn"><i>1',
    },
    "asked.html": {"code": "BCDFG"},
    "help.html": {"problem": "name"},
}


def catalogue(language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for domain in ("cong", "desk"):
        with (LOCALE / language / "LC_MESSAGES" / f"{domain}.po").open("rb") as file:
            texts = {str(message.id): str(message.string) for message in read_po(file) if message.id}
        assert not set(texts) & set(found), "one key, one text"
        found |= texts
    return found


def test_all_languages_have_all_keys_with_the_same_values() -> None:
    texts = {language: catalogue(language) for language in LANGUAGES}
    first = texts["vi"]
    for language, found in texts.items():
        assert set(found) == set(first), language
        for key, said in found.items():
            assert said.strip(), f"{language}: {key} is empty"
            assert set(re.findall(r"{(\w+)}", said)) == set(re.findall(r"{(\w+)}", first[key])), f"{language}: {key}"


def test_every_key_a_page_asks_for_is_there() -> None:
    known = set(catalogue("vi"))
    pages = resources.files("portal_pages")
    for page in (*pages.iterdir(), *pages.joinpath("desk").iterdir()):
        if page.name.endswith(".html"):
            asked = set(re.findall(r'\bt\("([a-z_.]+[a-z])"', page.read_text(encoding="utf-8")))
            assert asked <= known, f"{page.name}: {asked - known}"


def test_the_desks_pages_escape_everything_and_have_one_way_to_scroll_a_table() -> None:
    for page in resources.files("portal_pages").joinpath("desk").iterdir():
        if page.name.endswith(".html"):
            source = page.read_text(encoding="utf-8")
            assert not re.search(r"\|\s*safe\b|autoescape", source), page.name
            assert page.name == "wide.html" or 'class="scroll' not in source, f"{page.name}: by the keyboard, too"


def test_photos_are_asked_for_as_jpeg_first_and_never_as_heic() -> None:
    """With "image/*", or HEIC in the list, Safari sends HEIC, which the box refuses."""
    pages = [page.read_text(encoding="utf-8") for page in (LOCALE.parent / "desk").glob("*.html")]
    asked = {found for page in pages for found in re.findall(r'accept="([^"]*image/[^"]*)"', page)}
    assert asked == {"image/jpeg,image/png,image/webp"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", VALUES)
def test_pages_are_small_whole_and_escaped(page: str, language: str) -> None:
    html = Pages().render(page, language, {**SITE, **VALUES[page]})
    assert len(html.encode()) < 30_000
    assert f'<html lang="{language}">' in html
    assert "Thư viện &lt;b&gt;&amp;" in html and "<b>" not in html
    assert "<script" not in html and "<i>1" not in html
    assert not re.search(r'(src|href|action)="(https?:)?//(?!x\.example)', html), "nothing comes from outside"
    assert "<script" not in html and " on" not in re.sub(r">[^<]*<", "><", html.split("</style>")[1])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_terms_say_the_limits_and_have_a_version(language: str) -> None:
    accepted = terms(language, 120)
    assert "120" in accepted.text and str(KEPT_DAYS) in accepted.text
    assert re.fullmatch(r"[0-9a-f]{12}", accepted.version)
    assert accepted == terms(language, 120)
    assert accepted.version != terms(language, 60).version
    assert all(point in accepted.text for point in terms_points(language, 120))
    assert accepted.version != terms("en" if language == "vi" else "vi", 120).version


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_terms_say_who_runs_the_wifi_and_whom_to_ask(language: str) -> None:
    """What is accepted is what the page shows, so another name or number is another version."""
    library = Operator("Thư viện xã <b>, 12 {Trần}", "0260 1", "a@b.vn")
    accepted = terms(language, 120, operator=library)
    assert f"{library.who}" in accepted.text and f"{text(language, 'contact')} 0260 1 – a@b.vn" in accepted.text
    others = [Operator(), Operator("Khác", "0260 1", "a@b.vn"), Operator(library.who, "0260 1", "")]
    assert len({terms(language, 120, operator=each).version for each in (library, *others)}) == 4
    html = Pages().render("splash.html", language, {**SITE, **VALUES["splash.html"], "foot": foot(language, library)})
    assert html.count("0260 1") == 1 and "xã &lt;b&gt;, 12 {Trần}" in html
    told = folded_points(language, 120, operator=library)
    html = Pages().render("splash.html", language, {**SITE, **VALUES["splash.html"], **told})
    for line in accepted.text.split("\n"):
        assert escape(line).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in html, line


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_terms_name_the_question_where_it_is_asked(language: str) -> None:
    assert text(language, "terms.kept_purpose") in terms_points(language, 120, (), True)
    assert text(language, "terms.kept_purpose") not in terms(language, 120).text
    assert terms(language, 120, (), True).version != terms(language, 120).version


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_terms_name_what_an_account_server_learns_where_there_is_one(language: str) -> None:
    points = terms_points(language, 120, [Method.TERMS, Method.RADIUS])
    assert text(language, "terms.kept_radius", mac_days=7) in points
    assert len(points) == len(terms_points(language, 120)) + 2  # and that its sessions hold a pseudonym
    assert terms(language, 120, [Method.RADIUS]).version != terms(language, 120).version


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_an_account_server_says_is_escaped_and_stands_on_top(language: str) -> None:
    values = {**SITE, **VALUES["splash.html"], "way": "radius", "problem": "wrong"}
    html = Pages().render("splash.html", language, values)
    assert "<q>&lt;i&gt;1</q>" in html and html.index("<q>") < html.index("<form")
    assert 'type="password"' in html and 'value="&lt;i&gt;1"' in html and "<i>1" not in html


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        (None, "", "vi"),
        ("en", "vi", "en"),
        ("xx", "en-GB,en;q=0.9", "en"),
        (None, "fr-FR,vi;q=0.8,en", "vi"),
        (None, "fr", "vi"),
        ("../../etc", "*", "vi"),
    ],
)
def test_the_language_is_chosen_by_wish_then_browser_then_site(asked: str | None, accepted: str, language: str) -> None:
    assert choose_language(asked, accepted, "vi") == language


def test_a_text_takes_its_values() -> None:
    assert text("vi", "status.left", minutes=5) == "5 phút"


def _splash(to: str) -> dict[str, Value]:
    return {k: v for k, v in {**SITE, **VALUES["splash.html"], "to": to}.items() if k not in ("token", "return_token")}


def test_a_kept_page_is_the_page_with_its_own_seals() -> None:
    pages = Pages()
    for token in ("one", "two", "<three>"):
        for to in ("", "http://www.example.com/"):
            seals = {"token": token, "return_token": token + "2"}
            whole = pages.render("splash.html", "vi", {**_splash(to), **seals})
            assert pages.render_kept("splash.html", "vi", seals, _splash(to)) == whole


def test_links_do_not_fill_the_memory_with_pages() -> None:
    pages = Pages()
    for n in range(200):
        pages.render_kept(
            "splash.html", "vi", {"token": "t", "return_token": "t"}, _splash(f"http://www.example.com/{n}")
        )
    assert len(pages._kept) <= 64
