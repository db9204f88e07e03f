"""A preview as a file that can be filed with an assessment: which policy decided what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..lib.view import Entry
from .previewing import Previewed

FORMAT = "interop.preview/1"


def evidence_of(found: Previewed, facts: Mapping[str, Any], with_values: bool) -> bytes:
    """`found` as JSON text. Without values it holds paths, decisions and digests only.

    The document's digest lets somebody who has the document check that it is this one. It is left
    out of a file without values: the digest of a small document can be guessed.
    """
    kind, policy = found.snapshot["document_type"], found.snapshot["policy"]
    connector = found.snapshot["connector"]
    told: dict[str, Any] = {
        "format": FORMAT,
        **facts,
        "digests": found.digests,
        "document_type": f"{kind['code']} {kind['version']}",
        "policy": policy["name"],
        "connector": connector.get("code") or None,
        "clearance": connector["clearance"],
        "region": connector.get("region"),
        "purpose": found.snapshot["flow"].get("purpose") or None,
        "named_fields": found.compiled.named,
        "all_fields": len(found.compiled.decided),
        "not_named": list(found.unnamed),
        "warnings": list(found.compiled.warnings),
        "decisions": found.screened.decisions,
        "fields": [
            _told(value, with_values) for entry in found.entries for value in entry.values()
        ],
    }
    if found.other:
        told["compared_with"] = found.other
        told["differences"] = [
            {"path": each.path, "here": each.here, "there": each.there}
            for each in found.differences
        ]
    if with_values:
        told["document_digest"] = found.document_digest
        told["held_by_the_last_look"] = found.held
    return json.dumps(told, indent=2, ensure_ascii=False).encode()


def _told(value: Entry, with_values: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "place": value.place,
        "path": value.path,
        "sensitivity": value.sensitivity.lower(),
        "decision": value.decision,
        "rule": value.rule or None,
        "pattern": value.pattern or None,
        "when": value.when or None,
    }
    if with_values:
        told |= {"value": value.clear, "shown": value.shown, "found": value.found or None}
    return told
