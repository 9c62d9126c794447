"""A number of 62 bits that stands for a normal name: fast for one name in Python, and for a million at once in numpy.

The name's bytes, read as one big-endian integer, times a constant, modulo the product of two primes. A worker needs one
division of a big integer; the builder takes the remainders by both primes four bytes at a time and joins them
(filters.scan). Two names share a fingerprint with a chance of about names / 2^62 a look-up: never, for a library.
"""

P1, P2 = 2_147_483_629, 2_147_483_587
"""Primes below 2^31. Not 2^31 - 1: by that one a byte weighs the same 31 places on."""
MODULUS = P1 * P2
MULTIPLIER = 0x1E3779B97F4A7C15
"""Spreads names over the whole range: without it the last eight letters stand in the high bits nearly as they are, and
a million names crowd into a few thousand homes (a look-up of 460 us).
"""
HOME_BITS = 31


def fingerprint(name: str) -> int:
    """1 .. MODULUS for a normal name; 0 marks an empty slot."""
    return int.from_bytes(name.encode("ascii"), "big") * MULTIPLIER % MODULUS + 1
