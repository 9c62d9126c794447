"""The command `cong`: a group whose families are imported only when asked for, so that `cong --help` is quick."""

import contextlib
import gc
import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway import __version__

if TYPE_CHECKING:
    from filters.errors import FilterError
    from gateway.errors import GatewayError

_GARBAGE_LEAST = 20_000
"""Objects made anew before one looks for circles among them: with Python's 700 that is a twelfth of a command's start,
where next to nothing is thrown away, and 8 % of a login in the gateway."""
_COMMANDS = {
    "serve": ("gateway.cli.daemons", "serve"),
    "dns": ("gateway.cli.dns", "dns"),
    "firewall": ("gateway.cli.daemons", "firewall"),
    "dhcp": ("gateway.cli.daemons", "dhcp"),
    "check": ("gateway.cli.configuration", "check"),
    "example-config": ("gateway.cli.configuration", "example"),
    "settings": ("gateway.cli.settings", "settings"),
    "sessions": ("gateway.cli.sessions", "sessions"),
    "session": ("gateway.cli.sessions", "session"),
    "lists": ("gateway.cli.lists", "lists"),
    "block": ("gateway.cli.rules", "block"),
    "allow": ("gateway.cli.rules", "allow"),
    "unblock": ("gateway.cli.rules", "unblock"),
    "rules": ("gateway.cli.rules", "rules"),
    "requests": ("gateway.cli.requests", "requests"),
    "doctor": ("gateway.cli.doctor", "doctor"),
    "certificate": ("gateway.cli.certificate", "certificate"),
    "device": ("gateway.cli.devices", "device"),
    "devices": ("gateway.cli.devices", "devices"),
    "approvals": ("gateway.cli.approvals", "approvals"),
    "approve": ("gateway.cli.approvals", "approve"),
    "timeline": ("gateway.cli.timeline", "timeline"),
    "garden": ("gateway.cli.garden", "garden"),
    "door": ("gateway.cli.doors", "door"),
    "hours": ("gateway.cli.hours", "hours"),
    "account": ("gateway.cli.accounts", "account"),
    "voucher": ("gateway.cli.vouchers", "voucher"),
    "shelf": ("gateway.cli.shelf", "shelf"),
    "notice": ("gateway.cli.notices", "notice"),
    "purposes": ("gateway.cli.purposes", "purposes"),
    "nightly": ("gateway.cli.nightly", "nightly"),
    "today": ("gateway.cli.today", "today"),
    "mail": ("gateway.cli.mail", "mail"),
    "pc": ("gateway.cli.pcs", "pc"),
    "line": ("gateway.cli.outages", "line"),
    "contract": ("gateway.cli.contracts", "contract"),
    "invoice": ("gateway.cli.invoices", "invoice"),
    "report": ("gateway.cli.reports", "report"),
    "reconcile": ("gateway.cli.reconcile", "reconcile"),
    "desk": ("gateway.cli.desk", "desk"),
    "facts": ("gateway.cli.facts", "facts"),
    "backup": ("gateway.cli.backups", "backup"),
    "restore": ("gateway.cli.restoring", "restore"),
    "lab": ("gateway.cli.lab", "lab"),
}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="cong")
def _cong() -> None:
    """Cổng: the captive-portal gateway of a small library.

    Exit codes: 0 done, 1 fault found or work failed, 2 wrong use or wrong configuration.
    """


def command_group() -> click.Group:
    """The whole command, for those who look into it (the documentation's tests)."""
    return _cong


def child() -> None:
    """Entry point of the gateway's own children (gateway.child): an error is told as JSON, the last line of stderr."""
    with contextlib.suppress(OSError):  # when memory runs out it is the child that goes, never the gateway
        Path("/proc/self/oom_score_adj").write_text("900", encoding="ascii")
    main(tell=lambda error: json.dumps(_tree(error), ensure_ascii=False))


def _tree(error: "GatewayError | FilterError") -> dict[str, object]:
    told = {name: getattr(error, name, "") for name in ("message", "where", "hint", "key")}
    return {**told, "values": dict(getattr(error, "values", {}))}


def main(tell: "Callable[[GatewayError | FilterError], str]" = lambda error: f"cong: {error}") -> None:
    """Entry point: errors meant for operators are printed with their hint, without a traceback."""
    gc.set_threshold(_GARBAGE_LEAST)
    # filters has a family of its own, for it knows nothing of the gateway; both carry message, where, hint
    from filters.errors import FilterError
    from gateway.errors import GatewayError

    try:
        # without standalone mode click hands back what a command left with
        sys.exit(_cong.main(prog_name="cong", standalone_mode=False))
    except (GatewayError, FilterError) as error:
        click.echo(tell(error), err=True)
        sys.exit(error.exit_code)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
