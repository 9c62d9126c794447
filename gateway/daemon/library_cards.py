"""Library cards, joined: the library system that is asked, over SIP2. Loaded where cards are offered."""

import contextlib
import ssl
from pathlib import Path

from gateway.clock import Clock
from gateway.config.model import Config
from gateway.config.sip2 import Sip2
from gateway.daemon.secret_file import secret_of
from gateway.errors import GatewayError
from gateway.sip2.cards import LibraryCards
from gateway.sip2.connection import Server
from gateway.sip2.library import Asking, Library
from gateway.sip2.messages import Asker


def library_cards(opened: contextlib.AsyncExitStack, config: Config, clock: Clock) -> LibraryCards:
    """The Verifier of card numbers; GatewayError as sip2_server."""
    sip2 = config.login.sip2
    terminal = _secret(sip2.terminal_password_file)
    asking = Asking(Asker(sip2.institution, terminal), sip2.category_field, config.site.zone)
    library = Library(sip2_server(sip2), asking, clock)
    opened.callback(library.close)
    profiles = {category.casefold(): profile for category, profile in sip2.profiles.items()}
    return LibraryCards(library, profiles, frozenset(sip2.refuse))


def sip2_server(sip2: Sip2) -> Server:
    """The library system as it is configured; GatewayError when a password or an authority can't be read."""
    context = None
    if sip2.tls:
        try:
            context = ssl.create_default_context(cafile=sip2.tls_authority)
        except OSError as error:
            raise GatewayError(
                f"the authority can't be read: {error.strerror}",
                where=str(sip2.tls_authority),
                hint="see login.sip2.tls_authority: a PEM file",
            ) from error
    return Server(
        sip2.host,
        sip2.port,
        sip2.login,
        _secret(sip2.password_file),
        sip2.location,
        sip2.encoding,
        b"\r\n" if sip2.line_end == "crlf" else b"\r",
        sip2.error_detection,
        context,
        sip2.timeout_s,
    )


def _secret(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        secret = secret_of(path, "password", "[login.sip2]").decode().strip()
    except UnicodeDecodeError as error:
        raise GatewayError(
            "the password can't be read: it is no UTF-8", where=str(path), hint="write it anew"
        ) from error
    if not secret or "|" in secret or not secret.isprintable():
        raise GatewayError("there is no password SIP2 can carry", where=str(path), hint="write it there in one line")
    return secret
