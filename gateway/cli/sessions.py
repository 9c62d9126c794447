"""cong sessions, cong session end."""

import asyncio
import json
from typing import Any

import click

from gateway.access.session import SessionId
from gateway.cli.options import config_option, json_option
from gateway.clock import SystemClock
from gateway.config.fields import Path
from gateway.config.load import load_config
from gateway.config.model import Config
from gateway.control.client import NotRunningError, ask
from gateway.control.lines import SessionLine, session_line
from gateway.errors import GatewayError, UsageError
from gateway.units import from_epoch_s, show_bytes


@click.command()
@config_option
@json_option
def sessions(config_path: Path, as_json: bool) -> None:
    """Live sessions with their bytes as of now.

    While the gateway is down the last booked figures are shown, and it is said.
    """
    config = load_config(config_path)
    try:
        lines = ask(config.state.control_socket, "GET", "/sessions")
    except NotRunningError as error:
        click.echo(f"note: {error.message}; these are the last booked figures ({error.hint})", err=True)
        lines = asyncio.run(_booked(config))
    if as_json:
        click.echo(json.dumps(lines, indent=2))
        return
    click.echo(f"{'ID':>6}  {'device':17}  {'profile':8}  {'left':>7}  {'up':>10}  {'down':>10}  state")
    for line in lines:
        left = f"{line['left_s'] // 60} min"
        up, down = show_bytes(line["up_bytes"]), show_bytes(line["down_bytes"])
        state = line["state"]
        if line["long_udp_flows"]:
            state = f"{state}; {line['long_udp_flows']} long UDP (VPN or call)"
        click.echo(f"{line['id']:>6}  {line['mac']:17}  {line['profile']:8}  {left:>7}  {up:>10}  {down:>10}  {state}")
    click.echo(f"{len(lines)} session{'s' if len(lines) != 1 else ''}")


@click.group()
def session() -> None:
    """One session."""


@session.command("end")
@click.argument("number", type=click.IntRange(1))
@config_option
def session_end(number: int, config_path: Path) -> None:
    """End a session; its running downloads are cut."""
    config = load_config(config_path)
    answer = ask(config.state.control_socket, "POST", f"/sessions/{SessionId(number)}/end")
    if not answer["ended"]:
        raise GatewayError(f"there is no open session {number}", hint="cong sessions lists them")
    click.echo(f"session {number} ended")


@session.command("extend")
@click.argument("number", type=click.IntRange(1))
@click.option("--minutes", type=click.IntRange(0, 1440), default=0, help="More time.")
@click.option("--megabytes", type=click.IntRange(0, 10**6), default=0, help="More data, where the session has a cap.")
@config_option
def session_extend(number: int, minutes: int, megabytes: int, config_path: Path) -> None:
    """Give a session more time or data; never past what else would end it: 24 hours, the day's limit, a voucher."""
    if not minutes and not megabytes:
        raise UsageError("nothing to give", hint="--minutes 30, or --megabytes 500")
    config = load_config(config_path)
    asked = f"/sessions/{SessionId(number)}/extend?seconds={minutes * 60}&bytes={megabytes * 1_000_000}"
    _unless_refused(number, answer := ask(config.state.control_socket, "POST", asked))
    data = f", {show_bytes(answer['total_bytes'])} in all" if answer["total_bytes"] is not None else ""
    click.echo(f"session {number} lasts {answer['session_s'] // 60} min in all{data}")


@session.command("profile")
@click.argument("number", type=click.IntRange(1))
@click.argument("profile")
@config_option
def session_profile(number: int, profile: str, config_path: Path) -> None:
    """End a session and let its device in again under PROFILE: what it has used stays used."""
    config = load_config(config_path)
    if profile not in config.dns.profiles:
        raise UsageError(f"there is no profile {profile}", hint=f"known: {', '.join(config.dns.profiles)}")
    _unless_refused(number, answer := ask(config.state.control_socket, "POST", f"/sessions/{number}/profile/{profile}"))
    click.echo(f"session {number} ended; its device goes on with {profile}: session {answer['id']}")


_REFUSED = {
    "session_over": ("there is no open session {number}", "cong sessions lists them"),
    "extend_changed": ("session {number} was changed meanwhile", "look again: cong sessions"),
    "extend_no_cap": ("session {number} has no cap of data", "give it time: --minutes"),
    "extend_server": ("session {number} is its account server's to lengthen", "the server can send a CoA-Request"),
    "extend_exempt": ("session {number} is an exempt device's: it has no end", "cong devices lists them"),
    "extend_longest": ("a session lasts a day at most: {least} min more are possible", "sign in anew after it"),
    "extend_day": ("the day's limit of its profile leaves {least} min more", "see login.limits, or change the profile"),
    "extend_day_bytes": ("the day's limit of its profile leaves {least} MB more", "see login.limits"),
    "extend_voucher": ("its voucher leaves {least} min more", "hand out another: cong voucher create"),
    "extend_voucher_bytes": ("its voucher leaves {least} MB more", "hand out another: cong voucher create"),
    "reprofile_server": ("its account server says the profile of session {number}", "change it there"),
    "reprofile_exempt": ("session {number} is an exempt device's", "cong device exempt MAC --profile changes it"),
    "reprofile_spent": ("nothing is left under that profile today", "see login.limits"),
    "reprofile_ended": ("session {number} ended, and its device was not let in again", "it can sign in as before"),
    "barred": ("the device of session {number} is barred", "cong devices lists them"),
}


def _unless_refused(number: int, answer: dict[str, Any]) -> None:
    if problem := answer["problem"]:
        said, hint = _REFUSED.get(problem, (problem, ""))
        raise GatewayError(said.format(number=number, least=answer["least"]), hint=hint)


@session.command("code")
@click.argument("number", type=click.IntRange(1), required=False)
@config_option
def session_code(number: int | None, config_path: Path) -> None:
    """A code to go on with a session on a phone that changed its MAC; without NUMBER, those that may go on.

    The patron types it at the portal within ten minutes; it works once.
    """
    config = load_config(config_path)
    if number is None:
        for each in ask(config.state.control_socket, "GET", "/resumable"):
            opened = from_epoch_s(each["opened_at"]).astimezone(config.site.zone)
            state = each["cause"] or each["state"]
            click.echo(f"{each['id']:>6}  since {opened:%H:%M}  {each['method']:8}  {each['profile']:8}  {state}")
        return
    answer = ask(config.state.control_socket, "POST", f"/sessions/{SessionId(number)}/code")
    if answer["problem"] == "full":
        raise GatewayError("too many codes are out", hint="they end after ten minutes")
    if answer["code"] is None:
        raise GatewayError(f"session {number} can't go on", hint="cong session code lists those that can")
    click.echo(f"{answer['code']}  for session {number}, {answer['life_s'] // 60} minutes")


async def _booked(config: Config) -> list[SessionLine]:
    from gateway.access.session import left_s
    from gateway.flows.listing import LiveSession
    from gateway.store.db import Database, require_file
    from gateway.store.sessions import SqliteSessions

    require_file(config.state.database)
    async with Database.opened(config.state.database) as database:
        booked = await SqliteSessions(database).live_sessions()
    boot_s = SystemClock().boot_s()
    return [
        session_line(LiveSession(b.session, left_s(b.session, boot_s), b.total_up_bytes, b.total_down_bytes))
        for b in booked
    ]
