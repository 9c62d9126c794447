"""What an operator sees while lists are fetched and compiled: bars on a terminal, else nothing.

Out: two callables for filters.fetch and filters.compile, None where nobody looks.
"""

import contextlib
import sys
from collections.abc import Callable, Iterator

Had = Callable[[str, int, int], None]
"""List, bytes had, bytes in all (0: nobody knows)."""
Begun = Callable[[str], None]
"""List."""


@contextlib.contextmanager
def shown(lists: int, *, quiet: bool) -> Iterator[tuple[Had | None, Begun | None]]:
    """Bars by bytes while fetching, by lists while compiling; both go when done."""
    if quiet or not sys.stderr.isatty():
        yield None, None
        return
    # only here: loading it takes longer than to compile what has not changed
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TransferSpeedColumn

    console, name = Console(stderr=True), TextColumn("{task.description}")
    fetching = Progress(name, BarColumn(), DownloadColumn(), TransferSpeedColumn(), console=console, transient=True)
    compiling = Progress(name, BarColumn(), MofNCompleteColumn(), console=console, transient=True)
    with fetching, contextlib.ExitStack() as later:
        tasks = {"": compiling.add_task("", total=lists)}

        def had(name: str, bytes_had: int, bytes_whole: int) -> None:
            if name not in tasks:
                tasks[name] = fetching.add_task(name)
            fetching.update(tasks[name], completed=bytes_had, total=bytes_whole or None)

        def begun(name: str) -> None:
            if not compiling.live.is_started:
                fetching.stop()  # one of them may draw at a time
                later.enter_context(compiling)
            compiling.update(tasks[""], description=name, advance=1)

        yield had, begun
