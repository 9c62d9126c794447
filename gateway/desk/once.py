"""Secrets that are shown once: kept in memory for the page that comes next, never in the database or the trail."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.desk.table import Caller

_MOST = 64


@dataclass(frozen=True, slots=True)
class Secret:
    """What is shown."""

    kind: str
    """Which text stands beside it: `desk.once.<kind>`."""
    of: str
    """Whose it is."""
    texts: Sequence[str]


class Once:
    """One for each browser; a restart of the gateway forgets them, and another can be made."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Secret] = OrderedDict()

    def keep(self, caller: Caller, secret: Secret) -> None:
        """For the browser's next page. A program has it in its answer."""
        if caller.browser is not None:
            self._kept[caller.browser.key] = secret
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)

    def take(self, caller: Caller) -> Secret | None:
        """It, and it is gone."""
        return self._kept.pop(caller.browser.key, None) if caller.browser else None
