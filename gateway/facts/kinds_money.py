"""Kinds of facts about the ISP's contracts and bills, and what the plan costs."""

from gateway.facts.fact import Kind
from gateway.facts.fields import Field, Type

_T = Type

CONTRACT = Kind(
    "contract",
    "One line at one site.",
    (
        Field("code", _T.TOKEN, "number of the contract", required=True),
        Field("customer", _T.TOKEN, "the ISP's customer code (MKHang): invoices are matched by it"),
        Field("isp", _T.TEXT, "name of the ISP", required=True),
        Field("seller_tax_code", _T.TOKEN, "the ISP's tax code (MST)"),
        Field("package", _T.TEXT, "name of the package"),
        Field("speed_kbit_s", _T.KBIT_S, "contracted speed"),
        Field("first", _T.DAY, "first day in force", required=True),
        Field("last", _T.DAY, "last day in force; missing: until further notice"),
        Field(
            "credit",
            _T.WORD,
            "what an outage gives back: by the minute, by whole days, by tiers of availability, nothing",
            required=True,
            words=("phut", "ngay", "bac", "khong"),
        ),
        Field("tiers", _T.TIERS, 'the tiers of credit "bac"'),
        Field("document", _T.TOKEN, "number of the document"),
    ),
    ("code",),
    ("first", "last"),
)
PRICE = Kind(
    "price",
    "A dated list price of a contract, a month.",
    (
        Field("contract", _T.TOKEN, "the contract", required=True),
        Field("first", _T.DAY, "first day", required=True),
        Field("last", _T.DAY, "last day; missing: until the next price"),
        Field("month_vnd", _T.VND, "price a month", required=True),
        Field("holds_vat", _T.FLAG, "VAT is in it. Missing: false"),
    ),
    ("contract", "first"),
    ("first", "last"),
)
RULE = Kind(
    "rule",
    "A commitment to reduce the price. Without a document it is shown and not counted.",
    (
        Field("id", _T.TOKEN, "its number", required=True),
        Field(
            "what",
            _T.WORD,
            "its form",
            required=True,
            words=("percent", "fixed", "package", "free_months", "subsidy", "clawback"),
        ),
        Field("first", _T.DAY, "first day", required=True),
        Field("last", _T.DAY, "last day; missing: until further notice"),
        Field("percent", _T.PERCENT, "of percent: off the list price; of clawback: of what was reduced"),
        Field("month_vnd", _T.VND, "of fixed, subsidy: off a month; of package: the price instead"),
        Field("holds_vat", _T.FLAG, "VAT is in month_vnd. Missing: false"),
        Field("fund", _T.TEXT, "of subsidy: who pays"),
        Field("paid_months", _T.COUNT, "of free_months: months paid at once"),
        Field("free_months", _T.COUNT, "of free_months: months added"),
        Field("total_vnd", _T.VND, "of free_months: what was paid, VAT in it"),
        Field("before", _T.DAY, "of clawback: due when the contract ends before this day"),
        Field("order", _T.COUNT, "order of the printed lines"),
        Field("contracts", _T.TOKENS, "contracts it applies to; missing: every one of the site"),
        Field("document", _T.TOKEN, "number of the document that promises it"),
    ),
    ("id",),
    ("first", "last"),
)
VAT = Kind(
    "vat",
    "The legal VAT rate for Internet access.",
    (
        Field("first", _T.DAY, "first day", required=True),
        Field("last", _T.DAY, "last day; missing: until the next rate"),
        Field("percent", _T.PERCENT, "the rate", required=True),
        Field("document", _T.TOKEN, "the law or resolution"),
    ),
    ("first",),
    ("first", "last"),
    of_office=True,
)
INVOICE = Kind(
    "invoice",
    "One invoice, read from its XML or typed in.",
    (
        Field("seller", _T.TOKEN, "the seller's tax code (MST)", required=True),
        Field("form", _T.TOKEN, "KHMSHDon", required=True),
        Field("series", _T.TOKEN, "KHHDon", required=True),
        Field("number", _T.TOKEN, "SHDon", required=True),
        Field("dated", _T.DAY, "NLap", required=True),
        Field("contract", _T.TOKEN, "the contract it is for", required=True),
        Field("month", _T.MONTH, "the month it is for", required=True),
        Field("total_vnd", _T.VND, "to be paid, with VAT and fees", required=True),
        Field("before_vat_vnd", _T.VND, "sum before VAT"),
        Field("list_vnd", _T.VND, "goods and services before reductions"),
        Field("discount_vnd", _T.VND, "reductions, positive"),
        Field("credit_vnd", _T.VND, "given back for outages, positive"),
        Field("vat_vnd", _T.VND, "VAT"),
        Field("fees_vnd", _T.VND, "fees outside the lines"),
        Field("vat_percents", _T.TOKENS, "rates that stand on it"),
        Field("lines", _T.LINES, "its lines"),
        Field("link", _T.WORD, "missing: original", words=("original", "replaces", "adjusts")),
        Field("refers_to", _T.TEXT, "the invoice it replaces or adjusts: seller|form|series|number"),
        Field("buyer", _T.TEXT, "the buyer as it stands there"),
        Field("budget_unit", _T.TOKEN, "MDVQHNSach, the budget unit's code"),
        Field("authority_code", _T.TOKEN, "MCCQT"),
        Field("flags", _T.TOKENS, "what a reader should know: lines-do-not-foot, rate-missing"),
        Field("sha256", _T.SHA256, "hash of the file"),
    ),
    ("seller", "form", "series", "number"),
    ("month",),
)
COST = Kind(
    "cost",
    "Money planned or spent by the plan's lines.",
    (
        Field("id", _T.TOKEN, "its number", required=True),
        Field("day", _T.DAY, "the day; of a planned sum the first of its year", required=True),
        Field(
            "item",
            _T.WORD,
            "the line of the plan",
            required=True,
            words=("electricity", "internet", "antivirus", "maintenance", "duty_pay", "other"),
        ),
        Field("vnd", _T.VND, "the sum", required=True),
        Field("planned", _T.FLAG, "true: of the estimate. Missing: spent"),
        Field("source", _T.WORD, "who pays", words=("budget", "social")),
        Field("document", _T.TEXT, "the voucher or decision"),
    ),
    ("id",),
    ("day",),
)

MONEY = (CONTRACT, PRICE, RULE, VAT, INVOICE, COST)
