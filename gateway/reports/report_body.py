"""A report as the text that is printed and kept: its whole JSON, the same bytes for the same figures; and read back.

In:  Report, with the office's number and date once it is signed.
Out: the text; of a kept one, the Report that documents are written from.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime

from gateway.reports.exact_json import json_tree, read_value
from gateway.reports.report_values import Report


@dataclass(frozen=True, slots=True)
class Signature:
    """The number and date of the office under a report, and who entered them when."""

    number: str
    """With its symbol: 12/BC-TV."""
    dated_on: date
    signed_at: datetime
    """UTC, whole seconds."""
    author: str


def body_of(form: str, period: str, site: str | None, report: Report, signature: Signature | None) -> str:
    """The text. `site` None: all sites; `signature` None: a draft."""
    tree = json_tree(report)
    assert isinstance(tree, dict)
    head = {"report": form, "period": period, "site": site, "signed": json_tree(signature)}
    return json.dumps({**head, **tree}, indent=2, ensure_ascii=False)


def report_of(body: str) -> Report:
    """The report of a text."""
    report = read_value(Report, json.loads(body))
    assert isinstance(report, Report)
    return report
