"""SIP2 messages as bytes, both ways: no socket, no clock.

A message is two digits, a fixed part of known length, then fields `XX...|`, then, with error detection on, `AYn`
(sequence number) and `AZhhhh` (checksum), ended by CR. Source: 3M Standard Interchange
Protocol 2.00, "Message Formats".
"""

import re
from dataclasses import dataclass, field
from datetime import datetime

MESSAGE_BYTES = 16_384  # the longest answer that is read; patron information is below 1 kB
RESEND_TO_ACS = "97"  # we ask the library system to say it again
RESEND_TO_SC = "96"  # it asks us

# code -> length of the fixed part after the code
FIXED = {"94": 1, "96": 0, "97": 0, "98": 34, "24": 35, "64": 59}
_TAIL = re.compile(rb"(?:AY([0-9]))?AZ([0-9A-Fa-f]{4})\Z")
# places in the patron status (14 letters, "Y" is yes)
_DENIED = 0  # charge privileges denied: what Koha sets for debarred patrons and expired cards
_LOST = 4
_FINES = (10, 11)  # excessive outstanding fines, fees
# places in the list of messages a system takes (BX of a 98)
_TAKES_STATUS, _TAKES_INFORMATION = 0, 7


class MessageError(ValueError):
    """Bytes that are no SIP2 message: damaged on the way, or not SIP2 at all. Its text holds nothing of the message."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message taken apart. Of a field that comes again (AF, AG) the first counts; `sequence` is None without AY."""

    code: str
    fixed: str
    fields: dict[str, str] = field(repr=False)  # card numbers, PINs and names: never in a log
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Patron:
    """What a library system says of a card. `pin_right` is None when it did not say (no CQ)."""

    card: str = field(repr=False)  # as the system knows it: Koha takes a login name too, and answers the number
    valid: bool
    pin_right: bool | None
    blocked: bool
    lost: bool
    fines: bool
    category: str  # of the field that is asked for, PC in Koha; empty when not told


@dataclass(frozen=True, slots=True)
class Status:
    """What a library system says of itself."""

    online: bool
    institution: str
    takes_information: bool
    takes_status: bool


def checksum(body: bytes) -> bytes:
    """Four hex digits: what added to the sum of all bytes (`AZ` with them) gives 0 modulo 65,536."""
    return b"%04X" % (-sum(body) & 0xFFFF)


def seal(body: str, sequence: int | None, *, encoding: str = "utf-8", end: bytes = b"\r") -> bytes:
    """A message ready to send. `sequence` 0 to 9 adds AY and AZ; None means error detection is off.

    UnicodeEncodeError when the encoding has no such letter.
    """
    raw = body.encode(encoding, errors="strict")
    if b"\r" in raw or b"\n" in raw:
        raise MessageError("a line break inside a message")
    if sequence is not None:
        # 96 and 97 carry a checksum, never a number: they are about another message
        raw += b"AZ" if body in (RESEND_TO_ACS, RESEND_TO_SC) else b"AY%dAZ" % sequence
        raw += checksum(raw)
    return raw + end


def read(line: bytes, *, checked: bool, encoding: str = "utf-8") -> Message:
    """One line, with or without its CR or CR LF. `checked`: error detection is on, and a checksum must be there.

    Raises MessageError: a wrong or missing checksum, an unknown code, a fixed part that is too short, a field without
    its name. A checksum that is there must be right even with error detection off.
    """
    raw = line.strip(b"\r\n\0 ")  # some systems send CR LF, and the LF then leads the next line
    if len(raw) > MESSAGE_BYTES:
        raise MessageError(f"{len(raw)} bytes, more than {MESSAGE_BYTES}")
    sequence = None
    if tail := _TAIL.search(raw):
        if checksum(raw[: tail.start(2)]) != tail[2].upper():
            raise MessageError("wrong checksum")
        sequence = int(tail[1]) if tail[1] else None
        raw = raw[: tail.start()]
    elif checked:
        raise MessageError("no checksum")
    text = raw.decode(encoding, errors="replace")
    code = text[:2]
    if code not in FIXED:
        raise MessageError("not an answer this gateway knows")
    end = 2 + FIXED[code]
    if len(text) < end:
        raise MessageError(f"{code}: the fixed part is too short")
    return Message(code, text[2:end], _fields(text[end:]), sequence)


