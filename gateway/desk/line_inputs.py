"""What the acts and views of the line are asked with."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from gateway.desk.inputs import Line, Moment, Month, Named, OrNone
from gateway.desk.table import Input

Cause = Literal["isp", "power", "gateway", "planned", "unknown"]
Number = Annotated[str, Field(pattern=r"^[A-Za-z0-9 ._/-]{1,80}$", description="The outage's number")]


class OfMonth(Input):
    """A month of the line."""

    month: Month


class OfOutage(Input):
    """One outage."""

    number: Number


class NewOutage(Input):
    """An outage nobody but staff saw."""

    begin: Moment
    end: Annotated[Moment | None, OrNone] = Field(None, description="null while it goes on")
    cause: Cause = Field(description="Whose it is; the ISP's alone are claimed")
    note: Line = Field("", description="What else is known")

    @field_validator("end")
    @classmethod
    def _in_order(cls, end: datetime | None, info: ValidationInfo) -> datetime | None:
        return _after(end, info)


class CorrectedOutage(Input):
    """Other moments of an outage entered by hand."""

    number: Number
    begin: Moment
    end: Annotated[Moment | None, OrNone] = None

    @field_validator("end")
    @classmethod
    def _in_order(cls, end: datetime | None, info: ValidationInfo) -> datetime | None:
        return _after(end, info)


class IspTold(Input):
    """The ISP was told of an outage: its time to repair runs from there."""

    number: Number
    at: Annotated[Moment | None, OrNone] = Field(None, description="When; now if left out")
    ticket: Line = Field("", description="The ISP's number of the incident")


class CauseSaid(Input):
    """Whose an outage was."""

    number: Number
    cause: Cause
    note: Named = Field(description="What says so")


class Measure(Input):
    """Measure the line now: it is filled for ten seconds."""


def _after(end: datetime | None, info: ValidationInfo) -> datetime | None:
    begin = info.data.get("begin")
    if end is None or not isinstance(begin, datetime) or (begin.tzinfo is None) != (end.tzinfo is None):
        return end
    if end < begin:
        raise PydanticCustomError("order", "the end is before the beginning")
    return end
