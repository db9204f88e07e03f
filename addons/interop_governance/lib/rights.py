"""The rights of Interop as a reviewer thinks of them: what each allows, and what shows its use.

>>> [right.code for right in used_by("message.redriven")]
['operator']
>>> [right.code for right in used_by("message.content.read:clear")]
['reader', 'clear']
>>> clashes({"manager", "approver"})
['Writes changes and approves those of others: two such people can wave each other through.']
"""

from collections.abc import Collection
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Final

#: Days without use after which a right is flagged.
UNUSED_DAYS: Final = 90


@dataclass(frozen=True, slots=True)
class Right:
    """`group` is the role's external id; `acts` are patterns of acts that only it allows."""

    code: str
    group: str
    label: str
    acts: tuple[str, ...]


RIGHTS: Final = (
    Right("user", "interop_base.group_user", "Sees messages", ("*",)),
    Right(
        "operator",
        "interop_base.group_operator",
        "Operates",
        (
            "message.redriven", "message.resent", "message.cancelled", "connector.pause",
            "connector.drain", "connector.resume", "connector.probe", "flow.paused", "flow.live",
            "exception.*",
        ),
    ),
    Right(
        "manager",
        "interop_base.group_manager",
        "Configures",
        (
            "*.create", "*.change", "*.delete", "*.configure", "*.configured", "flow.proposed",
            "flow.published", "flow.retired", "flow.publication.withdrawn", "connector.activate",
            "connector.retire", "secret.rotate", "secret.reference", "retention.*", "hold.*",
            "legal_hold.*", "key.*", "keyring.*", "fence.*", "sample.accept", "pack.*",
            "document_type.archive", "document_type.restore", "lanes.*", "access.review.*",
        ),
    ),
    Right(
        "reader",
        "interop_base.group_payload_reader",
        "Reads content as partners see it",
        ("message.content.read", "message.content.read:clear", "policy.previewed:clear"),
    ),
    Right(
        "clear",
        "interop_base.group_clear_reader",
        "Reads content in the clear",
        ("message.content.read:clear", "policy.previewed:clear"),
    ),
    Right(
        "approver",
        "interop_base.group_approver",
        "Approves",
        ("flow.publication.approved", "flow.publication.rejected", "recovery.*", "fence.approve*"),
    ),
    Right(
        "auditor",
        "interop_base.group_auditor",
        "Audits",
        ("audit.[!r]*", "evidence.*", "disclosure*.*", "access.review.exported"),
    ),
    Right(
        "finance",
        "interop_base.group_finance_reviewer",
        "Reviews exceptions for finance",
        ("exception.*",),
    ),
    Right(
        "privacy",
        "interop_privacy.group_privacy_officer",
        "Answers requests of persons",
        ("privacy.*", "person.search"),
    ),
    Right(
        "giver",
        "base.group_erp_manager",
        "Gives rights in Odoo",
        ("access.granted", "access.taken"),
    ),
    Right(
        "admin",
        "base.group_system",
        "Administrator of Odoo",
        ("access.granted", "access.taken", "rule.*", "cron.*", "setting.*", "action.*"),
    ),
)  # fmt: skip

BY_CODE: Final = {right.code: right for right in RIGHTS}
BY_GROUP: Final = {right.group: right for right in RIGHTS}

_CLASHES: Final = (
    (
        {"manager", "approver"},
        "Writes changes and approves those of others: two such people can wave each other through.",
    ),
    (
        {"admin", "clear"},
        "Reads content in the clear and can give that right to anybody, by themselves.",
    ),
    (
        {"admin", "approver"},
        "Approves, and can make approvers of others or of themselves.",
    ),
    ({"manager", "auditor"}, "Audits what they configure themselves."),
    ({"admin", "auditor"}, "Audits rights that they give themselves."),
    ({"manager", "clear"}, "Decides what partners see, and reads everything that is behind it."),
)


def clashes(codes: Collection[str]) -> list[str]:
    """What is to be said against one person holding all these rights."""
    return [sentence for together, sentence in _CLASHES if together <= set(codes)]


@cache
def used_by(act: str) -> tuple[Right, ...]:
    """The rights that `act` is a use of, apart from seeing messages, which all acts are."""
    return tuple(
        right for right in RIGHTS[1:] if any(fnmatchcase(act, pattern) for pattern in right.acts)
    )
