"""What a device makes of the answer to its own question (portal.md S.6): raise the sign-in, or believe it is online.

Values only. In: a row of the table and the reply. Out: what is wrong; empty: nothing.
"""

import base64

from gateway.phone.asking import Reply
from gateway.phone.findings import Why, why
from gateway.probe_table import Probe

NOT_TAKEN = ("TimeoutError", "ConnectionRefusedError")


def captive_fault(probe: Probe, reply: Reply, portal: str) -> list[Why]:
    """What would keep this device from raising its sign-in. `portal`: the URL it has to be led to."""
    if probe.https:  # dropped or reset as portal.https_before_login says; nobody may answer in another's name
        return [] if reply.get("failed") in NOT_TAKEN else [why("tls_answered")]
    if "failed" in reply:
        return [why("no_answer", reply["failed"])]
    headers, body = reply["headers"], base64.b64decode(reply["body"])
    judged = (
        (why("status", reply["status"]), reply["status"] == 302),
        (why("leads", headers.get("location")), headers.get("location") == portal),  # a probe is nobody's wish
        (why("bytes", len(body)), 4 < len(body) < 1024),
        (why("cached"), headers.get("cache-control") == "no-store"),
        (why("kept_alive"), headers.get("connection") == "close"),
    )
    return [fault for fault, good in judged if not good]


def online_fault(probe: Probe, reply: Reply, portal: str) -> list[Why]:
    """What would keep this device from believing that it is online."""
    if "failed" in reply:
        return [why("no_answer", reply["failed"])]
    body = base64.b64decode(reply["body"])
    if reply["headers"].get("location", "").startswith(portal):
        return [why(STILL_LED)]
    if probe.status is not None and reply["status"] != probe.status:
        return [why("status", reply["status"])]
    if probe.body is not None and body != probe.body:
        return [why("body", repr(body[:80]))]
    if probe.header and reply["headers"].get(probe.header[0].lower()) != probe.header[1]:
        return [why("header", probe.header[0])]
    return []


def answered(reply: Reply) -> Why:
    """What came in the place of the page that was wanted."""
    return why("no_answer", reply["failed"]) if reply.get("failed") else why("status", reply.get("status"))


STILL_LED = "still_led"
"""The one online fault that is the portal's own."""
