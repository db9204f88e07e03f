"""Archives whose bytes depend on nothing but what is in them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import IO

README = """\
Evidence bundle
===============

evidence.json   the evidence: entries of the audit trail with their proofs, seals, versions
evidence.pdf    the same to be read by people
{verifier}
SHA-256 of evidence.json: {digest}

To verify it, offline, with Python 3.11 or later and the package "cryptography":

    {command}

KEY is the installation's public key (64 hexadecimal digits). Take it from somebody who does not
depend on whoever gave you this archive. ANCHORS is a file with anchors that you hold, if you do:
seals that were kept outside the database. Without an anchor, whoever holds the signing key could
have made another history.
"""


def write(out: IO[bytes], files: Mapping[str, bytes]) -> None:
    """Write a ZIP archive of these files, by name. Every file is dated 1 January 1980."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            add(archive, name, data)


def add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    """One more file in the archive."""
    info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    archive.writestr(info, data)


def packed(files: Mapping[str, bytes]) -> bytes:
    """The same as bytes."""
    out = io.BytesIO()
    write(out, files)
    return out.getvalue()


def readme(digest: str, verifier: str | None) -> bytes:
    """How to verify; `verifier`: the name of the verifier in the archive, if it is there."""
    name = verifier or "verifier.pyz"
    return README.format(
        digest=digest,
        verifier=f"{name:<15} the stand-alone verifier\n" if verifier else "",
        command=f"python3 {name} --bundle evidence.json --public-key KEY --anchors ANCHORS",
    ).encode()
