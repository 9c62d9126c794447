"""cong certificate: what a phone would say of the portal's certificate."""

import json
from datetime import datetime

import click

from gateway.certificate import RENEW_BEFORE_S, Verdict, examine
from gateway.cli.options import config_option, json_option
from gateway.clock import SystemClock
from gateway.config.fields import Path
from gateway.config.load import load_config
from gateway.config.model import Config
from gateway.errors import GatewayError
from gateway.units import epoch_s, from_epoch_s


def portal_verdict(config: Config) -> Verdict | None:
    """Of the configured certificate; None when there is none."""
    portal = config.portal
    if portal.certificate is None or portal.certificate_key is None:
        return None
    return examine(portal.certificate, portal.certificate_key, portal.hostname, portal.certificate_authority)


@click.command()
@json_option
@config_option
def certificate(as_json: bool, config_path: Path) -> None:
    """Judge the portal's certificate as a phone does; exit code 1 when it is not announced, or ends within 14 days."""
    config = load_config(config_path)
    verdict = portal_verdict(config)
    if verdict is None:
        hint = "set portal.certificate and portal.certificate_key; README, A certificate for the portal, says how"
        raise GatewayError("there is no certificate: devices find the portal by its redirect alone", hint=hint)
    ends = from_epoch_s(verdict.not_after_s).astimezone(config.site.zone) if verdict.not_after_s else None
    if as_json:
        click.echo(json.dumps(_as_json(verdict, config.portal.hostname, ends), indent=2))
    elif verdict.is_valid and ends:
        click.echo(f"{config.portal.hostname}: good until {ends:%Y-%m-%d %H:%M}; names: {', '.join(verdict.names)}")
    if not verdict.is_valid:
        raise GatewayError(f"it is not announced: {verdict.why}", where=config.portal.hostname, hint=verdict.hint)
    if (verdict.not_after_s or 0) - epoch_s(SystemClock().now()) < RENEW_BEFORE_S:
        raise GatewayError("it ends within 14 days", where=config.portal.hostname, hint="renew it; see the same place")


def _as_json(verdict: Verdict, hostname: str, ends: datetime | None) -> dict[str, str | bool | list[str] | None]:
    """Keys: hostname, valid, why, hint, names, not_after."""
    return {
        "hostname": hostname,
        "valid": verdict.is_valid,
        "why": verdict.why,
        "hint": verdict.hint,
        "names": list(verdict.names),
        "not_after": ends.isoformat(timespec="seconds") if ends else None,
    }
