"""What this server says about itself, outside every database.

``INTEROP_ENVIRONMENT``, ``INTEROP_KEYRING`` and ``INTEROP_SECRETS_DIR`` in the environment of the
process win; else the section ``[interop]`` of Odoo's configuration file (Odoo warns about unknown
keys in ``[options]``)::

    [interop]
    environment = production
    keyring = /etc/odoo/interop-keyring.json
    secrets_dir = /run/secrets/interop
    pack_key = /etc/odoo/pack-key.pem
    arming = two people

``pack_key`` (``INTEROP_PACK_KEY``) is the private key with which partner packs are signed here.
``arming`` (``INTEROP_ARMING``) set to anything but "one person" has every arming approved by a
second person, not only the one after a restore. It stands here and not in the database, so that
nobody who may arm can change it there.

``audit_anchor_file``, ``audit_anchor_folder`` and ``audit_anchor_syslog``
(``INTEROP_AUDIT_ANCHOR_FILE`` …) are the places that are told of every seal of the audit trail;
``audit_anchor_minutes`` is how long one may lag behind before an alarm is raised.
"""

import configparser
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from .environments import CODES

SECTION = "interop"

#: Kinds of places for the anchors of the audit trail; their keys begin with ``audit_anchor_``.
ANCHORS = ("file", "folder", "syslog")
ANCHOR_MINUTES = 15


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """``environment`` is one of the known codes or None; ``problem`` says what is wrong with it.

    ``audit_anchors`` are pairs of kind and place.
    """

    environment: str | None
    keyring: str | None
    problem: str | None = None
    secrets_dir: str | None = None
    pack_key: str | None = None
    always_two: bool = False
    audit_anchors: tuple[tuple[str, str], ...] = ()
    audit_anchor_minutes: int = ANCHOR_MINUTES


def load(config_path: str | None, environ: Mapping[str, str]) -> ServerSettings:
    """Read the server's settings. What is unreadable or unknown gives no environment."""
    section, problem = _read_section(config_path)
    return _settings(
        environ.get("INTEROP_ENVIRONMENT") or section.get("environment") or "",
        environ.get("INTEROP_KEYRING") or section.get("keyring") or "",
        environ.get("INTEROP_SECRETS_DIR") or section.get("secrets_dir") or "",
        problem,
        environ.get("INTEROP_PACK_KEY") or section.get("pack_key") or "",
        environ.get("INTEROP_ARMING") or section.get("arming") or "",
        tuple(
            environ.get(f"INTEROP_AUDIT_ANCHOR_{kind.upper()}")
            or section.get(f"audit_anchor_{kind}")
            or ""
            for kind in (*ANCHORS, "minutes")
        ),
    )


@lru_cache(maxsize=8)
def _settings(
    environment: str,
    keyring: str,
    secrets_dir: str,
    problem: str | None,
    pack_key: str = "",
    arming: str = "",
    anchoring: tuple[str, ...] = (),
) -> ServerSettings:
    """Asked for with every sealing, and nearly always the same."""
    environment, keyring = environment.strip(), keyring.strip()
    secrets_dir, pack_key = secrets_dir.strip(), pack_key.strip()
    if environment and environment not in CODES:
        problem = (
            "The environment in the server's configuration is not one of "
            + ", ".join(sorted(CODES))
            + "."
        )
        environment = ""
    return ServerSettings(
        environment=environment or None,
        keyring=str(Path(keyring).expanduser()) if keyring else None,
        problem=problem,
        secrets_dir=str(Path(secrets_dir).expanduser()) if secrets_dir else None,
        pack_key=str(Path(pack_key).expanduser()) if pack_key else None,
        # What is not understood asks for more care and not for less.
        always_two=arming.strip().lower() not in ("", "one person"),
        audit_anchors=tuple(
            (kind, place.strip())
            for kind, place in zip(ANCHORS, anchoring, strict=False)
            if place.strip()
        ),
        audit_anchor_minutes=_minutes(anchoring[-1] if anchoring else ""),
    )


def _minutes(text: str) -> int:
    """A whole number of minutes from 1 to a day; anything else is the usual number."""
    text = text.strip()
    minutes = int(text) if text.isdecimal() else ANCHOR_MINUTES
    return minutes if 1 <= minutes <= 24 * 60 else ANCHOR_MINUTES


def _read_section(config_path: str | None) -> tuple[dict[str, str], str | None]:
    if not config_path:
        return {}, None
    try:
        stat = os.stat(config_path)
    except OSError:
        return {}, None
    return _parse(config_path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=8)
def _parse(path: str, _mtime: int, _size: int) -> tuple[dict[str, str], str | None]:
    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, OSError, UnicodeDecodeError):
        return {}, "The server's configuration file cannot be read."
    return (dict(parser.items(SECTION)) if parser.has_section(SECTION) else {}), None
