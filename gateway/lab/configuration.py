"""The lab's configuration file: ours, with a test's own keys laid over it."""

import json
import tomllib
from pathlib import Path
from typing import Any

from gateway.config.network import Wan
from gateway.errors import ConfigError
from gateway.lab.plan import DNS_IPV4, LINE_NETWORKS, OUTSIDE_RESOLVER_IPV4, SECOND_WEB_IPV4, STAFF_INTERFACE, WEB_IPV4

Tree = dict[str, Any]


def write(path: Path, directory: Path, extra: Path | None) -> None:
    """Write the file; the gateway's own reader checks it afterwards."""
    tree = merged(base(directory), _read(extra)) if extra else base(directory)
    path.write_text(as_toml(tree), encoding="utf-8")


def base(directory: Path) -> Tree:
    """What the lab needs to differ from the defaults; everything else is as on a real box."""
    return {
        "site": {"name": "Thư viện Sa Thầy", "code": "sa-thay"},
        "state": {"directory": str(directory / "state"), "run_directory": str(directory / "run")},
        # the modem's page is on the line itself, which here is no private network
        "wan": {"closed": [*Wan().closed, *LINE_NETWORKS], "probes": _PROBES},
        "dns": {"upstreams": [DNS_IPV4]},
        "desk": {"interfaces": [STAFF_INTERFACE]},
    }


_PROBES: Tree = {
    "every": "2s",  # an outage is seen in seconds
    "isp_resolvers": [DNS_IPV4],
    "domestic": [f"tcp://{WEB_IPV4}:80", f"tcp://{SECOND_WEB_IPV4}:80"],
    "foreign": [OUTSIDE_RESOLVER_IPV4],
}


def merged(under: Tree, over: Tree) -> Tree:
    """Tables are merged key by key, everything else is replaced."""
    result = dict(under)
    for key, value in over.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result


def as_toml(tree: Tree) -> str:
    """TOML text of plain values."""
    return "".join(f"{_key(key)} = {_value(value)}\n" for key, value in tree.items() if not isinstance(value, dict)) + (
        "".join(_table(_key(key), value) for key, value in tree.items() if isinstance(value, dict))
    )


def _table(path: str, tree: Tree) -> str:
    inner = {f"{path}.{_key(key)}": value for key, value in tree.items() if isinstance(value, dict)}
    plain = {key: value for key, value in tree.items() if not isinstance(value, dict)}
    text = f"\n[{path}]\n" + "".join(f"{_key(key)} = {_value(value)}\n" for key, value in plain.items())
    return text + "".join(_table(name, value) for name, value in inner.items())


def _key(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() and key.isascii() else _value(key)


def _value(value: Any) -> str:
    match value:
        case bool() | int() | float() | str():
            # a JSON string is a TOML string, but for DEL, which TOML wants escaped
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case list():
            return "[" + ", ".join(_value(item) for item in value) + "]"
        case dict():
            return "{ " + ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items()) + " }"
        case _:
            raise TypeError(f"no TOML form for {value!r}")


def _read(path: Path) -> Tree:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError((f"can't be read: {error}",), where=str(path)) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError((f"is no TOML: {error}",), where=str(path)) from error
