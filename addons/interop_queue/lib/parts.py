"""The parts of a published version, each addressed by its own content.

A version is one text. That two versions use the same policy shows in the digest of that part, so it
can be told where a part runs as it is now, and where an older one still does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from odoo.addons.interop_document.lib.canonical import canonical_json, digest

#: Part of a snapshot -> what people call it, in the order they read it.
PARTS: Final[Mapping[str, str]] = {
    "flow": "Flow",
    "document_type": "Document type",
    "mapping": "Mapping",
    "policy": "Policy",
    "connector": "Connector",
    "guard": "Last look",
    "residency": "Countries data may go to",
}

#: Fields of a flow that are published. Changing one of these changes what runs: it takes effect by
#: publishing, not at once.
PUBLISHED: Final = (
    "direction", "event", "document_type_id", "policy_id", "connector_id", "handler", "mapping",
    "mapping_id",
    "order_by", "expects_answer", "answer_hours", "service_user_id", "retry_strategy",
    "retry_max_attempts", "retry_max_hours", "retry_pause_minutes", "batch_size",
    "batch_minutes", "company_id", "area_id", "purpose", "resolves_tokens", "retention_class_id",
    "guard", "guard_reason", "mode", "direct_seconds", "direct_at_most",
    "direct_answer_type_id", "direct_answer_policy_id", "priority", "batch_times",
    "batch_monday", "batch_tuesday", "batch_wednesday", "batch_thursday", "batch_friday",
    "batch_saturday", "batch_sunday", "batch_zone", "batch_kilobytes", "batch_release",
    "batch_release_hours", "batch_totals", "coalesce", "content_as_of", "condition", "route_group",
    "route_sequence", "wait_ids",
)  # fmt: skip


def part_digest(value: Any) -> str:
    """SHA-256 of one part's canonical text."""
    return digest(canonical_json(value))


def digests_of(snapshot: Mapping[str, Any]) -> dict[str, str]:
    """Part -> digest, for the parts that the snapshot has. Parts unknown here are told too."""
    return {
        part: part_digest(value)
        for part, value in snapshot.items()
        if part != "format" and value is not None
    }
