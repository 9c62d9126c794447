"""The one error family of the gateway: what happened, where, and what to do now."""

from collections.abc import Mapping
from dataclasses import dataclass, field


class GatewayError(Exception):
    """An error an operator can act on.

    `message` says what happened, with the values; `where` names the key, file and line, or client;
    `hint` says what to do now. The command line prints all three, never a traceback.
    `key` names the text that a page tells it by in the reader's language, `values` stand in that; "" where none does.
    """

    exit_code = 1

    def __init__(
        self,
        message: str,
        *,
        where: str = "",
        hint: str = "",
        key: str = "",
        values: Mapping[str, str | int] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint
        self.key = key
        self.values: Mapping[str, str | int] = values or {}

    def __str__(self) -> str:
        head = f"{self.where}: {self.message}" if self.where else self.message
        return f"{head}\n  hint: {self.hint}" if self.hint else head


class ConfigError(GatewayError):
    """The configuration can't be used; every problem is in `problems`, one line each."""

    exit_code = 2

    def __init__(self, problems: tuple[str, ...], *, where: str) -> None:
        count = len(problems)
        super().__init__(
            f"{count} problem{'s' if count != 1 else ''} in the configuration\n  " + "\n  ".join(problems),
            where=where,
            hint="cong example-config prints every key with its unit and default",
        )
        self.problems = problems


class UsageError(GatewayError):
    """A command was used wrongly."""

    exit_code = 2


class KernelError(GatewayError):
    """The kernel refused a ruleset, a set element or an address."""


class StoreError(GatewayError):
    """The database can't be opened, read or written."""


class NoFiguresError(GatewayError):
    """Nothing tells of a day."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with something that was typed or sent.

    `key` names the text "refused.<key>" that the desk says, with `values` in it; str() is what commands print.
    """

    key: str
    message: str
    values: Mapping[str, str | int] = field(default_factory=dict)
    where: str = ""
    """The line of a list, the entry of a sheet."""

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


class FaultError(ValueError):
    """Something that was typed can't be used; nothing was done."""

    def __init__(self, key: str, message: str, **values: str | int) -> None:
        super().__init__(message)
        self.fault = Fault(key, message, values)
