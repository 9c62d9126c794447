"""What flows refuse, as the desk says it."""

import contextlib
from collections.abc import Iterator
from datetime import datetime, timezone

from gateway.desk.table import RefusedError
from gateway.errors import GatewayError
from gateway.flows.hand_entries import FieldError, NoFactError


@contextlib.contextmanager
def refusing(area: str, missing: str) -> Iterator[None]:
    """Errors of flows with a key become the text "refused.<area>.<key>"; `missing`: the key when a fact is not there.

    Others stay what they are: the frame says them in the operator's words.
    """
    try:
        yield
    except NoFactError as error:
        raise RefusedError(f"{area}.{missing}", missing=True) from error
    except FieldError as error:
        raise RefusedError(f"{area}.field", field=error.field) from error
    except GatewayError as error:
        if not error.key:
            raise
        refusal = RefusedError(f"{area}.{error.key}")
        refusal.values = dict(error.values)
        raise refusal from error


def of_site(moment: datetime, zone: timezone) -> str:
    """A typed moment as facts have it: without an offset it is the site's time."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).isoformat()
