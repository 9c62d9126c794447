"""Words that a form adds to a paper's own, in its language, and what may stand in XML."""

import re
from collections.abc import Mapping

from gateway.papers.paper import Language, Series

WORDS: Mapping[Language, Mapping[str, str]] = {
    "vi": {
        "draft_note": "Bản dự thảo: chưa có số và ngày ban hành.",
        "info": "Thông tin",
        "charts": "Biểu đồ",
        "chart_data": "Số liệu biểu đồ",
        "contents": "Danh mục bảng",
        "text": "Nội dung",
        "code": "Mã",
        "title": "Tên",
        "note": "Ghi chú",
        "unit": "Đơn vị",
        "highest": "cao nhất",
        "lowest": "thấp nhất",
        "nothing": "Không có số liệu",
        "to_fill": "(để trống, đơn vị bổ sung)",
    },
    "en": {
        "draft_note": "A draft: number and date of issue are still to come.",
        "info": "Information",
        "charts": "Charts",
        "chart_data": "Chart figures",
        "contents": "Tables",
        "text": "Text",
        "code": "Code",
        "title": "Title",
        "note": "Note",
        "unit": "Unit",
        "highest": "highest",
        "lowest": "lowest",
        "nothing": "No figures",
        "to_fill": "(left open, to be filled in)",
    },
}

# what XML 1.0 has no place for (2.2): one of them, and no program opens the file
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """A text as XML may hold it: control characters and lone surrogates become U+FFFD."""
    return _NO_XML.sub("\ufffd", text)


def band_name(band: tuple[Series, Series]) -> str:
    """What a goal band is called: its two bounds."""
    return f"{band[0].name} – {band[1].name}"
