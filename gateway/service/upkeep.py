"""Whether a PC was looked after: once a month each, as the library's list has it.

In:  the PC's days in service, the months that it was looked at in, today.
Out: UpkeepState. A month is due while it runs; one that went by without a look is overdue until the next look.
"""

from collections.abc import Collection
from datetime import date, timedelta
from enum import StrEnum

from gateway.service.workstation import Pc


class UpkeepState(StrEnum):
    """What is to be done."""

    DONE = "done"
    """This month."""
    DUE = "due"
    """This month still; the last one was done, or the PC is new."""
    OVERDUE = "overdue"
    """Last month went by without."""
    NONE = "none"
    """Not in service."""


def upkeep_state(pc: Pc, looked_at: Collection[date], today: date) -> UpkeepState:
    """Of a PC; `looked_at` are first days of months."""
    if not pc.is_in_service(today):
        return UpkeepState.NONE
    month = today.replace(day=1)
    if month in looked_at:
        return UpkeepState.DONE
    before = (month - timedelta(days=1)).replace(day=1)
    return UpkeepState.OVERDUE if pc.bought_on <= before and before not in looked_at else UpkeepState.DUE
