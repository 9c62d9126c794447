"""The box at one moment, for /metrics."""

import asyncio
import shutil
from collections import Counter
from datetime import datetime, time
from pathlib import Path

from gateway import __version__
from gateway.access.session import State
from gateway.clock import is_clock_set, local_day, process_age_s
from gateway.daemon.house import Built
from gateway.desk.measures import Measures
from gateway.store.dns_counts import SqliteDnsCounts


async def measured(house: Built) -> Measures:
    """Counted now; what the workers said within the last seconds is in."""
    config, zone = house.config, house.config.site.zone
    await house.counts.store()
    midnight = datetime.combine(local_day(house.clock.now(), zone), time.min, zone)
    counts = await SqliteDnsCounts(house.database).since(midnight)
    live = await house.gate.sessions.live_sessions()
    open_ = [each.session for each in live if each.session.state is State.OPEN]
    _, (up_bytes, down_bytes) = await house.carried.today()
    database = config.state.database
    files = [database, Path(f"{database}-wal")]
    sizes = await asyncio.to_thread(lambda: sum(file.stat().st_size for file in files if file.exists()))
    free = await asyncio.to_thread(shutil.disk_usage, database.parent)
    ages = [age for each in house.counts.workers() if isinstance(age := each["age_s"], int | float)]
    return Measures(
        __version__,
        config.site.code,
        process_age_s(),
        Counter((str(each.profile), str(each.kind)) for each in open_),
        {"up": up_bytes, "down": down_bytes},
        counts.sums,
        counts.refusals,
        ages,
        not house.line.is_down,
        is_clock_set(),
        {"unblock_requests": len(await house.requests.requests())},
        sizes,
        free.free,
    )
