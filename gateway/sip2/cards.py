"""Library cards at the door: card number and PIN -> what the library system says of them -> verdict."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from unicodedata import normalize

from gateway.access.login import WRONG, Claim, Refused, Verified
from gateway.log import event
from gateway.sip2.connection import Sip2Error
from gateway.sip2.library import Library
from gateway.sip2.messages import Patron

_LONGEST = 64


@dataclass(frozen=True, slots=True)
class LibraryCards:
    """The Verifier of those who have a library card."""

    library: Library
    profiles: Mapping[str, str]
    """The profile of a patron category, in small letters."""
    refuses: Set[str]
    """What keeps a card out besides a wrong PIN: blocked, lost, fines."""

    async def verify(self, claim: Claim) -> Verified | Refused:
        """See Verifier. An unknown card and a wrong PIN are answered alike; no answer is no wrong try."""
        card, pin = _typed_card(claim.typed.get("card", "")), normalize("NFC", claim.typed.get("pin", "")).strip()
        # an empty PIN is asked of nobody: Koha takes it for right where a patron has none
        if not 0 < len(card) <= _LONGEST or not 0 < len(pin) <= _LONGEST or not self.library.can_ask(card, pin):
            return Refused(WRONG)
        try:
            patron = await self.library.patron(card, pin)
        except Sip2Error:
            return Refused("card_server")
        if patron.valid and patron.pin_right is None:
            event("sip2.pin_not_checked", "warning", server=self.library.server.host, port=self.library.server.port)
            return Refused("card_server")
        return self._verdict(patron)

    def _verdict(self, patron: Patron) -> Verified | Refused:
        if not patron.pin_right:
            return Refused(WRONG)
        if patron.lost and "lost" in self.refuses:
            return Refused("card_lost")
        # Koha denies for fines by the first flag too: who owes is told so, not sent to ask why
        if patron.fines and ("fines" in self.refuses or (patron.blocked and "blocked" in self.refuses)):
            return Refused("card_fines")
        if not patron.valid or (patron.blocked and "blocked" in self.refuses):
            return Refused("card_blocked")
        return Verified(f"card {patron.card.casefold()}", self.profiles.get(patron.category.casefold()))


def _typed_card(text: str) -> str:
    """NFC; digits without the blanks they are printed with."""
    card = " ".join(normalize("NFC", text).split())
    digits = card.replace(" ", "").replace("-", "")
    return digits if digits.isdecimal() and digits.isascii() else card
