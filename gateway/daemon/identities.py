"""Accounts and cards, joined: who checks a name or a card number."""

import contextlib

from gateway.access.login import Method
from gateway.clock import Clock
from gateway.config.model import Config
from gateway.flows.local_accounts import LocalAccounts
from gateway.local_accounts.hashing import OneThread
from gateway.ports import Verifier
from gateway.store.db import Database
from gateway.store.local_accounts import SqliteAccounts


def identity_verifiers(
    opened: contextlib.AsyncExitStack, config: Config, database: Database, clock: Clock
) -> dict[Method, Verifier]:
    """Those of the methods account and card that are offered."""
    known: dict[Method, Verifier] = {}
    if Method.ACCOUNT in config.login.offered:
        passwords = OneThread()
        opened.callback(passwords.close)
        known[Method.ACCOUNT] = LocalAccounts(SqliteAccounts(database), passwords, clock)
    if Method.CARD in config.login.offered:
        from gateway.daemon.library_cards import library_cards  # start-up: only where it is offered

        known[Method.CARD] = library_cards(opened, config, clock)
    return known
