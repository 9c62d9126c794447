"""What every paper of the office has around its blocks: head, foot, references to other papers.

In:  Office; the language.
Out: Head, Signature, recipients; a document as it is quoted.
"""

from gateway.papers.office import Document, Letterhead, Office
from gateway.papers.paper import Block, Head, Paper, Signature
from gateway.papers.tongue import DOTS, Tongue


def framed(office: Office, say: Tongue, form: str, abstract: str, blocks: tuple[Block, ...]) -> Paper:
    """A paper with letterhead, signature and recipients."""
    head = office.letterhead or Letterhead()
    return Paper(
        language=say.language,
        form=form,
        abstract=abstract,
        head=Head(
            parent_body=head.parent_body or DOTS,
            issuing_body=head.issuing_body or DOTS,
            symbol=head.symbol or "BC-……",
            number=office.number,
            place=head.place or DOTS,
            day=office.signed_on,
        ),
        blocks=blocks,
        signatures=(Signature(head.authority, head.post or DOTS, head.signer),),
        recipients=recipients(office, say),
        is_draft=office.is_draft,
    )


def recipients(office: Office, say: Tongue) -> tuple[str, ...]:
    """Nơi nhận: the office's lines; "Lưu" stands last, even where nobody told it."""
    kept = [one for one in office.recipients if one.casefold().startswith(("lưu", "file"))]
    told = [one for one in office.recipients if one not in kept]
    return (*told, *(kept or [say("Lưu: VT.", "Files: VT.")]))


def body_name(office: Office) -> str:
    """The issuing body as it stands in a sentence; dots where nobody told it."""
    return office.letterhead.issuing_body if office.letterhead else DOTS


def quoted(document: Document, say: Tongue) -> str:
    """Kế hoạch số 156/KH-UBND ngày 11 tháng 12 năm 2017 của … về …, as far as it is known."""
    kind = _kind(document.number, say)
    parts = [f"{kind} {say('số', 'No.')} {document.number}"]
    if document.issued_on:
        parts.append(say(say.day(document.issued_on), f"of {say.day(document.issued_on)}"))
    if document.issuer:
        parts.append(say(f"của {document.issuer}", f"of {document.issuer}"))
    if document.title:
        about = document.title if document.title.casefold().startswith("về ") else f"về {document.title}"
        parts.append(say(about, f"on {document.title}"))
    return " ".join(parts)


_KINDS = {
    "KH": ("Kế hoạch", "Plan"),
    "QĐ": ("Quyết định", "Decision"),
    "NQ": ("Nghị quyết", "Resolution"),
    "NĐ": ("Nghị định", "Decree"),
    "TT": ("Thông tư", "Circular"),
    "CK": ("Văn bản cam kết", "Commitment"),
    "HĐ": ("Hợp đồng", "Contract"),
    "CV": ("Công văn", "Letter"),
}


def _kind(number: str, say: Tongue) -> str:
    """What a number's symbol says of its paper: 156/KH-UBND is a plan."""
    symbol = number.partition("/")[2].partition("-")[0].rpartition("/")[2].upper()
    return say(*_KINDS.get(symbol, ("Văn bản", "Document")))
