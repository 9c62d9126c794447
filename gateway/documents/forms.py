"""The forms a paper can be written in, by the suffix of the file that is asked for.

Engines of the optional extra `reports` are imported when they are used: without it the others still work.
"""

from collections.abc import Callable, Mapping
from importlib import import_module

from gateway.errors import GatewayError
from gateway.papers.paper import Paper

Writer = Callable[[Paper], bytes]


def _later(module: str, name: str = "write") -> Writer:
    def write(paper: Paper) -> bytes:
        try:
            found = import_module(f"gateway.documents.{module}")
        except ModuleNotFoundError as error:
            raise GatewayError(
                f"this form of a document needs {error.name}", hint="install the extra: pip install 'cong[reports]'"
            ) from error
        made: bytes = getattr(found, name)(paper)
        return made

    return write


FORMS: Mapping[str, Writer] = {
    ".csv": _later("csv"),
    ".html": _later("html"),
    ".xlsx": _later("xlsx"),
    ".zip": _later("csv", "write_zip"),
}
