"""[site]: which library this is; [state]: where its truth is kept."""

from datetime import date, timezone
from typing import Literal

from pydantic import Field

from gateway.config.fields import HolidayText, Path, Section, Token, UtcOffset, holiday_dates
from gateway.units import parse_utc_offset


class Site(Section):
    """Which library this is."""

    name: str = Field("Thư viện", min_length=1, max_length=80, description="The library's name, as patrons read it")
    code: Token = Field("library", description="Short name of the site in files and at the hub")
    utc_offset: UtcOffset = Field("+07:00", description="Offset of the site's days and hours from UTC")
    language: Literal["vi", "en"] = Field("vi", description="Language of reports, and of the portal's first page")
    run_by: str = Field(
        "",
        max_length=160,
        description="Who runs this Wi-Fi and where, as the terms name it; empty: the library's name",
    )
    phone: str = Field("", max_length=40, description="Telephone for questions, shown with the terms")
    mail: str = Field("", max_length=80, description="Mail address for questions, shown with the terms")
    holidays: tuple[HolidayText, ...] = Field(
        (), description='Days off, one by one or as ranges: "2026-09-02", "2027-02-05..2027-02-11"'
    )

    lock_day: int = Field(
        5,
        ge=1,
        le=28,
        description="A month's figures are locked at 24:00 of this day of the next; later corrections are adjustments",
    )

    @property
    def zone(self) -> timezone:
        """The site's zone, a fixed offset."""
        return parse_utc_offset(self.utc_offset)

    @property
    def holiday_dates(self) -> frozenset[date]:
        """Every day off."""
        return frozenset(day for text in self.holidays for day in holiday_dates(text))


class StatePaths(Section):
    """Where files are kept."""

    directory: Path = Field(Path("/var/lib/cong"), description="Database, block set and local rules (kept)")
    run_directory: Path = Field(Path("/run/cong"), description="Sockets and generated files (made anew at each start)")

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.directory / "cong.sqlite"

    @property
    def pc_photos(self) -> Path:
        """Photos of broken PCs; the database says whose they are."""
        return self.directory / "pc-photos"

    @property
    def desk_settings(self) -> Path:
        """What the desk has set: its keys stand over the administrator's file."""
        return self.directory / "desk.toml"

    @property
    def voucher_key(self) -> Path:
        """What vouchers' codes are made with; not in the database."""
        return self.directory / "voucher.key"

    @property
    def control_socket(self) -> Path:
        """Where the operator's commands reach the running daemon."""
        return self.run_directory / "control.sock"

    @property
    def self_check(self) -> Path:
        """The last result of `cong doctor --portal`."""
        return self.directory / "self-check.json"

    @property
    def counts_socket(self) -> Path:
        """Where the DNS workers send their counts."""
        return self.run_directory / "counts.sock"

    @property
    def blockset_directory(self) -> Path:
        """Generations of the compiled block set."""
        return self.directory / "blockset"

    @property
    def local_rules(self) -> Path:
        """The overlay of local block and allow rules the DNS workers read."""
        return self.directory / "local-rules.json"
