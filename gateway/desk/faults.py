"""What a flow refuses, as the desk says it."""

import contextlib
from collections.abc import Iterator

from gateway.desk.table import RefusedError
from gateway.errors import FaultError


@contextlib.contextmanager
def told(*missing: str) -> Iterator[None]:
    """FaultError -> RefusedError of the same key; `missing`: keys that say that what was named is not there."""
    try:
        yield
    except FaultError as error:
        fault = error.fault
        raise RefusedError(fault.key, missing=fault.key in missing, **fault.values) from error
