"""What entries of bills need of the reader of electronic invoices."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Ours:
    """A contract an invoice may be for."""

    contract: str
    customer: str
    seller: str


class InvoiceReader(Protocol):
    """Reads the XML of an electronic invoice."""

    def __call__(self, raw: bytes, where: str, contracts: Sequence[Ours], contract: str) -> dict[str, object]:
        """The fields of an invoice fact, without `sha256`: for `contract`, or for the one it names, if that is "".

        GatewayError with a key when it can't be read; `where` is what the file is called there.
        """
