"""A true mail server on the loopback (aiosmtpd) that answers as it is told and keeps what it took."""

import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.edge.filters_upstream import free_port

USER, PASSWORD = "tong.hop@sathay.example", "mật khẩu dài"


@dataclass(frozen=True, slots=True)
class Received:
    """One mail that came."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    over_tls: bool
    signed_in: bool
    greeted_as: str

    @property
    def message(self) -> EmailMessage:
        """As the standard library's parser sees it."""
        parsed = message_from_bytes(self.content, policy=default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    def part(self, kind: str) -> str:
        """The text of its plain or html part."""
        body = self.message.get_body((kind,))
        assert body is not None
        return str(body.get_content())


@dataclass(slots=True)
class Script:
    """What it answers."""

    senders: list[str] = field(default_factory=list)
    """To the next MAIL commands; then 250."""
    recipients: dict[str, list[str]] = field(default_factory=dict)
    """To the next RCPT commands of an address; then 250."""
    contents: list[str] = field(default_factory=list)
    """To the next mails; then 250. "hang up": the mail is taken, and the line cut before the answer."""
    taking: Callable[[], None] | None = None
    """Called when a mail has come, before it is answered."""


class MailServer:
    """Its script and what came."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.script = Script()
        self.received: list[Received] = []
        self.connections = 0

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Each connection greets."""
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """By the script."""
        if self.script.senders:
            return self.script.senders.pop(0)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """By the script."""
        answers = self.script.recipients.get(address, [])
        if answers:
            return answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep it, then answer by the script."""
        answer = self.script.contents.pop(0) if self.script.contents else "250 taken as 4711"
        if answer.startswith("250") or answer == "hang up":
            assert isinstance(envelope.content, bytes) and envelope.mail_from is not None and server.transport
            self.received.append(
                Received(
                    envelope.mail_from,
                    tuple(envelope.rcpt_tos),
                    envelope.content,
                    server.transport.get_extra_info("ssl_object") is not None,
                    session.authenticated is True,
                    str(session.host_name),
                )
            )
        if self.script.taking:
            self.script.taking()
        if answer == "hang up":
            assert server.transport
            server.transport.close()
        return answer

    def check(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        """One user, one password."""
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=good, handled=False)


@contextmanager
def mail_server(
    context: ssl.SSLContext | None = None, *, at_once: bool = False, wants_user: bool = False, port: int = 0
) -> Iterator[MailServer]:
    """Serves on 127.0.0.1: plain, with STARTTLS, or TLS at once."""
    here = MailServer(port or free_port())
    controller = Controller(
        here,
        hostname="127.0.0.1",
        port=here.port,
        ready_timeout=20,
        ssl_context=context if at_once else None,
        tls_context=None if at_once else context,
        require_starttls=context is not None and not at_once,
        authenticator=here.check,
        auth_required=wants_user and not at_once,  # it warns where it sees no STARTTLS, and TLS is below that
        auth_require_tls=not at_once,
    )
    controller.start()
    here.connections = 0
    try:
        yield here
    finally:
        controller.stop()


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """An authority's file, and a server's context with a certificate for 127.0.0.1 of that authority."""
    new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    root, leaf = folder / "root.pem", folder / "leaf.pem"
    (folder / "leaf.cnf").write_text("subjectAltName=IP:127.0.0.1\n")

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], check=True, capture_output=True)

    openssl("req", "-x509", *new, "-subj", "/CN=root", "-days", "9", "-keyout", f"{folder}/root.key", "-out", f"{root}")
    openssl("req", "-new", *new, "-subj", "/CN=mail", "-keyout", f"{folder}/leaf.key", "-out", f"{folder}/leaf.csr")
    signing = ["-CA", f"{root}", "-CAkey", f"{folder}/root.key", "-CAcreateserial", "-days", "9"]
    files = ["-in", f"{folder}/leaf.csr", "-extfile", f"{folder}/leaf.cnf", "-out", f"{leaf}"]
    openssl("x509", "-req", *signing, *files)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(leaf, f"{folder}/leaf.key")
    return root, context
