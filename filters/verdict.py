"""What a name's verdict is made of: words only."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What is done with the question."""

    FORWARD = "forward"
    ADDRESSES = "addresses"
    REFUSE = "refuse"
    NXDOMAIN = "nxdomain"
    NODATA = "nodata"
    REWRITE = "rewrite"
    """An alias of Verdict.target: that is resolved, and both go into one answer."""
    RECORDS = "records"
    """Verdict.records, made by a list line."""
    NOT_SERVED = "not served"
    """REFUSED."""
    TRUNCATE = "truncate"
    """TC by UDP; by TCP the question goes on."""


class Step(StrEnum):
    """Which step decided."""

    CANARY = "canary"
    LOCAL_RECORD = "local record"
    SPECIAL_NAME = "special name"
    LOCAL_RULE = "local rule"
    CHECK = "device's own check"
    IMPORTANT = "important block"
    ALLOWLIST = "allowlist"
    SCHEDULE = "schedule"
    CATEGORY = "category"
    PATTERN = "pattern"
    SAFE_SEARCH = "safe search"
    ALIAS = "alias"
    UPSTREAM = "refused upstream"
    REBINDING = "rebinding guard"
    NOTHING = "nothing applies"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome with its why."""

    outcome: Outcome
    step: Step
    why: str
    category: str = ""
    list_name: str = ""
    line: int = 0
    rule: str = ""
    """The name as the rule or list has it."""
    text: str = ""
    """The list's line as it is written, where that says more than the name."""
    schedule: str = ""
    """The schedule that alone refuses it now, or opens it."""
    addresses: tuple[str, ...] = ()
    freed: frozenset[str] = frozenset()
    """Categories an allowlist freed the name from; they do not count for its aliases either."""
    target: str = ""
    """What the name is made an alias of."""
    records: tuple[tuple[int, bytes], ...] = ()
    """Type and data of an answer of the list's own, in wire form."""
    by_asker: bool = False
    """It depends on who asks: never kept for others."""

    @property
    def word(self) -> str:
        """In one word, as commands tell it: allow, block, safe (led to a safe search) or none."""
        if self.step in (Step.LOCAL_RECORD, Step.ALLOWLIST, Step.CHECK) or self.allowed_here:
            return "allow"
        if self.step is Step.SCHEDULE and self.outcome is Outcome.FORWARD:
            return "allow"
        return {Step.NOTHING: "none", Step.SAFE_SEARCH: "safe"}.get(self.step, "block")

    @property
    def allowed_here(self) -> bool:
        """Was it opened by a rule of the site itself?"""
        return self.step is Step.LOCAL_RULE and self.outcome is Outcome.FORWARD


NOTHING = Verdict(Outcome.FORWARD, Step.NOTHING, "no rule and no list of this profile covers the name")
