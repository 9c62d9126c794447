"""[shelf]: what the library offers without the line."""

from pydantic import Field

from gateway.config.fields import Path, Section


class ShelfSection(Section):
    """The local shelf."""

    path: Path | None = Field(
        None,
        description='Folder of documents, films and the sheet that names them (cong shelf); "" is "shelf" in '
        "state.directory",
    )
    downloads_per_device: int = Field(6, ge=1, le=64, description="Files one device may be taking at a time")
