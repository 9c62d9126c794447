"""What an Access-Accept grants, in the domain's words; what a server says to the patron (pure)."""

from collections.abc import Set

from gateway.access.login import Accounted, Verified
from gateway.access.quota import Narrowing
from gateway.radius.values import CHILLISPOT, WISPR, number_of, text_of, vendor_number
from gateway.radius.wire import Packet, Type

SHORTEST_INTERIM_S = 60
"""RFC 2869 section 5.16: less is not allowed."""
RATE_UP, RATE_DOWN = 7, 8
"""WISPr-Bandwidth-Max-Up and -Down."""
BYTES_LOW, BYTES_HIGH = 3, 23
"""ChilliSpot-Max-Total-Octets and -Gigawords."""
_LONGEST_SAID = 200


def granted(accept: Packet, name: str, session_id: str, profiles: Set[str], interim_s: int | None) -> Verified:
    """The claim as the server has it.

    `interim_s` is the site's own interval, which outranks the server's (RFC 2869 section 5.16). A name in the answer
    is the one the server keeps its books by (RFC 2865 section 5.1).
    """
    known_as = text_of(accept, Type.USER_NAME) or name
    asked_s = number_of(accept, Type.ACCT_INTERIM_INTERVAL)
    wanted_s = interim_s or (max(SHORTEST_INTERIM_S, asked_s) if asked_s else None)
    filter_id = text_of(accept, Type.FILTER_ID)
    return Verified(
        # upper case is no other person: whoever plays with it would get the day's quota anew
        person=f"radius {name.strip().casefold()}",
        profile=filter_id if filter_id in profiles else None,
        narrowing=limits_of(accept),
        accounted=Accounted(known_as, session_id, accept.all_of(Type.CLASS), wanted_s),
    )


def limits_of(packet: Packet) -> Narrowing:
    """The limits an answer or an order names."""
    return Narrowing(
        session_s=number_of(packet, Type.SESSION_TIMEOUT),
        session_bytes=_total_bytes(packet),
        idle_s=number_of(packet, Type.IDLE_TIMEOUT) or None,
        up_kbit_s=_kbit_s(vendor_number(packet, WISPR, RATE_UP)),
        down_kbit_s=_kbit_s(vendor_number(packet, WISPR, RATE_DOWN)),
    )


def said(reject: Packet) -> str:
    """Reply-Message in one line: printable characters only, at most 200 of them."""
    whole = b" ".join(reject.all_of(Type.REPLY_MESSAGE)).decode(errors="replace")
    printable = "".join(each if each.isprintable() and each != "�" else " " for each in whole)
    return " ".join(printable.split())[:_LONGEST_SAID]


def _total_bytes(accept: Packet) -> int | None:
    low = vendor_number(accept, CHILLISPOT, BYTES_LOW)
    high = vendor_number(accept, CHILLISPOT, BYTES_HIGH)
    return None if low is None and high is None else ((high or 0) << 32) + (low or 0)


def _kbit_s(bit_s: int | None) -> int | None:
    """WISPr speaks of bits in a second; 0 is no limit."""
    return max(1, bit_s // 1000) if bit_s else None
