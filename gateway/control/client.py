"""The commands' side of the operator's door."""

import http.client
import json
import socket
from pathlib import Path
from typing import Any

from gateway.errors import GatewayError

_PATIENCE_S = 15.0


class NotRunningError(GatewayError):
    """Nobody answers at the control socket."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            "the gateway is not running", where=str(path), hint="start it: systemctl start cong-gateway (or cong serve)"
        )


def ask(path: Path, method: str, target: str) -> Any:
    """The gateway's JSON answer to one request; NotRunningError when it is not there."""
    connection = _UnixConnection(path)
    try:
        connection.request(method, target)
        response = connection.getresponse()
        body = response.read()
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise NotRunningError(path) from error
    except PermissionError as error:
        raise GatewayError("the control socket is not for you", where=str(path), hint="use sudo") from error
    except OSError as error:
        raise GatewayError(f"the gateway does not answer: {error}", where=str(path), hint="see its log") from error
    finally:
        connection.close()
    if response.status != 200:
        raise GatewayError(f"the gateway answered {response.status}", where=target, hint="see its log")
    return json.loads(body)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=_PATIENCE_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_PATIENCE_S)
        self.sock.connect(str(self._path))