def login(name: str, password: str, location: str) -> str:
    """93, with both algorithms 0: plain, as every system takes it. TLS or the wire keeps it secret."""
    return f"9300{_field('CN', name)}{_field('CO', password)}" + (_field("CP", location) if location else "")


def status() -> str:
    """99: are you there? Status 0 (in order), width 80, protocol 2.00."""
    return "9900802.00"


@dataclass(frozen=True, slots=True)
class Asker:
    """What each question about a patron says of us."""

    institution: str
    terminal_password: str = field(default="", repr=False)

    def _whose(self, card: str, pin: str) -> str:
        fields = (("AO", self.institution), ("AA", card), ("AC", self.terminal_password), ("AD", pin))
        return "".join(_field(name, value) for name, value in fields)

    def patron_information(self, card: str, pin: str, at: datetime, language: str = "000") -> str:
        """63 without lists of items (ten blanks): what a patron has borrowed is not asked for. `at`: local time."""
        return f"63{language}{_stamp(at)}{' ' * 10}{self._whose(card, pin)}"

    def patron_status(self, card: str, pin: str, at: datetime, language: str = "000") -> str:
        """23: for systems that know no 63."""
        return f"23{language}{_stamp(at)}{self._whose(card, pin)}"


def _stamp(at: datetime) -> str:
    return at.strftime("%Y%m%d    %H%M%S")  # four blanks: local time


def login_taken(message: Message) -> bool:
    """Whether a 94 says that the gateway's own login was right."""
    return message.code == "94" and message.fixed == "1"


def status_of(message: Message) -> Status:
    """A 98 as a Status. A system that does not list the messages it takes is asked by 63, as most take it."""
    if message.code != "98":
        raise MessageError(f"{message.code} is no answer about the system")
    takes = message.fields.get("BX", "")
    listed = len(takes) > _TAKES_INFORMATION
    return Status(
        online=message.fixed[0] == "Y",
        institution=message.fields.get("AO", "").strip(),
        takes_information=not listed or takes[_TAKES_INFORMATION] == "Y",
        takes_status=listed and takes[_TAKES_STATUS] == "Y",
    )


def patron_of(message: Message, *, card: str, category: str = "PC") -> Patron:
    """A 24 or 64 as a Patron.

    That it answers the question about `card` the link knows, by order and sequence number: AA may be another.
    Without BL a card counts as not valid: letting in on silence would let in everybody where a system leaves it out.
    """
    if message.code not in ("24", "64"):
        raise MessageError(f"{message.code} is no answer about a patron")
    flags = message.fixed[:14]
    pin = message.fields.get("CQ", "")[:1]
    return Patron(
        card=message.fields.get("AA", "").strip() or card,
        valid=message.fields.get("BL", "")[:1] == "Y",
        pin_right=None if not pin else pin == "Y",
        blocked=flags[_DENIED] == "Y",
        lost=flags[_LOST] == "Y",
        fines=any(flags[place] == "Y" for place in _FINES),
        category=message.fields.get(category, "").strip(),
    )


def _field(name: str, value: str) -> str:
    """`|` ends a field and nothing escapes it: a value that holds one would add fields of the sender's choice."""
    if any(character == "|" or character < " " for character in value):
        raise MessageError(f"{name} holds a character SIP2 can't carry")
    return f"{name}{value}|"


def _fields(text: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for part in text.split("|"):
        if not part.strip():
            continue
        if len(part) < 2:
            raise MessageError("a field without its name")
        fields.setdefault(part[:2], part[2:])
    return fields
