"""The last self-check, as a file: {"at": ISO 8601, "good": bool, "findings": [...]}."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from gateway.phone.findings import Finding, Outcome, finding_of


@dataclass(frozen=True, slots=True)
class Kept:
    """The last self-check."""

    at: datetime
    findings: tuple[Finding, ...]

    @property
    def is_good(self) -> bool:
        """Without a fault?"""
        return not self.faults

    @property
    def faults(self) -> tuple[Finding, ...]:
        """Steps that were not in order."""
        return tuple(each for each in self.findings if each.outcome is Outcome.FAULT)


def kept_in(path: Path) -> Kept | None:
    """The last result; None when there is none that can be read."""
    try:
        tree: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return Kept(datetime.fromisoformat(tree["at"]), tuple(map(finding_of, tree["findings"])))
    except (OSError, ValueError, KeyError, TypeError):
        return None
