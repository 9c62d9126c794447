"""The Post port over SMTP (RFC 5321): STARTTLS or TLS with a believed certificate, one kept connection a run.

The standard library's client on a thread: `cong mail` is a short process with nothing else to do meanwhile.
"""

import asyncio
import contextlib
import smtplib
import socket
import ssl
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timezone
from typing import Literal

from gateway.mail.message import message_bytes
from gateway.ports_mail import Answer, DeliveryState, Mail, PostError, Trouble

_SAID_MOST = 200


@dataclass(frozen=True, slots=True)
class Server:
    """Which server, and who we are there."""

    host: str
    port: int
    tls: Literal["starttls", "tls", "none"]
    authority: str | None
    user: str
    password: str
    sender: str
    sender_name: str
    reply_to: str
    zone: timezone
    timeout_s: float = 30


class Smtp:
    """The Post port; close it at the end."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._connection: smtplib.SMTP | None = None

    async def deliver(self, mail: Mail, recipients: Sequence[str]) -> Mapping[str, Answer]:
        """See Post."""
        return await asyncio.to_thread(self._deliver, mail, recipients)

    async def close(self) -> None:
        """Take leave; a server that does not answer it is left."""
        connection, self._connection = self._connection, None
        if connection:
            await asyncio.to_thread(_leave, connection)

    def _deliver(self, mail: Mail, recipients: Sequence[str]) -> dict[str, Answer]:
        server = self._server
        content = message_bytes(mail, server.sender, server.sender_name, server.reply_to, server.zone)
        try:
            if self._connection is None:
                self._connection = _connect(server)
            return _hand_over(self._connection, server.sender, recipients, content)
        except PostError:
            self._drop()
            raise
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise _trouble(error, server) from error

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            connection.close()


def _connect(server: Server) -> smtplib.SMTP:
    context = ssl.create_default_context(cafile=server.authority)
    if server.tls == "tls":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=server.timeout_s, context=context, local_hostname="[127.0.0.1]"
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=server.timeout_s, local_hostname="[127.0.0.1]")
    try:
        # a box without a name of its own says its address (RFC 5321 4.1.4); looking a name up would wait for DNS
        connection.local_hostname = _literal(connection)
        connection.ehlo_or_helo_if_needed()
        if server.tls == "starttls":
            connection.starttls(context=context)
            connection.ehlo_or_helo_if_needed()
        if server.user:
            _sign_in(connection, server)
    except BaseException:
        connection.close()
        raise
    return connection


def _sign_in(connection: smtplib.SMTP, server: Server) -> None:
    """AUTH PLAIN (RFC 4616), or LOGIN where it is all there is; only ever over TLS.

    Not smtplib's own login: it can't send a password with a Vietnamese letter in it, for it takes it for ASCII.
    """
    offered = connection.esmtp_features.get("auth", "").upper().split()
    user, password = (_base64(text) for text in (server.user, server.password))
    if "PLAIN" in offered:
        code, said = connection.docmd("AUTH", f"PLAIN {_base64(f'{chr(0)}{server.user}{chr(0)}{server.password}')}")
    elif "LOGIN" in offered:
        code, said = connection.docmd("AUTH", "LOGIN")
        for text in (user, password):
            if code == 334:
                code, said = connection.docmd(text)
    else:
        raise PostError(Trouble.LOGIN, f"{server.host} port {server.port} takes no sign-in there")
    if code != 235:
        raise PostError(Trouble.LOGIN, _said(code, said))


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode("ascii")


def _hand_over(connection: smtplib.SMTP, sender: str, recipients: Sequence[str], content: bytes) -> dict[str, Answer]:
    options = [f"size={len(content)}"] if connection.has_extn("size") else []
    code, said = connection.mail(sender, options)
    if code != 250:
        connection.rset()
        raise PostError(Trouble.SENDER, _said(code, said))
    answers: dict[str, Answer] = {}
    taken = []
    for recipient in recipients:
        code, said = connection.rcpt(recipient)
        if code in (250, 251):
            taken.append(recipient)
        else:
            answers[recipient] = _refusal(code, said)
    if not taken:
        connection.rset()
        return answers
    code, said = connection.data(content)
    verdict = Answer(DeliveryState.SENT, _said(code, said)) if code == 250 else _refusal(code, said)
    return {**answers, **dict.fromkeys(taken, verdict)}


def _refusal(code: int, said: bytes) -> Answer:
    # RFC 5321 4.2.1: 5xx is for good, 4xx is worth another try; after 421 the next command finds the line cut
    state = DeliveryState.REFUSED if code >= 500 else DeliveryState.WAITING
    return Answer(state, _said(code, said))


def _trouble(error: Exception, server: Server) -> PostError:
    """What is known of the trouble, in words; the specific before the general, for most are OSErrors."""
    where = f"{server.host} port {server.port}"
    match error:
        case socket.gaierror():
            return PostError(Trouble.NAME, f"no address of {server.host} is to be had: {error.strerror}")
        case ssl.SSLCertVerificationError():
            return PostError(Trouble.CERTIFICATE, f"the certificate of {where} is not believed: {error.verify_message}")
        case ssl.SSLError():
            return PostError(Trouble.TLS, f"{where} speaks no TLS there: {error.reason or error}")
        case TimeoutError():
            return PostError(Trouble.SILENT, f"{where} does not answer within {server.timeout_s:.0f} s")
        case smtplib.SMTPNotSupportedError():
            return PostError(Trouble.TLS, f"{where} offers no STARTTLS")
        case smtplib.SMTPServerDisconnected():
            return PostError(Trouble.LOST, f"{where} hung up")
        case smtplib.SMTPResponseException():
            return PostError(Trouble.REFUSED, _said(error.smtp_code, error.smtp_error))
        case smtplib.SMTPException():
            return PostError(Trouble.REFUSED, _plain(str(error)))
        case ConnectionResetError() | BrokenPipeError():
            return PostError(Trouble.LOST, f"{where} hung up")
        case OSError():
            return PostError(Trouble.UNREACHABLE, f"{where} is not reached: {error.strerror or error}")
        case _:
            return PostError(Trouble.REFUSED, _plain(str(error)))


def _literal(connection: smtplib.SMTP) -> str:
    assert connection.sock is not None
    address = str(connection.sock.getsockname()[0])
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


def _said(code: int, said: bytes | str) -> str:
    told = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return _plain(f"{code} {told}")


def _plain(told: str) -> str:
    """Others' text on one line, without what moves a terminal's cursor."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in told).split())
    return line[:_SAID_MOST]


def _leave(connection: smtplib.SMTP) -> None:
    with contextlib.suppress(OSError, smtplib.SMTPException):
        connection.quit()
