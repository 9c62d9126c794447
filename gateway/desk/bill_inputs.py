"""What the acts and views of contracts, invoices and bills are asked with."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from gateway.desk.inputs import Day, Flag, Line, Money, Month, Named, OrNone, SignedMoney, Upload
from gateway.desk.table import Input

Token = Annotated[
    str,
    StringConstraints(min_length=1, max_length=80, pattern=r"^[^|\x00-\x1f\x7f]+$"),
    Field(description='1 to 80 printable letters, no "|"'),
]
MaybeToken = Annotated[Token | None, OrNone]
Percentage = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{1,3}(\.[0-9]{1,6})?$"), Field(description='"30" or "14.29"')
]
Period = Annotated[
    str,
    Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2]|[qQ][1-4])$", description="A month or a quarter", examples=["2027-03"]),
]
Difference = Annotated[SignedMoney | None, OrNone]
"""Of an adjusting invoice it may be negative."""


class OfPeriod(Input):
    """The bills of a period."""

    period: Period


class MinutesOf(Input):
    """Minutes that the office and one ISP sign."""

    period: Period
    form: Literal["docx", "pdf", "xlsx", "html"]
    isp: Line = Field("", description="Which ISP, when there are several")
    language: Literal["vi", "en"] = "vi"


class NewContract(Input):
    """A contract with its first price; one of this code is put right."""

    code: Token = Field(description="Number of the contract")
    isp: Named = Field(description="Name of the ISP")
    first: Day = Field(description="First day in force")
    last: Annotated[Day | None, OrNone] = Field(None, description="Last day in force; null: until further notice")
    price_vnd: Money = Field(description="List price a month in đồng")
    holds_vat: Flag = Field(False, description="VAT is in the price")
    credit: Literal["phut", "ngay", "khong"] = Field("phut", description="What an outage gives back")
    customer: MaybeToken = Field(None, description="The ISP's customer code (MKHang): invoices are matched by it")
    seller_tax_code: MaybeToken = Field(None, description="The ISP's tax code (MST)")
    package: Line = ""
    speed_mbit_s: Annotated[Annotated[int, Field(ge=1, le=100_000)] | None, OrNone] = Field(
        None, description="Contracted speed in Mbit/s"
    )
    document: MaybeToken = Field(None, description="Number of the document")


class NewPrice(Input):
    """A new list price of a contract, from a day on."""

    code: Token
    first: Day
    month_vnd: Money
    holds_vat: Flag = False


class NewPromise(Input):
    """A commitment of the ISP to reduce the price."""

    number: Token = Field(description="A number of yours")
    form: Literal["percent", "fixed", "subsidy", "package"]
    value: Annotated[str, StringConstraints(pattern=r"^[0-9][0-9.,  ]{0,20}$")] = Field(
        description='Percent ("30", "14.29") or whole đồng a month ("50000")'
    )
    first: Day
    last: Annotated[Day | None, OrNone] = None
    contracts: tuple[Token, ...] = Field((), max_length=20, description="Only for these; empty: every one of the site")
    document: MaybeToken = Field(None, description="Number of the paper. Without one it is shown, not counted")

    @field_validator("value")
    @classmethod
    def _fits(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("form") == "percent":
            plain = value.replace(",", ".").replace(" ", "")
            if plain.count(".") > 1 or Decimal(plain) > 100:
                raise PydanticCustomError("no_percent", "no percentage from 0 to 100")
            return plain
        return value.replace(".", "").replace(",", "").replace(" ", "").replace("\xa0", "")


class NewPrepayment(Input):
    """Months that were paid at once, with months added for it."""

    number: Token
    first: Day = Field(description="A day of the first month that is paid for")
    paid_months: int = Field(ge=1, le=120)
    free_months: int = Field(ge=0, le=120)
    total_vnd: Money = Field(description="What was paid, VAT in it")
    contracts: tuple[Token, ...] = Field((), max_length=20)
    document: MaybeToken = None


class EndedContract(Input):
    """The last day of a contract."""

    code: Token
    last: Day


class NewRate(Input):
    """The legal VAT rate for Internet access, from a day on."""

    first: Day
    percent: Percentage
    document: MaybeToken = None


class NewInvoice(Input):
    """An invoice typed in."""

    seller: Token = Field(description="The seller's tax code (MST)")
    form: Token = Field("1", description="KHMSHDon")
    series: Token = Field(description="KHHDon")
    number: Token = Field(description="SHDon")
    dated: Day
    contract: Token
    month: Month
    total_vnd: SignedMoney = Field(description="To be paid, with VAT and fees")
    list_vnd: Difference = Field(None, description="Before reductions, without VAT")
    discount_vnd: Difference = Field(None, description="Reductions, positive")
    credit_vnd: Difference = Field(None, description="Given back for outages, positive")
    vat_vnd: Difference = None
    vat_percent: Annotated[Percentage | None, OrNone] = None
    link: Literal["original", "replaces", "adjusts"] = "original"
    refers_to: Line = Field("", description="seller|form|series|number of the one it replaces or adjusts")

    @field_validator("refers_to")
    @classmethod
    def _needed(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("link") in ("replaces", "adjusts") and value.count("|") != 3:
            raise PydanticCustomError("no_invoice", "seller|form|series|number of an invoice")
        return value


class OfInvoices(Input):
    """Invoices of a month, or all."""

    month: Annotated[Month | None, OrNone] = None


class OfInvoice(Input):
    """One invoice."""

    key: Annotated[str, StringConstraints(pattern=r"^[^|]{1,80}(\|[^|]{1,80}){3}$")] = Field(
        description="seller|form|series|number"
    )


class SentFile(Input):
    """An electronic invoice (XML), or the office's own table (CSV)."""

    file: Upload


Draft = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$", description="As the upload told it")]


class OfDraft(Input):
    """A file that was sent and not taken yet."""

    draft: Draft


class ReadDraft(Input):
    """How it is to be read: what it does not say itself, and of a table which column holds what."""

    draft: Draft
    contract: Annotated[str, StringConstraints(max_length=80)] = Field(
        "", description="The contract of what names none itself"
    )
    month: Annotated[Month | None, OrNone] = Field(None, description="The month of what names none itself")
    date_format: Literal["%d/%m/%Y", "%Y-%m-%d", "%m/%d/%Y", "%d-%m-%Y", "%d.%m.%Y"] = "%d/%m/%Y"
    columns: tuple[Annotated[str, StringConstraints(max_length=300)], ...] = Field(
        (), max_length=40, description='Of a table: "FIELD=HEADING", each once'
    )
