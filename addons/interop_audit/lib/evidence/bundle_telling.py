"""What people read when an evidence bundle was verified."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from . import leaf
from .bundle_text import digest
from .findings import Finding, is_bad


def as_text(data: bytes, findings: Sequence[Finding]) -> Iterator[str]:
    """One line for each finding, then a verdict. ``data`` is the bundle's JSON."""
    for finding in findings:
        yield f"{finding.severity}: {finding.code}: {finding.sentence}"
    if any(map(is_bad, findings)):
        yield "NOT TRUE: what is in this bundle must not be relied on."
        return
    bundle = json.loads(data)
    entries = [leaf.entry_id(each["line"].encode()) for each in bundle["entries"]]
    yield (
        f"TRUE: {len(entries)} entries in {len(bundle['seals'])} seals, up to seal "
        f"{bundle['head']}; SHA-256 {digest(data)}."
    )
