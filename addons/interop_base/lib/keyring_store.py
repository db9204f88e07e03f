"""Where a keyring lies: a file that is ours to write, or a folder of mounted secrets that is not.

A folder, as containers get it, holds one file for each key, base64 in each::

    current                     k2
    digest_root                 <32 bytes>
    k1, k2                      <32 bytes>
    period.standard.2026-11     <32 bytes>
    destroyed                   names of destroyed keys, a line each (may be missing)
"""

import binascii
import contextlib
import fcntl
import os
import stat
import tempfile
from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Protocol

from .keyring import DIGEST_ROOT, Keyring, KeyringError, is_version
from .keyring_contents import Contents, Key, decoded

_PERIOD_PREFIX = "period."
_CURRENT, _DESTROYED = "current", "destroyed"
_LARGEST = 4096


class Store(Protocol):
    """A place of a keyring."""

    look_every: float
    """Seconds after which it is worth looking whether something changed."""

    @property
    def writable(self) -> bool:
        """Whether :meth:`changing` may work."""

    def signature(self) -> Hashable:
        """Another one whenever the keyring may have changed. Raises OSError if it is away."""

    def contents(self) -> Contents:
        """Raises :class:`KeyringError`, which says what is wrong and never what is in it."""

    def changing(self) -> contextlib.AbstractContextManager[Contents]:
        """Give the contents to be changed, and write them if the block ends well."""

    def exposed(self) -> bool:
        """Whether other users of the server can read it."""


def store_at(path: str | os.PathLike[str]) -> Store:
    """The keyring at this place, be it a file or a folder."""
    return FolderStore(Path(path)) if os.path.isdir(path) else FileStore(Path(path))


def load(path: str | os.PathLike[str]) -> Keyring:
    """Read a keyring; :class:`KeyringError` says what is wrong, never what it contains."""
    return store_at(path).contents().keyring()


def create(path: str | os.PathLike[str]) -> Keyring:
    """Make a new keyring file with one version, readable by its owner only. Never overwrites."""
    contents = Contents.fresh()
    target = Path(path)
    with _locked(target):
        if os.path.lexists(target):
            raise KeyringError(
                "There is a file at this place already. It was left as it is: overwriting a "
                "keyring would make everything sealed with it unreadable."
            )
        _replace(target, contents.to_text())
    return contents.keyring()


class FileStore:
    """One JSON file. Written in one step and under a lock, by whichever process needs to."""

    look_every = 0.0

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def writable(self) -> bool:
        # The file is replaced, so it is the folder that must let us. Root may always, so ask for
        # a mount that is read-only as well.
        return os.access(self._path.parent, os.W_OK) and os.access(self._path, os.W_OK)

    def signature(self) -> Hashable:
        found = os.stat(self._path)
        return found.st_mtime_ns, found.st_size, found.st_ino

    def contents(self) -> Contents:
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise KeyringError(
                "The keyring file does not exist. Put the file back, or make a new one with "
                "`odoo interop_keys init` if nothing has been sealed yet."
            ) from None
        except (OSError, UnicodeDecodeError):
            raise KeyringError(
                "The keyring file cannot be read. Check its owner and rights: the user that runs "
                "Odoo needs to read it."
            ) from None
        return Contents.from_text(text)

    @contextlib.contextmanager
    def changing(self) -> Iterator[Contents]:
        with _locked(self._path):
            contents = self.contents()
            before = contents.to_text()
            yield contents
            if contents.to_text() != before:
                contents.keyring()  # what is not sound is never written
                _replace(self._path, contents.to_text())

    def exposed(self) -> bool:
        return bool(os.stat(self._path).st_mode & 0o077)


class FolderStore:
    """Mounted secrets. Read only: who mounts them changes them."""

    writable = False
    # Many files to look at, and who mounts them is in no hurry.
    look_every = 1.0

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def signature(self) -> Hashable:
        # A mount may replace the files behind a link: look at what the names lead to.
        found = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                if not entry.name.startswith("."):
                    status = entry.stat()
                    found.append((entry.name, status.st_mtime_ns, status.st_size, status.st_ino))
        return tuple(sorted(found))

    def contents(self) -> Contents:
        try:
            texts = {
                entry.name: self._text(entry)
                for entry in self._folder.iterdir()
                if not entry.name.startswith(".") and entry.is_file()
            }
        except (OSError, UnicodeDecodeError):
            raise KeyringError(
                "The folder of the keyring cannot be read. Check that it is mounted and that the "
                "user that runs Odoo may read its files."
            ) from None
        for name in (_CURRENT, DIGEST_ROOT):
            if name not in texts:
                raise KeyringError(
                    f"The folder of the keyring holds no file `{name}`. Mount all of its secrets."
                )
        try:
            contents = Contents(
                current=texts[_CURRENT],
                digest_root=decoded(texts[DIGEST_ROOT]),
                versions={name: Key(decoded(texts[name])) for name in texts if is_version(name)},
                periods={
                    _period(name): Key(decoded(texts[name]))
                    for name in texts
                    if name.startswith(_PERIOD_PREFIX)
                },
                destroyed=dict.fromkeys(texts.get(_DESTROYED, "").split(), ""),
            )
        except (ValueError, binascii.Error):
            raise KeyringError(
                "A file in the folder of the keyring is damaged: each holds 32 bytes in base64."
            ) from None
        contents.keyring()
        return contents

    def changing(self) -> contextlib.AbstractContextManager[Contents]:
        raise KeyringError(
            "This keyring is a folder of mounted secrets, which Odoo does not write. Change the "
            "secrets where they are kept; docs/operations.rst, Keys, has the steps."
        )

    def exposed(self) -> bool:
        return any(
            entry.stat().st_mode & stat.S_IROTH
            for entry in self._folder.iterdir()
            if not entry.name.startswith(".")
        )

    @staticmethod
    def _text(path: Path) -> str:
        with path.open(encoding="utf-8") as file:
            return file.read(_LARGEST if path.name != _DESTROYED else -1).strip()


def file_name(period: str) -> str:
    """The file of a period's key in a folder.

    >>> file_name("standard/2026-11")
    'period.standard.2026-11'
    """
    return _PERIOD_PREFIX + period.replace("/", ".")


def _period(name: str) -> str:
    retention_class, _dot, month = name.removeprefix(_PERIOD_PREFIX).rpartition(".")
    return f"{retention_class}/{month}"


@contextlib.contextmanager
def _locked(target: Path) -> Iterator[None]:
    """One writer at a time, whichever process it is in. Beside the file, which is replaced."""
    try:
        fd = os.open(f"{target}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unwritable(error) from None
    try:
        _keep_owner(fd, target)
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def _replace(target: Path, text: str) -> None:
    """In one step and on the disk: whatever happens, there is the old file or the new one."""
    name = ""
    try:
        fd, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")  # mode 600
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            _keep_owner(fd, target)
            file.write(text)
            file.flush()
            os.fsync(fd)
        os.replace(name, target)
        folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(name)
        if isinstance(error, OSError):
            raise _unwritable(error) from None
        raise


def _keep_owner(fd: int, target: Path) -> None:
    """A command that root runs leaves Odoo its keyring."""
    if os.geteuid() == 0 and target.exists():
        owner = os.stat(target)
        os.fchown(fd, owner.st_uid, owner.st_gid)


def _unwritable(error: OSError) -> KeyringError:
    return KeyringError(
        f"The keyring file cannot be written: {error.strerror or 'unknown reason'}. Run this where "
        "the keyring is kept, as a user who may write its folder."
    )
