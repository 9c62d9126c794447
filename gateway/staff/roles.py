"""Roles and rights: the one table that says who may do what at the desk and over the API."""

from enum import StrEnum


class Right(StrEnum):
    """What a view, an act or a page asks for. `see` reads; the others change."""

    SEE = "see"
    """Today, who is on, the calendar, PCs, the line, the filter: what runs the house. No bills, no users."""
    SERVE = "serve"
    """What patrons ask for: end or extend a session, hand a code, let a device in, a site for a day."""
    VOUCHERS = "vouchers"
    """Make, print, look at and revoke vouchers: alone in the role that may do nothing else."""
    OPEN = "open"
    """Open and close the library now; faults and repairs of PCs; the ISP was told."""
    FILTER = "filter"
    """Block and allow lists, sources, categories and their hours."""
    PLAN = "plan"
    """Opening hours, holidays, closures; the inventory of PCs."""
    BOARD = "board"
    """Notices, events, the shelf."""
    SEE_FIGURES = "see-figures"
    """Reports, contracts, invoices, reconciliation."""
    FIGURES = "figures"
    """Sign reports; enter contracts, invoices, outages by hand."""
    SEE_SETTINGS = "see-settings"
    """Settings, users, tokens, what the box says of itself."""
    SETTINGS = "settings"
    """Change them; take and restore backups; update."""
    USERS = "users"
    """Make, change and disable users and tokens."""
    AUDIT = "audit"
    """The trail of every act."""
    OWN = "own"
    """One's own account: every user has it."""
    METRICS = "metrics"
    """Counts for a monitoring system: nothing of a device or person."""


class Role(StrEnum):
    """What a user is at the desk."""

    VOUCHERS = "vouchers"
    DESK = "desk"
    LIBRARIAN = "librarian"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    METRICS = "metrics"
    """For tokens of monitoring systems alone."""


_DESK = frozenset({Right.OWN, Right.SEE, Right.SERVE, Right.VOUCHERS, Right.OPEN})
_LIBRARIAN = _DESK | {Right.FILTER, Right.PLAN, Right.BOARD, Right.SEE_FIGURES, Right.FIGURES}

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.VOUCHERS: frozenset({Right.OWN, Right.VOUCHERS}),
    Role.DESK: _DESK,
    Role.LIBRARIAN: _LIBRARIAN,
    Role.ADMINISTRATOR: frozenset(Right),
    Role.AUDITOR: frozenset({Right.OWN, Right.SEE, Right.SEE_FIGURES, Right.SEE_SETTINGS, Right.AUDIT, Right.METRICS}),
    Role.METRICS: frozenset({Right.METRICS}),
}


def may(role: Role, right: Right) -> bool:
    """Whether the role has the right."""
    return right in RIGHTS[role]
