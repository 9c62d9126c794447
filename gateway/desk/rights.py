"""Who may do what, told from the table: for auditors, and for the test that walks every route."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from gateway.desk.table import Area
from gateway.staff.roles import Right, Role, may


@dataclass(frozen=True, slots=True)
class Entry:
    """One way in."""

    kind: str
    """"page", "file", "live", "act", "view"."""
    name: str
    """Of an act or a view; of a page its path."""
    method: str
    path: str
    right: Right
    roles: tuple[Role, ...]
    fields: tuple[str, ...]
    is_dangerous: bool = False


def entries(areas: Collection[Area]) -> Iterator[Entry]:
    """Every route of the table, at the desk and below /api/v1."""
    for area in areas:
        for page in area.pages:
            yield Entry("page", page.path, "GET", page.path, page.right, _roles(page.right), ())
        for one in area.live:
            yield Entry("live", one.path, "GET", f"/live{one.path}", one.right, _roles(one.right), ())
        for file in area.downloads:
            fields = tuple(file.asked.model_fields)
            yield Entry("file", file.name, "GET", file.path, file.right, _roles(file.right), fields)
        for view in area.views:
            fields = tuple(view.asked.model_fields)
            yield Entry("view", view.name, "GET", view.path, view.right, _roles(view.right), fields)
        for act in area.acts:
            fields = tuple(act.asked.model_fields)
            yield Entry("act", act.name, act.method, act.path, act.right, _roles(act.right), fields, act.is_dangerous)


def _roles(right: Right) -> tuple[Role, ...]:
    return tuple(role for role in Role if may(role, right))
