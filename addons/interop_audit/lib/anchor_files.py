"""Anchors in a file that grows, and in a folder with one file per seal (a mounted WORM folder)."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from .anchoring import TARGETS, AnchorError, Line

#: A line is about one kilobyte long; what is read back is bounded whatever the file holds.
LINE_AT_MOST: Final = 4096
OTHER_NAMES: Final = 9


def _sentence(error: OSError, place: str) -> AnchorError:
    return AnchorError(f"{place}: {error.strerror or type(error).__name__}.")


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _sync_folder(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


class FileTarget:
    """Appends lines to one file. The file may be one that can only be appended to (``chattr +a``).

    What an earlier try left half written (a full disk) is ended by an end of line, so that every
    line is either whole or alone on its line, where readers pass over it.
    """

    code = "file"
    label = "File"

    def append(self, place: str, lines: Sequence[Line]) -> None:
        data = "".join(f"{line.text}\n" for line in lines).encode("ascii")
        try:
            self._add(Path(place), data)
        except OSError as error:
            raise _sentence(error, place) from error

    def _add(self, path: Path, data: bytes) -> None:
        is_new = not path.exists()
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
        fd = os.open(path, flags, 0o640)
        try:
            size = os.fstat(fd).st_size
            if size and os.pread(fd, 1, size - 1) != b"\n":
                data = b"\n" + data
            _write_all(fd, data)
            os.fsync(fd)
        finally:
            os.close(fd)
        if is_new:
            _sync_folder(path.parent)

    def tail(self, place: str, instance: str, count: int) -> list[str] | None:
        try:
            with open(place, "rb") as file:
                size = file.seek(0, os.SEEK_END)
                begin = max(0, size - count * LINE_AT_MOST)
                file.seek(begin)
                lines = file.read().split(b"\n")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _sentence(error, place) from error
        if begin:
            del lines[0]  # most likely half of one
        # Without its end of line the last one is not whole.
        return [line.decode("ascii", "replace") for line in lines[:-1]][-count:]


class FolderTarget:
    """One new, read-only file per seal. Nothing there is ever opened for writing a second time.

    A file that an earlier try left half written stays, as it must in a folder that keeps all that
    was ever written; the seal gets a second name then. The name holds a digest: a
    database that was restored makes other seals of the same numbers, and both are kept.
    """

    code = "folder"
    label = "Folder"

    def append(self, place: str, lines: Sequence[Line]) -> None:
        folder = Path(place)
        try:
            for line in lines:
                self._put(folder, line)
            _sync_folder(folder)
        except OSError as error:
            raise _sentence(error, place) from error

    def _put(self, folder: Path, line: Line) -> None:
        data = f"{line.text}\n".encode("ascii")
        for number in range(OTHER_NAMES):
            path = folder / _name(line, number)
            try:
                fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o440)
            except FileExistsError:
                there = path.read_bytes()
                if there == data:
                    return
                if data.startswith(there):
                    continue
                raise AnchorError(f"{path} was changed. It is not touched.") from None
            try:
                _write_all(fd, data)
                os.fchmod(fd, 0o440)
                os.fsync(fd)
            finally:
                os.close(fd)
            return
        raise AnchorError(f"{folder}: seal {line.number} was left half written too often.")

    def tail(self, place: str, instance: str, count: int) -> list[str] | None:
        try:
            with os.scandir(place) as entries:
                names = sorted(
                    entry.name for entry in entries if entry.name.startswith(f"seal-{instance}-")
                )
            return [
                (Path(place) / name).read_text(encoding="ascii", errors="replace").rstrip("\n")
                for name in names[-count:]
            ]
        except OSError as error:
            raise _sentence(error, place) from error


def _name(line: Line, number: int) -> str:
    digest = hashlib.sha256(line.text.encode()).hexdigest()[:16]
    again = f".{number + 1}" if number else ""
    return f"seal-{line.instance}-{line.number:012d}-{digest}{again}.json"


TARGETS.register(FileTarget.code, FileTarget())
TARGETS.register(FolderTarget.code, FolderTarget())
