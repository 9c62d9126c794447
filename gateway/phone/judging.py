"""What a device makes of the answer to its own question (portal.md S.6): raise the sign-in, or believe it is online.

Values only. In: a row of the table and the reply. Out: what is wrong, in words; empty: nothing.
"""

import base64

from gateway.phone.asking import Reply
from gateway.probe_table import Probe

NOT_TAKEN = ("TimeoutError", "ConnectionRefusedError")


def captive_fault(probe: Probe, reply: Reply, portal: str) -> str:
    """What would keep this device from raising its sign-in. `portal`: the URL it has to be led to."""
    if probe.https:  # dropped or reset as portal.https_before_login says; nobody may answer in another's name
        return "" if reply.get("failed") in NOT_TAKEN else "TLS is answered"
    if "failed" in reply:
        return f"no answer: {reply['failed']}"
    headers, body = reply["headers"], base64.b64decode(reply["body"])
    faults = {
        f"status {reply['status']}": reply["status"] == 302,
        f"leads to {headers.get('location')}": headers.get("location") == portal,  # a probe is nobody's wish
        f"{len(body)} bytes": 4 < len(body) < 1024,
        "may be cached": headers.get("cache-control") == "no-store",
        "is kept alive": headers.get("connection") == "close",
    }
    return ", ".join(fault for fault, good in faults.items() if not good)


def online_fault(probe: Probe, reply: Reply, portal: str) -> str:
    """What would keep this device from believing that it is online."""
    if "failed" in reply:
        return f"no answer: {reply['failed']}"
    body = base64.b64decode(reply["body"])
    if reply["headers"].get("location", "").startswith(portal):
        return STILL_LED
    if probe.status is not None and reply["status"] != probe.status:
        return f"status {reply['status']}"
    if probe.body is not None and body != probe.body:
        return f"body {body[:80]!r}"
    if probe.header and reply["headers"].get(probe.header[0].lower()) != probe.header[1]:
        return f"no {probe.header[0]}"
    return ""


STILL_LED = "still led to the portal"
"""The one online fault that is the portal's own."""
