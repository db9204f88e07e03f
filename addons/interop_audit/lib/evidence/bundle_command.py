"""Checks evidence bundles from a command line: ``python3 -m evidence.bundle_command FILE …``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from . import leaf
from .bundle import verify_bundle
from .bundle_text import digest, unpacked


def main(arguments: Sequence[str] | None = None, out: TextIO = sys.stdout) -> int:
    """0: the bundle is true. 1: something is wrong with it. 2: called wrongly."""
    parser = argparse.ArgumentParser(description="Check an evidence bundle, offline.")
    parser.add_argument("file", type=Path, help="the bundle: its archive or the JSON in it")
    parser.add_argument(
        "--public-key", action="append", required=True, metavar="HEX",
        help="a public key of the installation, as you know it from elsewhere; may be repeated",
    )  # fmt: skip
    parser.add_argument("--anchors", type=Path, help="a file with the anchors you hold, one a line")
    told = parser.parse_args(arguments)
    try:
        data = unpacked(told.file.read_bytes())
        held = [
            line
            for line in (told.anchors.read_text("utf-8").splitlines() if told.anchors else ())
            if line.strip()
        ]
    except (OSError, ValueError) as failure:
        sys.stderr.write(f"Cannot be read: {failure}\n")
        return 2
    return report(data, told.public_key, held, out)


def report(data: bytes, trusted: Sequence[str], anchors: Sequence[str], out: TextIO) -> int:
    """Say what was found, then a verdict. 0: true, 1: not."""
    found = verify_bundle(data, trusted, anchors)
    for finding in found:
        out.write(f"{finding.severity}: {finding.code}: {finding.sentence}\n")
    if any(finding.severity == "error" for finding in found):
        out.write("NOT TRUE: what is in this bundle must not be relied on.\n")
        return 1
    bundle = json.loads(data)
    entries = [leaf.entry_id(each["line"].encode()) for each in bundle["entries"]]
    out.write(
        f"TRUE: {len(entries)} entries in {len(bundle['seals'])} seals, up to seal "
        f"{bundle['head']}; SHA-256 {digest(data)}.\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
