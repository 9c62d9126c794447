"""Why a mail does not go, in the reader's language: a sentence of ours that says what to do, and quotes the server."""

from gateway.pages import text


def why_not(trouble: str, said: str, language: str, *, waits: bool) -> str:
    """`trouble`: of gateway.ports_mail, "" when the server spoke of the mail itself; `said`: as it was kept.

    `waits`: it is tried again.
    """
    if not trouble and not said:
        return text(language, "refused.reports.mail-untried")
    return text(language, f"refused.reports.mail-{trouble or ('later' if waits else 'refused')}", said=said)
