"""The decisions a person can take on an exception.

Each decision is one entry of this registry; nothing else in the module names them one by one.
A module that knows another decision registers it here and answers it in its handler.
"""

from dataclasses import dataclass

from odoo.addons.interop_base.lib.registry import Registry


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person may decide.

    :param code: stable name, kept in the exception as its resolution
    :param label: what the button says
    :param outcome: what the exception's resolution says afterwards
    :param effect: one sentence: what taking this decision does
    :param reason_required: a person has to say why
    :param operator_only: moves messages, so it needs the operator's right; otherwise whoever may
        work on the exception may take it
    :param needs_their_value: makes no sense where the reviewer may not see what the partner said
    :param state: state of the exception afterwards
    """

    code: str
    label: str
    outcome: str
    effect: str
    reason_required: bool = False
    operator_only: bool = False
    needs_their_value: bool = False
    state: str = "resolved"


DECISIONS: Registry[Decision] = Registry("decision")

ACCEPT_THEIRS = DECISIONS.register(
    "accept_theirs",
    Decision(
        code="accept_theirs",
        label="Accept theirs",
        outcome="Theirs accepted",
        effect="Writes the partner's value into the document and checks that it stands there.",
        needs_their_value=True,
    ),
)
KEEP_OURS = DECISIONS.register(
    "keep_ours",
    Decision(
        code="keep_ours",
        label="Keep ours",
        outcome="Ours kept",
        effect="Leaves the document as it is and records that the partner has to be told.",
    ),
)
REDRIVE = DECISIONS.register(
    "redrive",
    Decision(
        code="redrive",
        label="Run again",
        outcome="Run again",
        effect="Puts the message back into the queue with the same key, in its old place.",
        operator_only=True,
    ),
)
CANCEL = DECISIONS.register(
    "cancel",
    Decision(
        code="cancel",
        label="Cancel message",
        outcome="Message cancelled",
        effect="Gives the message up for good; those waiting behind it go on.",
        reason_required=True,
        operator_only=True,
        state="cancelled",
    ),
)
CLOSE = DECISIONS.register(
    "close",
    Decision(
        code="close",
        label="Close",
        outcome="Closed by hand",
        effect="Closes the exception because it was settled outside this system.",
        reason_required=True,
    ),
)


def available(
    codes: tuple[str, ...], *, is_open: bool, operator: bool, sees_theirs: bool
) -> tuple[str, ...]:
    """Which of an exception's decisions one person may take now, in the order given.

    >>> available(("accept_theirs", "redrive"), is_open=True, operator=False, sees_theirs=True)
    ('accept_theirs',)
    >>> available(("accept_theirs", "redrive"), is_open=True, operator=True, sees_theirs=False)
    ('redrive',)
    >>> available(("redrive",), is_open=False, operator=True, sees_theirs=True)
    ()
    """
    if not is_open:
        return ()
    return tuple(
        code
        for code in codes
        if (operator or not DECISIONS.get(code).operator_only)
        and (sees_theirs or not DECISIONS.get(code).needs_their_value)
    )
