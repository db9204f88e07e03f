"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import psycopg2
from interop_setup.server import Server

from .house import House


def facts(server: Server) -> dict[str, Any]:
    """Facts about the machine and the versions, for the JSON."""
    return {
        "cores": os.cpu_count(),
        "processor": _first(r"^model name\s*: (.+)$", Path("/proc/cpuinfo")),
        "memory_mb": int(_first(r"^MemTotal:\s+(\d+)", Path("/proc/meminfo")) or 0) // 1024,
        "kernel": platform.release(),
        "load_at_start": [round(load, 2) for load in os.getloadavg()],
        "python": platform.python_version(),
        "odoo": server.odoo.version,
        "revision": _revision(server.layout.checkout),
    }


def facts_of_sides(house: House, database: str, queue_job: str) -> dict[str, Any]:
    """The same about the database and the other side, where they take part."""
    [(postgres,)] = house.rows(database, "SHOW server_version")
    [(commit,)] = house.rows(database, "SHOW synchronous_commit")
    return {
        "commit_ms": round(_commit_ms(house.dsn(database)), 3),
        "postgresql": postgres,
        "synchronous_commit": commit,
        "queue_job": queue_job,
    }


def _first(pattern: str, path: Path) -> str:
    found = re.search(pattern, path.read_text(), re.MULTILINE)
    return found[1] if found else ""


def _commit_ms(dsn: str, count: int = 200) -> float:
    """What one small commit costs here: most of it is the disk."""
    connection = psycopg2.connect(dsn)
    try:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE interop_bench_commit (id int)")
            connection.commit()
            started = time.monotonic()
            for number in range(count):
                cursor.execute("INSERT INTO interop_bench_commit VALUES (%s)", [number])
                connection.commit()
            seconds = time.monotonic() - started
            cursor.execute("DROP TABLE interop_bench_commit")
            connection.commit()
    finally:
        connection.close()
    return seconds / count * 1000


def _revision(checkout: Path) -> str:
    asked = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=checkout, capture_output=True, text=True
    )
    return asked.stdout.strip()
