"""The lab's configuration file: ours, with a test's own keys laid over it."""

from pathlib import Path

from gateway.config.network import Wan
from gateway.config.toml import Tree, as_toml, merged, read_tree
from gateway.errors import ConfigError
from gateway.lab.plan import DNS_IPV4, LINE_NETWORKS, OUTSIDE_RESOLVER_IPV4, SECOND_WEB_IPV4, STAFF_INTERFACE, WEB_IPV4


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


def _read(path: Path) -> Tree:
    try:
        return read_tree(path.read_text(encoding="utf-8"), where=str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError((f"can't be read: {error}",), where=str(path)) from error
