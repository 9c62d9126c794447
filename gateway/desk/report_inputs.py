"""What the acts and views of reports and mails are asked with."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from gateway.desk.inputs import Day, Flag, OrNone
from gateway.desk.table import Input
from gateway.reports.spans import parse_span

Form = Literal["month", "quarter", "half", "year"]
Period = Annotated[
    str,
    StringConstraints(pattern=r"^20[0-9]{2}(-(0[1-9]|1[0-2]|[qQ][1-4]|[hH][12]))?$"),
    Field(description="2027-03, 2027-Q1, 2027-H1 or 2027, as the form has it"),
]
Site = Annotated[
    Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[^|\x00-\x1f\x7f]+$")] | None, OrNone
]


class OfReport(Input):
    """A report of a period."""

    form: Form
    period: Period
    site: Site = Field(None, description="Only this site; null: all of them")

    @field_validator("period")
    @classmethod
    def _fits(cls, period: str, info: ValidationInfo) -> str:
        if form := info.data.get("form"):
            try:
                parse_span(form, period)
            except ValueError as error:
                raise PydanticCustomError("no_period", "no period of this form") from error
        return period.upper()


class ReportFile(OfReport):
    """A report as a file."""

    kind: Literal["docx", "xlsx", "pdf", "csv", "zip", "html", "json"]
    paper: Literal["report", "hours", "pcs", "costs"] = Field(
        "report", description="The whole report, service hours alone, PCs alone, the ledger of costs"
    )
    language: Literal["vi", "en"] = "vi"
    draft: Flag = Field(False, description="As it counts today, though it is signed")


class Signed(OfReport):
    """The office's number and date under a report: its figures are fixed for ever."""

    number: Annotated[str, StringConstraints(min_length=1, max_length=60), Field(examples=["12/BC-TV"])]
    dated_on: Day = Field(description="The date under the paper")
    figures: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] = Field(
        description="SHA-256 of the JSON that was looked at; figures that changed since are not signed"
    )

    @field_validator("number")
    @classmethod
    def _printable(cls, number: str) -> str:
        if not number.isprintable():
            raise PydanticCustomError("not_printable", "only printable letters")
        return number


class OfYears(Input):
    """The latest years."""

    years: int = Field(5, ge=1, le=30)


class OfNight(Input):
    """The summary of a day."""

    day: Day
    short: Flag = Field(False, description="At most 500 characters, to paste into a chat")
    language: Literal["vi", "en"] = "vi"


def _lines(value: object) -> object:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not all(isinstance(one, str) for one in texts):
        return value
    return [line.strip() for text in texts for line in text.splitlines() if line.strip()]


def _address(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._%+][A-Za-z0-9._%+-]{0,63}@[A-Za-z0-9.-]+[A-Za-z0-9]", value):
        raise PydanticCustomError("no_mail", "no mail address")
    return value


Address = Annotated[
    str, StringConstraints(max_length=254), AfterValidator(_address), Field(examples=["office@example.vn"])
]


class Recipients(Input):
    """To whom the nightly mail goes."""

    recipients: Annotated[tuple[Address, ...], BeforeValidator(_lines)] = Field(
        max_length=20, description="Mail addresses; as text, one a line"
    )


class TestMail(Input):
    """A test mail."""

    address: Address = Field(description="To whom")
