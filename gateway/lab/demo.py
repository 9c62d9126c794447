"""One client walked through the portal before somebody's eyes; each step is a real command whose answer is checked."""

import subprocess
from pathlib import Path

from gateway.config.load import load_config
from gateway.config.model import Config
from gateway.errors import GatewayError
from gateway.lab import netns, processes
from gateway.lab.daemons import cong
from gateway.lab.names import GAME_SITE, STUDY_SITE, WEB_NAMES
from gateway.lab.patron import Answer, Patron
from gateway.lab.plan import DESK_USER, GATEWAY, STAFF_GATEWAY_IPV4, ClientPlan
from gateway.lab.state import Files

_SITE = WEB_NAMES[0]
_SITE_URL = f"http://{_SITE}/"
_PROBE_URL = "http://connectivitycheck.gstatic.com/generate_204"
_CLIENT = ClientPlan(1)


def walk(files: Files) -> None:
    """The whole way of client c1; GatewayError at the first answer that is not as it should be."""
    portal = load_config(files.config).portal.hostname
    patron = Patron(netns.inside(_CLIENT.netns), _say_request)

    _headline(f"{_CLIENT.name}, a phone, has joined the library's Wi-Fi and asked for addresses")
    _shown(_CLIENT.netns, ["ip", "-brief", "address", "show", "dev", "eth0"])
    _shown(_CLIENT.netns, ["cat", "/etc/resolv.conf"])

    _headline("Its system asks whether it is online (Android's check); the gateway sends it to the portal")
    answer = patron.get(_PROBE_URL)
    _expect(answer.status == 302 and portal in answer.location, "the check is answered with 302 to the portal", answer)

    _headline(f"The patron opens {_SITE_URL}: not the site, but the sign-in page")
    page, form = patron.splash(_SITE_URL)
    _expect(page.title != _SITE, "the site itself did not come", page)
    print(f"    The page's form goes to {form.action}, with: {', '.join(name for name, _ in form.fields)}")

    _headline("The patron accepts the terms (the form is sent)")
    status_page = patron.send(page, form)
    _expect(status_page.status == 200, "a page says that one is online", status_page)

    _headline(f"{_SITE_URL} again: now the site itself; and the system's check is content")
    site = patron.get(_SITE_URL)
    _expect(site.status == 200 and site.title == _SITE, f"the page of {_SITE} came", site)
    online = patron.get(_PROBE_URL)
    _expect(online.status == 204, "the check got its 204", online)

    _headline(f"A study site resolves, a pay-to-play game site is refused with its reason ({GAME_SITE})")
    _shown(_CLIENT.netns, ["dig", "+short", STUDY_SITE])
    refused = _shown(_CLIENT.netns, ["dig", "+noall", "+comments", GAME_SITE])
    _expect("EDE" in refused, "the refusal carries an extended DNS error (RFC 8914)", None)

    _headline("The library's own view: who is on")
    _shown(GATEWAY, cong("sessions", "--config", str(files.config)))


def tell_more(files: Files, relayed: int | None) -> None:
    """Where to go from here; `relayed`: the port of this machine that leads to the desk."""
    config = load_config(files.config)
    print(
        f"""
The lab stays up until Ctrl-C.
  portal   http://{config.portal.hostname}/ (as clients see it)
  desk     {_desk_address(config, relayed)}, user {DESK_USER}, password {files.desk_password.read_text().strip()}
  files    {files.directory}
Try, in another terminal:
  cong lab status
  cong lab exec c2 -- curl -i {_SITE_URL}
  cong lab exec c1 -- iperf3 -c 198.51.100.10 -R
  cong lab exec gw -- cong sessions --config {files.config}
  cong lab exec gw -- nft list table inet cong
  tail -f {files.log("gateway")}""",
        flush=True,
    )


def _desk_address(config: Config, relayed: int | None) -> str:
    if relayed:
        return f"http://127.0.0.1:{relayed}/"
    return f"http://{STAFF_GATEWAY_IPV4}:{config.desk.port}/ (from the staff PC: cong lab exec staff -- ...)"


def _headline(text: str) -> None:
    print(f"\n== {text}", flush=True)


def _say_request(command: list[str], answer: Answer) -> None:
    print(f"  {_CLIENT.name}$ {_shell(command)}")
    where = f"  Location: {answer.location}" if answer.location else ""
    title = f"  title: {answer.title}" if answer.title else ""
    print(f"    -> {answer.status}{where}{title}", flush=True)


def _shown(where: str, command: list[str]) -> str:
    name = where.removeprefix("cong-")
    print(f"  {name}$ {_shell([Path(command[0]).name, *command[1:]])}", flush=True)
    done = subprocess.run(
        [*netns.inside(where), *command],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env=processes.ENVIRONMENT,
    )
    text = done.stdout.strip() or done.stderr.strip()
    print("\n".join(f"    {line}" for line in text.splitlines()), flush=True)
    if done.returncode:
        raise GatewayError(f"exit code {done.returncode}", where=_shell(command))
    return text


def _shell(command: list[str]) -> str:
    return " ".join(f"'{word}'" if set(word) & set(" &?%;'") else word for word in command)


def _expect(holds: bool, what: str, answer: Answer | None) -> None:
    if not holds:
        got = f"; it was: status {answer.status}, {answer.location or answer.title}" if answer else ""
        raise GatewayError(f"expected that {what}{got}", where="demo", hint="look into the logs of the lab's directory")
    print(f"    ok: {what}", flush=True)
