"""[shelf]: what the library offers without the line."""

from pydantic import Field, model_validator

from gateway.config.fields import Path, Section


class ShelfSection(Section):
    """The local shelf."""

    path: Path | None = Field(
        None,
        description='Folder of documents, films and the sheet that names them (cong shelf); "" is "shelf" in '
        "state.directory",
    )
    downloads_per_device: int = Field(6, ge=1, le=64, description="Files one device may be taking at a time")

    @model_validator(mode="before")
    @classmethod
    def _empty_path_is_none(cls, values: object) -> object:
        if not isinstance(values, dict):
            return values
        return {key: None if key == "path" and value == "" else value for key, value in values.items()}
