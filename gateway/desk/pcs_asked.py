"""What the PCs' views and acts are asked with."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from gateway.desk.inputs import Day, Line, Lines, Moment, Money, Month, Named, OrNone, Upload
from gateway.desk.table import Input


def _code(value: str) -> str:
    code = unicodedata.normalize("NFC", value)
    if not code.isprintable() or "|" in code or "/" in code:
        raise PydanticCustomError("not_printable", "only printable letters, no | and no /")
    return code


PcCode = Annotated[
    str,
    BeforeValidator(lambda value: value.strip() if isinstance(value, str) else value),
    StringConstraints(min_length=1, max_length=40),
    AfterValidator(_code),
    Field(description="The code on the PC's label", examples=["PC07"]),
]
Item = Annotated[int, Field(ge=1, le=2**53)]


class AskedPc(Input):
    """Which PC."""

    code: PcCode


class AskedMonth(Input):
    """Which month."""

    month: Month


class Fault(Input):
    """A PC is broken."""

    code: PcCode
    what: Named
    since: Annotated[Moment | None, OrNone] = Field(None, description="Missing: now")
    photo: Upload | None = None


class AddPhoto(Input):
    """A photo for the open ticket."""

    code: PcCode
    photo: Upload


class AskedPhoto(Input):
    """Which photo."""

    id: int = Field(ge=1, le=2**53)


class Reported(Input):
    """Somebody was asked to repair it."""

    code: PcCode
    to: Named
    at: Annotated[Moment | None, OrNone] = Field(None, description="Missing: now")


class Repaired(Input):
    """It works again."""

    code: PcCode
    done: Named
    cost_vnd: Annotated[Money | None, OrNone] = None
    at: Annotated[Moment | None, OrNone] = Field(None, description="Missing: now")


class Entry(Input):
    """A PC's whole entry in the inventory; what is missing is taken away."""

    code: PcCode
    bought_on: Day = Field(description="In service from this day on")
    retired_on: Annotated[Day | None, OrNone] = Field(None, description="The first day out of service")
    place: Line = ""
    model: Line = ""
    serial: Line = ""
    asset_code: Line = ""
    cost_vnd: Annotated[Money | None, OrNone] = None
    source: Line = ""
    warranty_until: Annotated[Day | None, OrNone] = None
    proposal: Line = ""


class Retire(Input):
    """Out of service."""

    code: PcCode
    day: Annotated[Day | None, OrNone] = Field(None, description="The first day without it; missing: today")


class Check(Input):
    """A look at a PC: these items are in order, the others of the list are not."""

    code: PcCode
    in_order: tuple[Item, ...] = ()
    note: Line = ""


class Items(Input):
    """The list of what is looked at, one a line."""

    lines: Lines
