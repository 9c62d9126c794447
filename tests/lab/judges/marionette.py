"""A bridge into a client's namespace: `python marionette.py` there speaks Marionette to Firefox on its loopback.

A line of JSON in is a command, [name, parameters]; a line out is what came back: [error or null, result].
Frames of the protocol are a decimal length, a colon, and JSON (remote/marionette/transport.sys.mjs).
"""

import json
import socket
import sys
from typing import Any

PORT = 2828
_WITHIN_S = 30


def _frame(link: socket.socket) -> Any:
    size = b""
    while (digit := link.recv(1)) != b":":
        if not digit:
            raise ConnectionError("Firefox closed the connection")
        size += digit
    body = b""
    while len(body) < int(size):
        part = link.recv(int(size) - len(body))
        if not part:
            raise ConnectionError("Firefox closed the connection")
        body += part
    return json.loads(body)


def _main() -> None:
    with socket.create_connection(("127.0.0.1", PORT), _WITHIN_S) as link:
        _frame(link)  # its greeting
        for number, line in enumerate(sys.stdin, 1):
            name, parameters = json.loads(line)
            text = json.dumps([0, number, name, parameters])
            link.sendall(f"{len(text.encode())}:{text}".encode())
            _, answered, error, result = _frame(link)
            assert answered == number
            print(json.dumps([error, result]), flush=True)


if __name__ == "__main__":
    _main()
