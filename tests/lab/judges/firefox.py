"""Debian's Firefox ESR on a part of the lab, with its own default for DoH: on, unless the network asks it not to be.

Its rollout is by country and comes from its maker's servers, which the lab has not: the preferences it would set are
given by hand. What it decided stands in its profile (toolkit/components/doh/DoHController.sys.mjs).
"""

import re
from pathlib import Path

from gateway.lab.driver import Lab
from tests.lab.judges.programs import running, said, scratch

# It believes the canary only if these two resolve (DoHHeuristics.sys.mjs: globalCanary)
CHECKED_NAMES = ("firefox.com", "mozilla.org")
_PREFERENCES = {
    "doh-rollout.enabled": "true",
    "doh-rollout.home-region": '"US"',
    "doh-rollout.provider-list": r'"[{\"id\":\"judged\",\"uri\":\"https://dns.google/dns-query\"}]"',
    "datareporting.policy.dataSubmissionEnabled": "false",
}


def doh_mode(lab: Lab, part: str) -> int:
    """What Firefox decided by itself on this network: 2 is DoH, 0 the network's own resolver."""
    with scratch() as directory:
        lines = [f'user_pref("{name}", {value});\n' for name, value in _PREFERENCES.items()]
        (directory / "user.js").write_text("".join(lines), encoding="ascii")
        browser = ["firefox-esr", "--headless", "--no-remote", "--profile", str(directory), "about:blank"]
        more = {"HOME": str(directory), "MOZ_CRASHREPORTER_DISABLE": "1"}
        log = directory / "log"
        with running([*lab.inside(part), *browser], log, more=more):
            found = lab.wait_until(
                lambda: _decided(directory / "prefs.js"), 40, f"Firefox's choice; it said: {said(log)}"
            )
            return int(found)


def _decided(preferences: Path) -> str:
    text = preferences.read_text(encoding="utf-8") if preferences.exists() else ""
    found = re.search(r'"doh-rollout\.mode", (\d)', text)
    return found[1] if found else ""
