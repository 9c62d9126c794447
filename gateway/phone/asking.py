"""Asks what a device asks, from where it is: HTTP/1.1, one connection a question, no redirect followed.

    python -m gateway.phone.asking < questions.json

Standard input: a JSON list of Question. Standard output: a JSON list of Reply, headers by lower-case name, the body in
base64, or the name of the error. An empty address is looked up by the host's name in the given family.
"""

import base64
import http.client
import json
import socket
import ssl
import sys
from typing import NotRequired, TypedDict

_PATIENCE_S = 2.0


class Question(TypedDict):
    """One request."""

    address: str
    family: int
    https: bool
    host: str
    target: str
    agent: str
    form: NotRequired[str]
    """A body that is posted, with the Origin a browser adds."""


class Reply(TypedDict, total=False):
    """What came back."""

    failed: str
    status: int
    headers: dict[str, str]
    body: str
    to: str


def reply_to(question: Question, patience_s: float = _PATIENCE_S) -> Reply:
    """Ask it; an answer that does not come is a reply too."""
    try:
        address = question["address"] or _address(question["host"], question["family"])
        link = http.client.HTTPConnection(address, 443 if question["https"] else 80, timeout=patience_s)
        link.connect()
        if question["https"]:  # who vouches for the name is judged elsewhere; what is judged here is the answer
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            link.sock = context.wrap_socket(link.sock, server_hostname=question["host"])
        posted = question.get("form")
        link.putrequest(
            "GET" if posted is None else "POST", question["target"], skip_host=True, skip_accept_encoding=True
        )
        link.putheader("Host", question["host"])
        if question["agent"]:
            link.putheader("User-Agent", question["agent"])
        if posted is not None:
            link.putheader("Origin", f"{'https' if question['https'] else 'http'}://{question['host']}")
            link.putheader("Content-Type", "application/x-www-form-urlencoded")
            link.putheader("Content-Length", str(len(posted)))
        link.endheaders(posted.encode("ascii") if posted else None)
        answer = link.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        body = base64.b64encode(answer.read()).decode()
        link.close()
    except (OSError, http.client.HTTPException) as error:
        return {"failed": type(error).__name__}
    return {"status": answer.status, "headers": headers, "body": body, "to": address}


def _address(host: str, family: int) -> str:
    wanted = socket.AF_INET6 if family == 6 else socket.AF_INET
    return str(socket.getaddrinfo(host, 80, wanted, socket.SOCK_STREAM)[0][4][0])


if __name__ == "__main__":
    json.dump([reply_to(question) for question in json.load(sys.stdin)], sys.stdout)
