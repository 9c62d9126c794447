"""Charts as PNG, for .docx: drawn by the same template as those of the PDF.

In:  Charts.
Out: pictures by code; none where the engine or its font is not there, for the figures stand in tables too.
"""

import json
from collections.abc import Sequence
from importlib import resources
from typing import cast

from gateway.documents.chart_tree import chart_tree
from gateway.documents.fonts import font_folder, letters
from gateway.documents.layout import plain, without_missing
from gateway.errors import GatewayError
from gateway.papers.paper import Chart, Language

_DOTS_PER_INCH = 200


def pictures(charts: Sequence[Chart], language: Language) -> dict[str, bytes]:
    """A picture of each chart that has a figure."""
    try:
        import typst  # big, and .docx can do without it

        folder = font_folder()
    except (ModuleNotFoundError, GatewayError):
        return {}
    has = letters(folder)
    trees = [chart_tree(one, language, lambda text: without_missing(plain(text), has)) for one in charts]
    drawn = [(one.code, tree) for one, tree in zip(charts, trees, strict=True) if tree["most"] != "0"]
    if not drawn:
        return {}
    told = json.dumps([tree for _, tree in drawn], ensure_ascii=False)
    with resources.as_file(resources.files("gateway.documents")) as templates:
        made = typst.compile(
            templates / "pictures.typ",
            root=templates,
            font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder]),
            ignore_system_fonts=True,
            format="png",
            ppi=_DOTS_PER_INCH,
            sys_inputs={"charts": told},
        )
    pages = cast("bytes | list[bytes]", made)  # several pages come as a list, whatever its types say
    pages = pages if isinstance(pages, list) else [pages]
    return {code: page for (code, _), page in zip(drawn, pages, strict=True)}
