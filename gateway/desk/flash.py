"""What a page says of the act before it: that it was done, or what was wrong and what had been typed."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

_MOST_TYPED = 200_000


@dataclass(frozen=True, slots=True)
class Flash:
    """One of a browser, shown once."""

    act: str = ""
    done: bool = False
    says: str = ""
    """A sentence in the user's language."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """What is wrong with each field."""
    typed: Mapping[str, str | list[str]] = field(default_factory=dict)
    """What had been typed: nothing is lost. Never a secret."""

    def text(self) -> str:
        """As it is stored."""
        whole = json.dumps(asdict(self), ensure_ascii=False)
        return whole if len(whole) <= _MOST_TYPED else json.dumps({**asdict(self), "typed": {}}, ensure_ascii=False)

    @classmethod
    def of(cls, text: str) -> "Flash":
        """Read it; what can't be read says nothing."""
        try:
            return cls(**json.loads(text)) if text else cls()
        except (ValueError, TypeError):
            return cls()
