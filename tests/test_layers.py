"""Who may import whom. The table is the reference for ARCHITECTURE.md's "Rooms"; every import is held against it."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOMAIN = {"access", "staff", "accounting", "visits", "service", "billing", "reports", "facts"}
PURE_STANDARD = {
    # a pure room has values only: no sockets, files, SQL, event loop or clock
    "collections", "dataclasses", "datetime", "decimal", "enum", "fractions", "functools", "hashlib", "hmac",
    "ipaddress", "itertools", "math", "operator", "re", "typing", "difflib", "bisect", "unicodedata", "json",
    "base64", "struct",
}  # fmt: skip

# room -> (rooms it may import, libraries beyond the standard one); all of gateway may import errors, units
ROOMS: dict[str, tuple[set[str], set[str]]] = {
    "errors": (set(), set()),
    "units": (set(), set()),
    "clock": (set(), set()),
    "log": (set(), set()),
    "access": (set(), set()),
    "accounting": ({"access"}, set()),
    "visits": ({"access"}, set()),
    "service": (set(), set()),
    "billing": ({"service"}, set()),
    "reports": ({"accounting", "visits", "service", "billing"}, set()),
    "facts": ({"access", "accounting", "visits", "service", "billing", "reports"}, set()),
    "ports_facts": ({"facts"}, set()),
    "ports_counts": ({"reports"}, set()),
    "papers": ({"accounting", "visits", "service", "billing", "reports"}, set()),
    "documents": ({"papers"}, {"docx", "docxtpl", "typst", "xlsxwriter", "jinja2"}),
    "ports_mail": (set(), set()),
    "mail": ({"reports", "ports_mail", "pages"}, set()),
    "config": (
        {"access", "service", "probe_table", "log", "filters.settings"},
        {"pydantic", "pydantic_core", "annotated_types"},
    ),
    "ports_bills": (set(), set()),
    "einvoice": ({"facts", "billing", "ports_bills"}, set()),
    "ports": (DOMAIN | {"clock"}, set()),
    "ports_rules": (set(), set()),
    "ports_figures": (DOMAIN | {"clock", "ports"}, set()),
    "ports_dns": (set(), set()),
    "ports_devices": ({"access", "ports"}, set()),
    "ports_radius": (DOMAIN | {"ports"}, set()),
    "ports_hours": ({"service"}, set()),
    "ports_line": ({"service"}, set()),
    "ports_presence": ({"access", "ports"}, set()),
    "ports_vouchers": ({"access"}, set()),
    "ports_bytes": ({"accounting"}, set()),
    "ports_garden": ({"accounting", "ports", "ports_bytes"}, set()),
    "ports_accounts": ({"access"}, set()),
    "ports_shelf": (set(), set()),
    "ports_pcs": (set(), set()),
    "photos": ({"ports_pcs"}, set()),
    "ports_board": ({"access"}, set()),
    "flows": (
        DOMAIN
        | {"ports", "ports_devices", "ports_figures", "ports_rules", "ports_hours", "ports_radius", "ports_vouchers"}
        | {"ports_accounts", "ports_board", "ports_facts", "ports_bytes", "ports_garden", "ports_line", "ports_mail"}
        | {"ports_counts", "ports_presence", "ports_box", "ports_dns", "ports_pcs", "ports_settings", "ports_staff"}
        | {"ports_bills", "papers", "config", "clock", "log", "filters.public"},
        set(),
    ),
    "kernel": (DOMAIN | {"ports", "ports_bytes", "ports_garden", "ports_presence", "config", "clock", "log"}, set()),
    "store": (
        DOMAIN
        | {"ports", "ports_devices", "ports_figures", "ports_rules", "ports_dns", "ports_hours", "ports_vouchers"}
        | {"ports_accounts", "ports_board", "ports_facts", "ports_bytes", "ports_garden", "ports_line", "ports_mail"}
        | {"ports_counts", "ports_presence", "ports_pcs", "ports_settings", "ports_staff", "config", "clock", "log"}
        | {"ports_counts", "ports_presence", "ports_staff", "ports_backup", "config", "clock", "log"}
        | {"ports_counts", "ports_presence", "ports_pcs", "ports_settings", "ports_staff", "ports_backup"}
        | {"config", "clock", "log"},
        set(),
    ),
    "ports_backup": (set(), set()),
    "backup": ({"ports_backup", "clock", "log"}, set()),
    "certificate": ({"log"}, set()),
    "line": ({"log", "filters.settings"}, set()),
    "speedtest": (set(), {"aiohttp"}),
    "probing": ({"accounting", "service", "line", "ports_bytes", "ports_line"}, set()),
    "probe_table": (set(), set()),  # data that the portal and the lab's Internet share, lest there be a second copy
    "shelf": ({"ports_shelf", "clock", "log"}, set()),
    "pages": (set(), {"jinja2"}),
    "portal": (
        DOMAIN
        | {
            "flows",
            "ports",
            "ports_devices",
            "ports_rules",
            "ports_shelf",
            "ports_board",
            "notices_shown",
            "pages",
            "probe_table",
            "log",
            "filters.categories",
            "filters.names",
            "filters.errors",
        },
        {"aiohttp"},
    ),
    "slips": ({"access", "pages"}, {"segno"}),
    "notices_shown": ({"ports_board", "pages"}, set()),
    "staff": (set(), set()),
    "ports_box": (set(), set()),
    "box": ({"ports_box", "filters.fetched", "filters.settings", "filters.sources"}, set()),
    "ports_staff": ({"staff"}, set()),
    "ports_settings": (set(), set()),
    "child": (set(), set()),
    "desk": (
        DOMAIN
        | {"ports", "ports_accounts", "ports_backup", "ports_bills", "ports_board", "ports_box", "ports_bytes"}
        | {"ports_counts", "ports_devices", "ports_dns", "ports_facts", "ports_figures", "ports_garden"}
        | {"ports_hours", "ports_line", "ports_mail", "ports_pcs", "ports_presence", "ports_rules"}
        | {"ports_settings", "ports_shelf", "ports_staff", "ports_vouchers"}
        | {"box", "child", "clock", "filters.categories", "filters.errors", "filters.fetched", "filters.names"}
        | {"filters.settings", "filters.sources", "flows", "log", "notices_shown", "pages", "papers"}
        | {"probe_table", "slips", "staff"},
        {"aiohttp", "pydantic", "pydantic_core", "markupsafe", "prometheus_client", "segno"},
    ),
    "control": (
        DOMAIN
        | {
            "flows",
            "ports",
            "ports_devices",
            "ports_dns",
            "ports_bytes",
            "ports_garden",
            "ports_vouchers",
            "ports_accounts",
            "log",
        },
        {"aiohttp"},
    ),
    "garden": ({"filters", "ports", "ports_garden"}, set()),
    "local_accounts": ({"access", "ports_accounts", "pages"}, set()),
    "sip2": ({"access", "clock", "log"}, set()),
    "radius": (DOMAIN | {"ports", "ports_radius", "clock", "log"}, set()),
    "strict": ({"access", "ports", "log", "filters.wire"}, set()),
    "resolvers": ({"ports", "log", "filters.errors", "filters.settings", "filters.sources"}, set()),
    "workers": ({"ports", "ports_garden", "ports_rules"}, {"dnslib"}),
    "counts": ({"ports_dns", "clock", "log"}, set()),
    "jobs": ({"log"}, set()),
    "lab": ({"config", "clock", "probe_table", "phone"}, {"aiohttp", "dnslib"}),
    "phone": ({"access", "clock", "probe_table"}, {"dnslib"}),
}
EVERYTHING = {"daemon", "cli"}  # they see all, nothing imports them
FILTERS_ORDER = (
    "errors", "settings", "schedule", "safesearch", "categories", "clock", "log", "names", "special",
    "special_names", "special_json", "fingerprint", "wire", "blockset", "rules", "listed", "verdict", "policy", "ede",
    "answer",
)  # fmt: skip
LIBRARIES = (
    {"https": {"h2"}, "names": {"idna"}}
    | {room: {"numpy"} for room in ("scan", "table", "segments")}
    | {room: {"aiohttp"} for room in ("fetch", "download")}
)
PURE = DOMAIN | {
    "papers",
    "errors",
    "units",
    "probe_table",
    "ports",
    "ports_devices",
    "ports_dns",
    "ports_rules",
    "ports_radius",
    "ports_vouchers",
    "ports_bytes",
    "ports_garden",
    "ports_accounts",
    "ports_shelf",
    "ports_board",
    "ports_mail",
    "ports_bills",
}
PURE_FILTERS = {
    "settings",
    "schedule",
    "safesearch",
    "categories",
    "names",
    "special",
    "special_names",
    "wire",
    "listed",
    "verdict",
    "policy",
    "ede",
    "answer",
}


def _modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write imports whole"
            assert node.module
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names if node.module in ("gateway", "filters"))


def _room(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").parts[1]


@pytest.mark.parametrize("path", _modules("gateway"), ids=lambda p: str(p.relative_to(ROOT)))
def test_gateway_imports_what_its_row_allows(path: Path) -> None:
    room = _room(path)
    if room in EVERYTHING or room == "__init__":
        return
    assert room in ROOMS, f"{room} has no row in the table of layers: give it one, or move {path.name}"
    rooms, libraries = ROOMS[room]
    for name in _imports(path):
        head, *rest = name.split(".")
        if head == "gateway":
            target = rest[0] if rest else ""
            assert target in rooms | {room, "errors", "units", ""}, f"{path}: {room} may not import gateway.{target}"
        elif head == "filters":
            assert "filters" in rooms or any(name.startswith(r) for r in rooms), f"{path}: {room} may not import {name}"
        else:
            assert head in sys.stdlib_module_names | libraries, f"{path}: {room} may not use the library {head}"


@pytest.mark.parametrize("path", _modules("filters"), ids=lambda p: str(p.relative_to(ROOT)))
def test_filters_knows_nothing_of_the_gateway(path: Path) -> None:
    room = _room(path)
    for name in _imports(path):
        head, *rest = name.split(".")
        assert head != "gateway", f"{path}: filters never imports gateway"
        # loaded when they are needed alone: for DoH, for names that are not ASCII
        libraries = {"filters", "dnslib"} | LIBRARIES.get(path.stem, set())
        assert head in sys.stdlib_module_names | libraries, f"{path}: filters may not use {head}"
        if head == "filters" and rest and room in FILTERS_ORDER:
            allowed = FILTERS_ORDER[: FILTERS_ORDER.index(room)]
            assert rest[0] in (*allowed, room), f"{path}: {room} comes before {rest[0]}"


@pytest.mark.parametrize(
    "path",
    [p for p in _modules("gateway") if _room(p) in PURE] + [p for p in _modules("filters") if _room(p) in PURE_FILTERS],
    ids=lambda p: str(p.relative_to(ROOT)),
)
def test_pure_rooms_hold_values_only(path: Path) -> None:
    for name in _imports(path):
        head = name.split(".")[0]
        allowed = PURE_STANDARD | {"gateway", "filters"}
        if _room(path) in PURE_FILTERS:
            # packing of packets and addresses; a path as a value; tables of Unicode
            allowed = allowed | {"struct", "socket", "pathlib", "idna"}
        assert head in allowed, f"{path}: a pure room may not import {name}"


@pytest.mark.parametrize("package", ["gateway", "filters"])
def test_no_import_cycle(package: str) -> None:
    graph = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): {
            name for name in _imports(path) if name.startswith(f"{package}.")
        }
        for path in _modules(package)
    }
    done: set[str] = set()

    def walk(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " -> ".join((*trail, module))
        if module in done or module not in graph:
            return
        for target in graph[module]:
            walk(target, (*trail, module))
        done.add(module)

    for module in graph:
        walk(module, ())


@pytest.mark.parametrize("package", ["gateway", "filters"])
def test_files_and_functions_stay_small(package: str) -> None:
    """At most 300 lines a file and 60 a function (style 3)."""
    for path in _modules(package):
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 300, f"{path} has grown to {text.count(chr(10))} lines: it holds two ideas"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 60, f"{path}: {node.name} does more than one step"
