"""Accounts the library keeps itself: names, and passwords as salted, slow hashes."""
