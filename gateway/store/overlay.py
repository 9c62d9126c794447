"""The file of local rules: written whole by the gateway's commands, read by the DNS workers."""

import json
from collections.abc import Sequence
from pathlib import Path

from gateway.ports_rules import LocalRule
from gateway.store.aside import replace_whole
from gateway.units import epoch_s


class OverlayFile:
    """The Overlay port over one JSON file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def publish(self, rules: Sequence[LocalRule]) -> None:
        """See Overlay."""
        text = json.dumps(
            {
                "generation": self._generation() + 1,
                "rules": [_as_json(rule) for rule in rules],
            },
            ensure_ascii=False,
        )
        hint = "check free space and rights; the rule is stored and stands with the next change"
        replace_whole(self._path, text, what="the file of local rules", hint=hint)

    def _generation(self) -> int:
        try:
            return int(json.loads(self._path.read_text(encoding="utf-8"))["generation"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0


def _as_json(rule: LocalRule) -> dict[str, object]:
    return {
        "name": rule.name,
        "action": rule.action,
        "reason": rule.reason,
        "profiles": None if rule.profile is None else [rule.profile],
        "until": None if rule.until_at is None else epoch_s(rule.until_at),
        "by": rule.author,
    }
