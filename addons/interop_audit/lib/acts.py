"""What the acts in the audit trail are called, and what kind of act each is.

Every module registers its own where it is loaded. An act that nobody registered (of a module that
is gone) is shown by its code: the trail outlives the code that wrote it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from odoo.addons.interop_base.lib.registry import Registry

#: Kinds of acts, in the order in which people read them.
FAMILIES: Final[dict[str, str]] = {
    "messages": "Messages",
    "content": "Reading of content",
    "persons": "Persons and their requests",
    "configuration": "Configuration",
    "publication": "Publishing and approval",
    "access": "Rights and access",
    "secrets": "Keys and secrets",
    "retention": "Retention and erasure",
    "decisions": "Decisions of people",
    "evidence": "Evidence and exports",
    "environment": "Environment and recovery",
    "other": "Other",
}


@dataclass(frozen=True, slots=True)
class Act:
    """One act: what people read for its code, and its family."""

    label: str
    family: str


ACTS: Registry[Act] = Registry("act")


def register_acts(family: str, labels: Mapping[str, str]) -> None:
    """Add acts of one family: code -> what people read. ValueError for an unknown family."""
    if family not in FAMILIES:
        raise ValueError(f"Unknown family of acts: {family}")
    for code, label in labels.items():
        ACTS.register(code, Act(label, family))


def register_configured(family: str, nouns: Mapping[str, str]) -> None:
    """Add the acts of `interop.audit.configured`: noun -> what people call such a record."""
    for noun, name in nouns.items():
        register_acts(
            family,
            {
                f"{noun}.create": f"{name} made",
                f"{noun}.change": f"{name} changed",
                f"{noun}.delete": f"{name} deleted",
            },
        )


def label_of(code: str) -> str:
    """What people read; the code itself if nobody registered it.

    >>> label_of("somebody.elses")
    'somebody.elses'
    """
    return ACTS.get(code).label if code in ACTS else code


def family_of(code: str) -> str:
    """
    >>> family_of("somebody.elses")
    'other'
    """
    return ACTS.get(code).family if code in ACTS else "other"


def codes_of(families: set[str]) -> list[str]:
    """The registered acts of these families, sorted."""
    return [code for code, act in ACTS if act.family in families]


def codes_named(words: str) -> list[str]:
    """The registered acts whose code or label contains `words`, in capitals or not."""
    wanted = words.strip().casefold()
    return [
        code for code, act in ACTS if wanted in code.casefold() or wanted in act.label.casefold()
    ]


def families_by_code() -> str:
    """All registered acts with their family, as a JSON object: for SQL that groups by family."""
    return json.dumps({code: act.family for code, act in ACTS}, sort_keys=True)


register_acts(
    "environment",
    {
        "fence.arm": "Environment armed",
        "fence.arm_asked": "Arming asked for",
        "fence.arm_approved": "Environment armed with another's approval",
        "fence.arm_refused": "Arming refused",
        "fence.arm_withdrawn": "Request to arm withdrawn",
        "fence.arm_alone": "Environment armed by one person in an emergency",
        "fence.disarm": "Environment disarmed",
    },
)
register_configured(
    "configuration",
    {
        "area": "Business area",
        "setting": "Setting",
        "action": "Server action",
        "cron": "Scheduled action",
    },
)
register_configured("access", {"rule": "Access rule"})
register_acts(
    "access",
    {
        "access.granted": "Rights given",
        "access.taken": "Rights taken away",
    },
)
register_acts(
    "secrets",
    {
        "keyring.prepare": "New master key prepared",
        "keyring.rotate": "Master key rotated",
        "keyring.rewrap": "Keys wrapped anew",
        "keyring.retire": "Master key retired",
        "keyring.destroy": "Key destroyed",
    },
)
register_acts(
    "evidence",
    {
        "audit.refused": "Change of evidence refused",
        "audit.verify": "Trail verified",
        "audit.export": "Trail exported",
        "audit.download": "Export downloaded",
        "alarm.raised": "Alarm raised",
        "alarm.ended": "Alarm ended",
        "anchor.changed": "Anchoring changed",
        "anchor.accepted": "Difference of anchors accepted",
        "anchors.downloaded": "Anchor lines downloaded",
    },
)
register_acts(
    "retention",
    {
        "audit.month_dropped": "Month of the trail dropped",
        "audit.retention_changed": "Retention of the trail changed",
    },
)
