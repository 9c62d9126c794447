"""cong timeline: why did the sign-in page not come up on this device?"""

import json
from typing import Any
from urllib.parse import quote

import click

from gateway.access.timeline import Moment, Step, since_last_on, stuck_at
from gateway.cli.options import config_option, json_option
from gateway.config.fields import Path
from gateway.config.load import load_config
from gateway.control.client import ask
from gateway.errors import GatewayError
from gateway.units import from_epoch_s

_SAYS = {
    Step.LEASE: "was given an address",
    Step.NAME: "asked for a name",
    Step.PROBE: "asked whether it is online, and was led to the portal",
    Step.WEB: "asked for a page by http, and was led to the portal",
    Step.API: "asked the captive-portal API",
    Step.PAGE: "was shown the first page",
    Step.REFUSED: "its form was refused",
    Step.OPENED: "session opened",
    Step.TRAFFIC: "first bytes of the session booked",
    Step.CLOSED: "session ended",
}
_HINTS = {
    Step.REFUSED: "its form was refused: see above why",
    Step.PAGE: "it was shown the page: the form was not sent",
    Step.PROBE: "it was led to the portal but did not fetch the page: the sheet was closed, or a VPN is on",
    Step.WEB: "only a browser asked, the device itself did not: its own check is off, or Private DNS is on",
    Step.API: "it asked the API but did not fetch the page: the sheet was closed, or a VPN is on",
    Step.NAME: "it asks for names but for no page: open http://{portal} by hand; is a VPN or Private DNS on?",
    Step.LEASE: "it has an address and asks nothing: switch its Wi-Fi off and on",
}


@click.command()
@click.argument("device", required=False)
@json_option
@config_option
def timeline(device: str | None, as_json: bool, config_path: Path) -> None:
    """Steps of a device (its MAC, or the address it has now) in the last day; without one, all that were seen.

    Kept in the gateway's memory only, without the names that were asked for.
    """
    config = load_config(config_path)
    told = ask(config.state.control_socket, "GET", f"/timeline/{quote(device, safe='')}" if device else "/timeline")
    if as_json:
        click.echo(json.dumps(told, indent=2))
        return

    def line(moment: dict[str, Any]) -> str:
        at = from_epoch_s(moment["at"]).astimezone(config.site.zone)
        detail = f": {moment['detail']}" if moment["detail"] else ""
        often = f" ({moment['count']} times)" if moment["count"] > 1 else ""
        return f"{at:%H:%M:%S}  {_SAYS[Step(moment['step'])]}{detail}{often}"

    if device is None:
        for each in told:
            click.echo(f"{each['mac']}  {line(each)}")
        click.echo(f"{len(told)} device{'s' if len(told) != 1 else ''}")
        return
    if not told["steps"]:
        hint = "cong timeline lists all; a device that was never seen is on another network, or its Wi-Fi is off"
        raise GatewayError(f"nothing was seen of {device} in the last day", hint=hint)
    for moment in told["steps"]:
        click.echo(line(moment))
    day = [Moment(from_epoch_s(each["at"]), Step(each["step"])) for each in told["steps"]]
    if Step.OPENED not in {each.step for each in since_last_on(day)}:
        stuck = stuck_at(day)
        said = _HINTS[stuck].format(portal=config.portal.hostname) if stuck else ""
        click.echo(f"not online yet: {said}" if said else "not online yet")
