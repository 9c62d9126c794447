"""The XML of an e-invoice as a tree of local names with their lines, read by a parser that refuses what is dangerous.

A document type is refused before any of it is read, so no entity exists that could grow or fetch anything (the bomb of
a billion laughs, XXE); expat is asked for nothing outside the bytes given.
"""

from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from gateway.errors import GatewayError

MOST_BYTES: Final = 5 * 1000 * 1000
MOST_DEPTH = 40
MOST_ELEMENTS = 50_000


@dataclass(slots=True)
class Element:
    """One element: its local name, its text, and the line it begins on."""

    name: str
    line: int
    text: str = ""
    below: list["Element"] = field(default_factory=list)

    def find(self, path: str) -> "Element | None":
        """The first element at "A/B/C" below this one, whatever the namespaces."""
        found: Element | None = self
        for name in path.split("/"):
            found = next((one for one in found.below if one.name == name), None) if found else None
        return found

    def all(self, path: str) -> list["Element"]:
        """All elements at "A/B" below this one."""
        *way, last = path.split("/")
        parent = self.find("/".join(way)) if way else self
        return [one for one in parent.below if one.name == last] if parent else []

    def said(self, path: str) -> str:
        """The text there, without outer spaces; "" when there is none."""
        found = self.find(path)
        return found.text.strip() if found else ""


def read_xml(raw: bytes, where: str) -> Element:
    """The tree; GatewayError with the line when the bytes are no such document."""
    if len(raw) > MOST_BYTES:
        raise GatewayError(
            f"{len(raw)} bytes; an invoice has at most 5 MB",
            where=where,
            hint="is it a PDF or a scan?",
            key="xml-large",
        )
    builder = _Builder(where)
    try:
        builder.parser.Parse(raw, True)
    except expat.ExpatError as error:
        message = expat.ErrorString(error.code)
        raise GatewayError(
            f"is no well-formed XML: {message}, column {error.offset + 1}",
            where=f"{where}:{error.lineno}",
            hint="ask the seller for the file again, or type the invoice in with cong invoice add",
            key="xml-broken",
            values={"line": error.lineno},
        ) from error
    except ValueError as error:  # an encoding nobody knows
        raise GatewayError(f"can't be read: {error}", where=where, key="xml-broken", values={"line": 1}) from error
    assert builder.root is not None
    return builder.root


class _Builder:
    def __init__(self, where: str) -> None:
        self.root: Element | None = None
        self._where = where
        self._open: list[Element] = []
        self._count = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.ExternalEntityRefHandler = self._refuse
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _line(self) -> str:
        return f"{self._where}:{self.parser.CurrentLineNumber}"

    def _refuse(self, *said: object) -> int:
        raise GatewayError(
            "has a document type or entities: no invoice needs them, and they can be a trap",
            where=self._line(),
            hint="do not open it; ask the seller whether the file is theirs",
            key="xml-trap",
        )

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS or len(self._open) >= MOST_DEPTH:
            said = "is too deep or has too many elements for an invoice"
            raise GatewayError(said, where=self._line(), key="xml-trap")
        element = Element(name.rpartition(":")[2], self.parser.CurrentLineNumber)
        if self._open:
            self._open[-1].below.append(element)
        elif self.root is None:
            self.root = element
        self._open.append(element)

    def _end(self, name: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        if self._open:
            self._open[-1].text += text
