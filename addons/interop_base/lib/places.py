"""Where an instance may live, remembered beside the keyring and so outside every database.

The file ``<keyring>.places`` maps a place (``system identifier/database oid``) to the instance
that was armed there. A copy of the database that somebody carries to another server together
with a copy of the keyring finds no such line and stays silent. A folder that cannot be written
(a mounted secret) is fine: then nothing is remembered, and the instance says so.
"""

import contextlib
import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SUFFIX = ".places"


def _file(keyring_path: str) -> Path:
    return Path(keyring_path + SUFFIX)


def read(keyring_path: str) -> dict[str, str]:
    """All remembered places; none if there is no file or it makes no sense."""
    try:
        data = json.loads(_file(keyring_path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(data, dict):
        return {}
    return {str(place): str(instance) for place, instance in data.items()}


def remember(keyring_path: str, place: str, instance: str) -> bool:
    """Write down that ``instance`` lives at ``place``; False if the folder cannot be written."""
    return _change(keyring_path, place, instance)


def forget(keyring_path: str, place: str) -> bool:
    """Strike out a place."""
    return _change(keyring_path, place, None)


def _change(keyring_path: str, place: str, instance: str | None) -> bool:
    target = _file(keyring_path)
    try:
        with locked(target):
            known = read(keyring_path)
            if known.get(place) == instance:
                return True
            if instance is None:
                known.pop(place, None)
            else:
                known[place] = instance
            replace(target, known)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def locked(target: Path) -> Iterator[None]:
    """Nobody else changes the file meanwhile. Raises OSError if the folder cannot be written."""
    fd = os.open(f"{target}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def replace(target: Path, known: dict[str, Any]) -> None:
    """Replace the file in one step, so that nobody ever reads half of it."""
    fd, name = tempfile.mkstemp(dir=target.parent, prefix=target.name)
    try:
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            json.dump(known, file, indent=2, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
