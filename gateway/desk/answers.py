"""Parts of answers that browsers and programs get alike: headers, redirects, what is told of a fault."""

import traceback

from aiohttp import web

from gateway.log import event

SECURITY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; font-src 'self'; media-src 'self'; form-action 'self'; frame-src 'self'; base-uri 'none'; "
    "frame-ancestors 'self'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Server": "cong",
}


def tell_fault(request: web.Request, error: Exception) -> None:
    """A fault of the program, in the log with the line it happened at."""
    frames = traceback.extract_tb(error.__traceback__)
    at = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    kind, says = type(error).__name__, str(error)[:200]
    event("desk.broken", "error", path=request.path[:60], kind=kind, says=says, at=at)


def redirect(path: str) -> web.Response:
    """See other."""
    return web.Response(status=303, headers={"Location": path})


def address_of(request: web.Request) -> str:
    """The other end of the connection; what a proxy says of others is a claim."""
    return (request.remote or "").removeprefix("::ffff:")
