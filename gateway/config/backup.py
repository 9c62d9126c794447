"""[backup]: copies of all that must not be lost."""

from pydantic import Field

from gateway.config.fields import Path, Section


class Backup(Section):
    """The nightly backup (cong backup without a file name)."""

    directory: Path | None = Field(
        None,
        description='Folder it goes to, best on a USB stick; "" is "backups" in state.directory, which does not '
        "survive its disk",
    )
    other_disk: bool = Field(
        False, description="Refuse to write when `directory` is on the state directory's disk: the stick is not there"
    )
    keep_days: int = Field(7, ge=1, le=60, description="Keep the newest of each of so many days")
    keep_weeks: int = Field(4, ge=0, le=52, description="and of each of so many weeks")
    keep_months: int = Field(12, ge=0, le=120, description="and of each of so many months")
    with_shelf: bool = Field(False, description="With the shelf's films and documents too, not their sheet alone")
