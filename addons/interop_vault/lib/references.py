"""Secrets that stand outside the database: in an environment variable or in a mounted file.

What may be named is little: variables that begin with ``INTEROP_SECRET_``, and files in the one
folder that the server's configuration names (``secrets_dir`` in ``[interop]``). A manager in Odoo
must not be able to have the server's other variables or files sent to a partner.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from odoo.addons.interop_base.lib.failures import TransientError

PREFIX = "INTEROP_SECRET_"
MAX_BYTES = 64 * 1024

_VARIABLE = re.compile(PREFIX + r"[A-Z0-9_]{1,100}")
#: No leading dot, no slash: names in the folder itself, and not the `..data` of containers.
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")


class SecretUnavailable(TransientError):
    """The secret is not where it should be. Nothing is lost: put it there."""

    default_sentence = "A secret outside the database cannot be read."


def name_problem(source: str, name: str) -> str | None:
    """A sentence if `name` may not be asked for."""
    if source == "environment":
        if not _VARIABLE.fullmatch(name):
            return (
                f"The variable has to begin with {PREFIX}, followed by capital letters, digits "
                "and underscores."
            )
    elif source == "file":
        if not _FILE.fullmatch(name) or ".." in name:
            return (
                "Give the name of a file in the server's folder for secrets, without any path: "
                "letters, digits, dots, hyphens and underscores."
            )
    else:
        return "A secret can be in an environment variable or in a file."
    return None


def read(source: str, name: str, environ: Mapping[str, str], folder: str | None) -> str:
    """The text, without the line end that editors and tools add; raises SecretUnavailable."""
    if problem := name_problem(source, name):
        raise SecretUnavailable(problem)
    text = environ.get(name) if source == "environment" else _read_file(name, folder)
    if not text:
        raise SecretUnavailable(
            f"The environment variable {name} is not set or empty. Set it for every process of "
            "Odoo and every worker, and start them again."
            if source == "environment"
            else f"The file {name} in the folder for secrets is empty. Put the secret into it."
        )
    return text


def _read_file(name: str, folder: str | None) -> str:
    if not folder:
        raise SecretUnavailable(
            "The server names no folder for secrets. Set `secrets_dir` in the [interop] section "
            "of Odoo's configuration file (or INTEROP_SECRETS_DIR)."
        )
    data, why = _bytes_of(Path(folder), name)
    if data is not None:
        try:
            return data.decode().removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError:
            why = "is not text"
    raise SecretUnavailable(f"The file {name} in the folder for secrets {why}.")


def _bytes_of(folder: Path, name: str) -> tuple[bytes | None, str]:
    try:
        root = folder.resolve(strict=True)
        # Containers mount secrets as links within the folder; a link out of it is refused.
        path = (root / name).resolve(strict=True)
        if not path.is_relative_to(root):
            return None, "leads out of it and is not read"
        # Not blocked by a pipe, not led elsewhere by a link put there meanwhile.
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None, "does not exist. Mount it, or correct its name"
    except (OSError, RuntimeError):
        return None, "cannot be read. Check its owner and rights"
    try:
        facts = os.fstat(fd)
        if not stat.S_ISREG(facts.st_mode):
            return None, "is not a plain file"
        if facts.st_size > MAX_BYTES:
            return None, f"is larger than {MAX_BYTES // 1024} KB"
        return os.read(fd, MAX_BYTES), ""
    except OSError:
        return None, "cannot be read. Check its owner and rights"
    finally:
        os.close(fd)
