"""The profiles to choose from in a form."""

from collections.abc import Collection

from gateway.desk.table import Language
from gateway.pages import text


def profile_choices(profiles: Collection[str], own: str, language: Language) -> list[tuple[str, str]]:
    """Value and label: the site's own first, as "as usual"."""
    usual = ("", text(language, "desk.vouchers.profile_own", name=own))
    return [usual, *((name, name) for name in profiles if name != own)]
