"""Names in their one normal form: lower case, no trailing dot, A-labels.

In: text of lists, rules and commands; wire form of questions. Out: normal text, the key of every look-up.
A question may hold any byte in its labels (RFC 2181 section 11); such bytes stand as \\DDD in text (RFC 4343
section 2.1), so that a label with a dot inside never passes for two labels.
"""

import re

from filters.errors import FilterError

MAX_NAME = 253
MAX_LABEL = 63

_PLAIN = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_PLAIN_LABEL = re.compile(rb"[a-z0-9_-]+")

# Where people register a name below the second level; only for de-duplicating counts, so a short list will do.
_SECOND_LEVELS = {
    "vn": "ac biz com edu gov health info int name net org pro",
    "uk": "ac co gov ltd me net nhs org plc sch",
    "au": "asn com edu gov id net org",
    "nz": "ac co geek gen govt iwi net org school",
    "jp": "ac ad co ed go gr lg ne or",
    "kr": "ac co go ne or pe re",
    "th": "ac co go in mi net or",
    "id": "ac biz co go mil my net or sch web",
    "my": "com edu gov mil name net org",
    "sg": "com edu gov net org per",
    "ph": "com edu gov mil net ngo org",
    "kh": "com edu gov mil net org per",
    "cn": "ac com edu gov mil net org",
    "tw": "com edu gov idv net org",
    "hk": "com edu gov idv net org",
    "in": "ac co edu firm gen gov ind net nic org res",
    "br": "com edu gov net org",
    "za": "ac co gov net org web",
    "tr": "com edu gov net org",
}


class BadNameError(FilterError):
    """Text that is no domain name; `reason` is one of a few short words that counts are kept by."""

    exit_code = 2  # typed in by somebody: wrong use

    def __init__(self, reason: str, text: str) -> None:
        shown = text if len(text) <= 60 else text[:57] + "..."
        super().__init__(f'"{shown}" is no domain name ({reason})', hint="give a name such as example.com.vn")
        self.reason = reason


def normal_form(text: str) -> str:
    """The normal form of a name; BadNameError tells why there is none.

    Underscores and hyphens anywhere are accepted: they are asked for in practice.
    """
    name = text.strip().lower()
    name = name[:-1] if name.endswith(".") else name
    if not name:
        raise BadNameError("empty", text)
    if len(name) > 4 * MAX_NAME:  # no Unicode text this long can be a name, and IDNA work grows with the square
        raise BadNameError("name-too-long", text)
    if not name.isascii():
        name = _a_labels(name, text)
    if _PLAIN.fullmatch(name) is None:
        raise BadNameError("empty-label" if ".." in name or name[:1] in ("", ".") else "bad-character", text)
    if len(name) > MAX_NAME:
        raise BadNameError("name-too-long", text)
    if len(name) > MAX_LABEL and any(len(label) > MAX_LABEL for label in name.split(".")):
        raise BadNameError("label-too-long", text)
    return name


def suffixes(name: str) -> list[str]:
    """The name and all its parents, longest first; the root is not among them."""
    found = [name]
    at = name.find(".")
    while at >= 0:
        found.append(name[at + 1 :])
        at = name.find(".", at + 1)
    return found


def is_under(name: str, parent: str) -> bool:
    """Is the name the parent itself or below it?"""
    return name == parent or name.endswith("." + parent)


def registered_domain(name: str) -> str:
    """What was registered, by a light rule: two labels, three below a well-known second level such as com.vn."""
    labels = name.rsplit(".", 3)[-3:]
    keep = 3 if len(labels) == 3 and labels[1] in _SECOND_LEVELS.get(labels[2], "").split() else 2
    return ".".join(labels[-keep:])


def to_wire(name: str) -> bytes:
    """Uncompressed wire form of a normal name; the empty text is the root."""
    if not name:
        return b"\0"
    return b"".join(bytes([len(label)]) + label.encode("ascii") for label in name.split(".")) + b"\0"


def text_of_labels(labels: list[bytes]) -> str:
    """Normal text of a question's labels; bytes outside names' alphabet become \\DDD."""
    return ".".join(
        label.decode("ascii") if _PLAIN_LABEL.fullmatch(label) else _escaped(label)
        for label in (label.lower() for label in labels)
    )


def _escaped(label: bytes) -> str:
    return "".join(chr(c) if _PLAIN_LABEL.fullmatch(bytes([c])) else f"\\{c:03d}" for c in label)


def _a_labels(name: str, text: str) -> str:
    import idna  # a megabyte of tables, and nearly every name is ASCII

    try:  # UTS 46 section 4 as browsers do it: non-transitional, without IDNA 2008's own ban of symbols (i❤.ws)
        labels = idna.uts46_remap(name, std3_rules=False, transitional=False).split(".")
    except idna.IDNAError:
        raise BadNameError("bad-idna", text) from None
    encoded = [each if each.isascii() else "xn--" + each.encode("punycode").decode("ascii") for each in labels]
    return ".".join(encoded).rstrip(".")
