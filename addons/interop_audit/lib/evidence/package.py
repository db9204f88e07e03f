"""Packs these very files into the stand-alone verifier: one file that Python runs."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Final

NAME: Final = "interop_evidence"

_MAIN: Final = f"""\
import sys

from {NAME}.command import main

sys.exit(main())
"""
#: Always the same, so that equal sources give equal bytes.
_WHEN: Final = (2026, 1, 1, 0, 0, 0)


def build(folder: Path | None = None) -> bytes:
    """The bytes of ``interop_verify.pyz``. It needs Python 3.11 and ``cryptography``."""
    folder = folder or Path(__file__).parent
    out = io.BytesIO()
    out.write(b"#!/usr/bin/env python3\n")
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "__main__.py", _MAIN)
        for path in sorted(folder.glob("*.py")):
            if path.name != "__main__.py":
                _add(archive, f"{NAME}/{path.name}", path.read_text(encoding="utf-8"))
    return out.getvalue()


def _add(archive: zipfile.ZipFile, name: str, text: str) -> None:
    info = zipfile.ZipInfo(name, _WHEN)
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, text)
