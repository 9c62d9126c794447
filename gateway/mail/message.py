"""A mail of the queue as the message that goes out: RFC 5322, UTF-8 in words any server passes on (RFC 2047, 2045)."""

from collections.abc import Sequence
from datetime import timezone
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import quote

from gateway.ports_mail import Mail
from gateway.reports.nightly import one_line


def message_of(mail: Mail, sender: str, name: str, reply_to: str, zone: timezone) -> EmailMessage:
    """Text and HTML of the same. `name` is the library's, as recipients see it; hostile letters in it end no header."""
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(sender, name)
    message["To"] = ", ".join(_recipients(mail))
    if reply_to and reply_to != sender:
        message["Reply-To"] = _address(reply_to, name)
    message["Subject"] = one_line(mail.letter.subject)
    message["Date"] = format_datetime(mail.queued_at.astimezone(zone))
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's out-of-office answers it
    stop = quote(f"stop {mail.site}")
    message["List-Unsubscribe"] = f"<mailto:{reply_to or sender}?subject={stop}>"
    # quoted-printable: every server takes it, and Vietnamese text can still be found in a mailbox
    message.set_content(mail.letter.body, charset="utf-8", cte="quoted-printable")
    message.add_alternative(mail.letter.html, subtype="html", charset="utf-8", cte="quoted-printable")
    return message


def message_id(site: str, days: str, token: str, sender: str) -> str:
    """The same at each try: who gets a mail twice after a power cut sees that it is one."""
    return f"<{days}.{site}.{token}@{sender.partition('@')[2]}>"


def _address(spec: str, name: str) -> Address:
    return Address(display_name=one_line(name), addr_spec=spec)


def _recipients(mail: Mail) -> Sequence[str]:
    return [one.recipient for one in mail.deliveries]
