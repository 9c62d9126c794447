"""Lock-out: after some wrong passwords an account, and an address, wait. Values only."""

from collections import deque
from dataclasses import dataclass, field

WITHIN_S = 900
MOST_OF_ACCOUNT, MOST_OF_ADDRESS, MOST_OF_ALL = 8, 20, 200


@dataclass(slots=True)
class Lockout:
    """Wrong tries of the last quarter of an hour, in memory: a restart forgives.

    A try is counted before its answer is known and given back when it was right, so that no number at once is heard.
    Who is signed in already is not touched by a locked account.
    """

    _tries: deque[tuple[float, str, str]] = field(default_factory=deque)

    def begin(self, account: str, address: str, at_s: float) -> bool:
        """Count a try; False: it is not heard, wait."""
        while self._tries and self._tries[0][0] <= at_s - WITHIN_S:
            self._tries.popleft()
        if (
            sum(one[1] == account for one in self._tries) >= MOST_OF_ACCOUNT
            or sum(one[2] == address for one in self._tries) >= MOST_OF_ADDRESS
            or len(self._tries) >= MOST_OF_ALL
        ):
            return False
        self._tries.append((at_s, account, address))
        return True

    def give_back(self, account: str, address: str) -> None:
        """It was right: what this account and address got wrong before is forgiven too."""
        self._tries = deque(one for one in self._tries if one[1:] != (account, address))
