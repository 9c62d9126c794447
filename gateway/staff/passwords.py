"""What a password of staff must be: long and not a usual one; no rule of kinds (NIST SP 800-63B 5.1.1)."""

import unicodedata

FEWEST, MOST = 10, 200
_USUAL = frozenset(
    {
        "1234567890", "0123456789", "12345678910", "9876543210", "qwertyuiop", "password12", "password123",
        "password1234", "administrator", "adminadmin", "admin12345", "thuvien123", "thuvien1234",
        "thuvien2026", "matkhau123", "matkhau1234", "matkhau123456", "iloveyou123", "aaaaaaaaaa",
        "1111111111", "0000000000", "1q2w3e4r5t", "abcdefghij", "abc1234567", "vietnam123", "vietnam1234",
        "thuviensathay",
    }
)  # fmt: skip


def typed(text: str) -> str:
    """A password as it is hashed: NFC, for keyboards write one Vietnamese letter as one sign or as two."""
    return unicodedata.normalize("NFC", text)


def problem(password: str, name: str) -> str | None:
    """The key of the text that says what is wrong with it; None: good."""
    plain = typed(password)
    if len(plain) < FEWEST:
        return "password_short"
    if len(plain) > MOST:
        return "password_long"
    low = plain.casefold()
    if low in _USUAL or len(set(low)) < 4:
        return "password_usual"
    return "password_name" if name and name.casefold() in low and len(low) < len(name) + 6 else None
