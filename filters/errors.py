"""The one error family of the filter: what happened, where, and what to do now."""


class FilterError(Exception):
    """An error an operator can act on; the command line prints message, place and hint, never a traceback."""

    exit_code = 1

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        head = f"{self.where}: {self.message}" if self.where else self.message
        return f"{head}\n  hint: {self.hint}" if self.hint else head
