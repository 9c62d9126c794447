"""First passwords on paper: slips to cut apart and hand out, one a patron; no script, no file and no host beside it."""

from collections.abc import Sequence

from gateway.pages import Pages


def handout_page(site: str, portal_host: str, language: str, accounts: Sequence[tuple[str, str]]) -> str:
    """The page; `accounts` are names with their first passwords."""
    slips = [{"name": name, "password": password} for name, password in accounts]
    return Pages().render("handout.html", language, {"site": site, "portal": portal_host, "slips": slips})
