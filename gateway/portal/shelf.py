"""The local shelf: documents, films, sounds and links to catalogues, for whoever is on the library's network, signed in
or not, whatever the hour and whether the line is up or down. It asks nothing and notes nothing of who takes what.
"""

from collections.abc import Sequence
from urllib.parse import quote

from aiohttp import web

from gateway.flows.gate import Gate
from gateway.pages import text
from gateway.portal.frame import Frame, device_of
from gateway.portal.sending import Downloads
from gateway.ports_shelf import Item, Kind, Shelf
from gateway.units import show_bytes

A_PAGE = 20
_NAMED = ("vi", "en", "jra", "sed", "bdq", "fr", "zh", "ja", "ko")


class ShelfPages:
    """The list, a film's or sound's own page, and the files."""

    def __init__(self, gate: Gate, frame: Frame, shelf: Shelf, downloads: Downloads) -> None:
        self._gate = gate
        self._frame = frame
        self._shelf = shelf
        self._downloads = downloads

    def routes(self) -> list[web.RouteDef]:
        """For the patrons' application; get stands for HEAD too."""
        return [
            web.get("/shelf", self.to_list),
            web.get("/shelf/", self.list),
            web.get("/shelf/{key:[0-9a-f]{10}}", self.item),
            web.get("/shelf/{key:[0-9a-f]{10}}/{language:[a-z][A-Za-z0-9-]*}.vtt", self.subtitles),
            web.get("/shelf/{key:[0-9a-f]{10}}/{name}", self.file),
        ]

    def has_items(self) -> bool:
        """Is there anything to lead to?"""
        return bool(self._shelf.catalogue().items)

    async def to_list(self, request: web.Request) -> web.Response:
        """The list has one address."""
        raise web.HTTPSeeOther(location=str(request.rel_url.with_path("/shelf/").with_query(request.rel_url.query)))

    async def list(self, request: web.Request) -> web.Response:
        """A page of items: of one section, or of all in order."""
        catalogue = self._shelf.catalogue()
        sections = catalogue.sections
        chosen = _number(request.query.get("section", ""), len(sections))
        items = [each for each in catalogue.items if chosen is None or each.section == sections[chosen - 1]]
        count = max(1, -(-len(items) // A_PAGE))
        page = _number(request.query.get("page", ""), count) or 1
        language = self._frame.language(request)
        shown = items[(page - 1) * A_PAGE : page * A_PAGE]
        return self._frame.page(
            request,
            "shelf.html",
            items=[_told(each, language) for each in shown],
            sections=[
                {"name": name or text(language, "shelf.other"), "number": str(number), "chosen": str(number == chosen)}
                for number, name in enumerate(sections[:_MOST_SECTIONS], 1)
            ]
            if len(sections) > 1
            else [],
            section=chosen or 0,
            page=page,
            pages=count,
        )

    async def item(self, request: web.Request) -> web.Response:
        """A film to look at, or anything else with its link."""
        found = self._find(request)
        if found is None or found.kind is Kind.LINK:
            return self._frame.message(request, "not_on_shelf", status=404)
        language = self._frame.language(request)
        subtitles = [
            {
                "language": each.language,
                "name": _language_name(each.language, language),
                "at": f"/shelf/{found.key}/{each.language}.vtt",
                "default": "yes" if each.language == _first_shown(found, language) else "",
            }
            for each in found.subtitles
        ]
        answer = self._frame.page(
            request, "shelf_item.html", item=_told(found, language), kind=found.kind, subtitles=subtitles
        )
        policy = answer.headers["Content-Security-Policy"]
        answer.headers["Content-Security-Policy"] = f"{policy}; media-src 'self'"
        return answer

    async def subtitles(self, request: web.Request) -> web.Response:
        """A film's subtitles in one language, as WebVTT whatever they were written as."""
        found, language = self._find(request), request.match_info["language"]
        path = next((each.path for each in found.subtitles if each.language == language), None) if found else None
        body = await self._shelf.subtitles(path) if path else None
        if body is None:
            return self._frame.message(request, "not_on_shelf", status=404)
        headers = {"Server": "cong", "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        return web.Response(body=body, content_type="text/vtt", charset="utf-8", headers=headers)

    async def file(self, request: web.Request) -> web.StreamResponse:
        """The file; whoever has enough downloads running is asked to wait."""
        found = self._find(request)
        if found is None or not found.path or request.match_info["name"] != found.name:
            return self._frame.message(request, "not_on_shelf", status=404)
        client = str(await device_of(self._gate, request) or request.remote)
        with self._downloads.place(client) as may:
            if not may:
                answer = self._frame.message(request, "many_downloads", status=503)
                answer.headers["Retry-After"] = "10"
                return answer
            opened = await self._shelf.open(found.path)
            if opened is None:
                return self._frame.message(request, "not_on_shelf", status=404)
            with opened.file:
                attached = request.query.get("download") == "1"
                return await self._downloads.send(request, opened, found.media_type, found.name, attached=attached)

    def _find(self, request: web.Request) -> Item | None:
        return self._shelf.catalogue().by_key.get(request.match_info["key"])


_MOST_SECTIONS = 30


def _told(item: Item, language: str) -> dict[str, str]:
    """An item in a page's words."""
    facts: Sequence[str] = (
        text(language, f"shelf.kind_{item.kind}"),
        _language_name(item.language, language),
        show_bytes(item.size_bytes) if item.path else "",
        item.licence,
        "" if item.path else text(language, "shelf.needs_line"),
    )
    at = item.link if item.kind is Kind.LINK else f"/shelf/{item.key}/{quote(item.name)}"
    plays = item.kind in (Kind.FILM, Kind.SOUND)
    return {
        "title": item.titled(language),
        "language": "" if language == "en" and item.title_en else item.language,
        "author": item.author,
        "facts": " · ".join(fact for fact in facts if fact),
        "section": item.section,
        "kind": item.kind,
        "at": at,
        "leads_to": f"/shelf/{item.key}" if plays else at,
        "media_type": item.media_type,
    }


def _language_name(tag: str, language: str) -> str:
    """Of the languages that are named in every translation; the tag itself of others."""
    return text(language, f"language.{tag}") if tag in _NAMED else tag


def _first_shown(item: Item, language: str) -> str:
    """The subtitles that are on at first: of the page's language, unless the film speaks it."""
    tags = [each.language for each in item.subtitles]
    return language if language in tags and item.language != language else ""


def _number(told: str, most: int) -> int | None:
    return int(told) if told.isascii() and told.isdigit() and len(told) < 6 and 1 <= int(told) <= most else None
