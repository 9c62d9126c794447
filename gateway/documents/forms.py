"""The forms a paper can be written in, by the suffix of the file."""

import importlib
from collections.abc import Callable, Mapping
from typing import cast

from gateway.errors import GatewayError, UsageError
from gateway.papers.paper import Paper

Writer = Callable[[Paper], bytes]

FORMS: Mapping[str, tuple[str, str]] = {
    # suffix: module and function; loaded only when asked for, for the engines are big
    ".csv": ("gateway.documents.csv", "write"),
    ".docx": ("gateway.documents.docx", "write_docx"),
    ".html": ("gateway.documents.html", "write"),
    ".pdf": ("gateway.documents.pdf", "write_pdf"),
    ".xlsx": ("gateway.documents.xlsx", "write"),
    ".zip": ("gateway.documents.csv", "write_zip"),
}


def writer_for(suffix: str) -> Writer:
    """The writer of a suffix; UsageError for one nobody writes, GatewayError when its engine is not installed."""
    if suffix.lower() not in FORMS:
        raise UsageError(f'"{suffix}" is no form of papers', hint=f"the name ends in {', '.join(FORMS)}")
    module, name = FORMS[suffix.lower()]
    try:
        return cast(Writer, getattr(importlib.import_module(module), name))
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] in ("gateway", "filters"):
            raise
        raise GatewayError(
            f"{suffix} can't be written: the engine for it ({error.name}) is not installed",
            hint='pip install "cong[reports]" installs the engines of documents',
        ) from error
