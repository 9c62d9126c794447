"""The fake Internet's programs, each a process in the ISP's namespace: python -m gateway.lab.isp web|dns|udp …"""

import importlib
import sys


def main(service: str, arguments: list[str]) -> None:
    """Run one service until it is ended; only its own libraries are loaded."""
    importlib.import_module(f"gateway.lab.isp_{service}").main(arguments)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
