"""A power cut as store and kernel see it: the daemon gone without a word, the kernel's table gone, another boot."""

import os
import signal
import sqlite3
from contextlib import closing

from gateway.lab.driver import Lab


def in_store(lab: Lab, change: str) -> None:
    """What time would do to the store."""
    with closing(sqlite3.connect(lab.config.state.database, timeout=5)) as database:
        database.execute(change)
        database.commit()


def kill_gateway(lab: Lab) -> None:
    """Without a chance to write anything."""
    pid = lab.status()["gateway"]["pids"]["gateway"]
    os.kill(pid, signal.SIGKILL)
    lab.wait_until(lambda: lab.status()["gateway"]["pids"]["gateway"] is None, what="the gateway to be gone")


def power_returns(lab: Lab) -> None:
    """After `kill_gateway`: the machine boots."""
    lab.run("gw", ["nft", "delete", "table", "inet", "cong"])
    in_store(lab, "UPDATE sessions SET boot_id = 'the boot before' WHERE state = 'open'")
    last = "started_at = (SELECT max(started_at) FROM starts)"
    in_store(lab, f"UPDATE starts SET boot_id = 'the boot before' WHERE {last}")
    lab.restart("gateway")
