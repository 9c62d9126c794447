"""The phone's process: it leaves the box's network, waits for the cable, walks, tells each finding as a line of JSON.

    python -m gateway.phone.device

Standard input: the Errand as JSON in one line, then "go" when the cable is in. Standard output: "ready", then findings.
"""

import json
import sys

from gateway.errors import GatewayError
from gateway.phone.findings import Errand
from gateway.phone.network import enter_own_network, links_up
from gateway.phone.walk import Walk

READY, GO = "ready", "go"


def main() -> None:
    """Run to the end of the walk."""
    errand = Errand(**json.loads(sys.stdin.readline()))
    enter_own_network()
    _say(READY)
    if sys.stdin.readline().strip() != GO:
        return
    links_up()
    Walk(errand, lambda finding: _say(json.dumps(finding.as_json()))).go()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main()
    except GatewayError as error:
        sys.exit(f"{error}")
