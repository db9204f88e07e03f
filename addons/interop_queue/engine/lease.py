"""For how long a lane has a message in its hands."""

import os

_SHORTEST = 2.0


def lease_seconds() -> float:
    """How long a lane may have a message in its hands; the reaper takes back what is older.

    Longer than the longest exchange and its preparation. INTEROP_LEASE shortens it for tests of
    faults, and for operators whose partners all answer quickly.
    """
    try:
        return max(float(os.environ.get("INTEROP_LEASE", "")), _SHORTEST)
    except ValueError:
        return 180.0
