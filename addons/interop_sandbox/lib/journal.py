"""The partner's own record of what reached it and what it sent: one JSON line each, on disk."""

from __future__ import annotations

import json
import os
import threading
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

REMEMBERED = 10_000


class Journal:
    """Appends lines and syncs each to disk before it returns, so a journalled order survives a
    crash of the partner. The newest lines can be asked for again."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab")
        self._lock = threading.Lock()
        self._lines: deque[dict[str, Any]] = deque(maxlen=REMEMBERED)

    def note(self, what: str, **facts: Any) -> None:
        line = {"ts": datetime.now(UTC).isoformat(timespec="milliseconds"), "what": what} | facts
        with self._lock:
            if self._file.closed:  # a late callback after the partner was stopped
                return
            self._file.write(json.dumps(line).encode() + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
            self._lines.append(line)

    def lines(self, key: str | None = None) -> list[dict[str, Any]]:
        with self._lock:
            return [line for line in self._lines if key is None or line.get("key") == key]

    def close(self) -> None:
        with self._lock:
            self._file.close()
