"""Style sheet and scripts: named by their content, kept by the browser for ever, served by nobody else."""

import hashlib
from importlib import resources

from aiohttp import web

_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


class Assets:
    """The files of portal_pages/desk/static, read once."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[bytes, str]] = {}
        self._named: dict[str, str] = {}
        for file in resources.files("portal_pages").joinpath("desk", "static").iterdir():
            stem, _, kind = file.name.rpartition(".")
            if kind not in _TYPES:
                continue  # the licences beside them
            body = file.read_bytes()
            public = f"{stem}.{hashlib.sha256(body).hexdigest()[:12]}.{kind}"
            self._files[public], self._named[file.name] = (body, _TYPES[kind]), f"/static/{public}"

    def address(self, name: str) -> str:
        """Where the page finds it: "desk.css"."""
        return self._named[name]

    def routes(self) -> list[web.RouteDef]:
        """For the desk's application."""
        return [web.get("/static/{name}", self.serve)]

    async def serve(self, request: web.Request) -> web.Response:
        """One file."""
        found = self._files.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        body, kind = found
        kept = {"Cache-Control": "public, max-age=31536000, immutable"}
        return web.Response(body=body, content_type=kind, charset="utf-8", headers=kept)
