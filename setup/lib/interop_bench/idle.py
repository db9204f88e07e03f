"""What a hub costs on which nothing happens."""

from __future__ import annotations

import os
import time
from pathlib import Path

from .figures import Goal, median, rounds
from .measures import Bench, Figures, measure

_CONNECTORS = 100
#: A worker that has just begun compiles plans and works out windows.
_SETTLES = 10.0


@measure(
    "idle_cpu_share",
    "100 connectors with 100 flows idle: share of a core",
    "",
    Goal(0.01, 0.005, lower=True),
)
def idle(bench: Bench) -> Figures:
    """The processor time of a dedicated worker and of all of PostgreSQL, over that of the clock."""
    ours, sizes = bench.ours, bench.sizes
    ours.agent.call("make_idle", number=_CONNECTORS)
    bench.house.tidy(ours.database)
    postmaster = bench.house.server.cluster.pid()
    shares, workers, databases = [], [], []
    for _round in range(sizes.rounds):
        with ours.working(1) as pids:
            time.sleep(_SETTLES)
            before = _seconds(pids[0]), _tree(postmaster)
            began = time.monotonic()
            time.sleep(float(sizes.idle))
            took = time.monotonic() - began
            worker = (_seconds(pids[0]) - before[0]) / took
            database = (_tree(postmaster) - before[1]) / took
        workers.append(worker)
        databases.append(database)
        shares.append(worker + database)
    raw = {
        "share": rounds(shares),
        "worker": rounds(workers),
        "postgresql": rounds(databases),
        "connectors": _CONNECTORS,
        "flows": _CONNECTORS,
        "seconds": sizes.idle,
    }
    return {"idle_cpu_share": (median(shares), raw)}


_TICKS = os.sysconf("SC_CLK_TCK")


def _seconds(pid: int) -> float:
    """Processor seconds of a process, and of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(each) for each in fields[11:15]) / _TICKS


def _tree(postmaster: int) -> float:
    """Of PostgreSQL: what has ended meanwhile is counted by its parent."""
    total = _seconds(postmaster)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[1]) == postmaster:
                    total += _seconds(int(entry.name))
            except (FileNotFoundError, ProcessLookupError):
                continue  # it has ended just now
    return total
