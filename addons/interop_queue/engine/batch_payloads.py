"""One bad document costs a batch that document; what was sent is never sent in parts."""

from __future__ import annotations

from collections import defaultdict

import psycopg2

from odoo.addons.interop_base.lib.failures import UncertainError
from odoo.addons.interop_base.lib.keyring import KeyringError

from ..lib.plan import Plan
from ..lib.work import Claimed, Verdict
from .failure import refused
from .payloads import Draft, Payload, payload_of
from .transaction import run

TORN = (
    "Its batch may have reached the partner, and not all of its documents are here to send the "
    "same batch again. Ask the partner; then run all of them again together, or send this one anew."
)


def split_torn(
    env, plan: Plan, version_id: int, messages: list[Claimed]
) -> tuple[list[Claimed], list[Verdict]]:
    """Those that may be composed afresh, and verdicts on those that the partner may have.

    `messages` have no payload, or not all that were in it are here.
    """
    members: dict[int, list[Claimed]] = defaultdict(list)
    for message in messages:
        if message.batch_id and message.interchange_id:
            members[message.interchange_id].append(message)
    if not members:
        return messages, []
    torn = {row["id"] for row in run(env.cr, "perhaps_sent", ids=list(members))}
    torn |= {key for key, group in members.items() if any(each.losses for each in group)}
    left = [message for message in messages if message.interchange_id not in torn]
    return left, [
        refused(message, UncertainError(TORN), plan.retry, version_id=version_id)
        for key in sorted(torn)
        for message in members[key]
    ]


def encoded(made: list[Draft], verdicts: list[Verdict]) -> list[Payload]:
    """The payloads of `made`; a document that the codec cannot write leaves its batch alone."""
    payloads = []
    for draft in made:
        try:
            payloads.append(payload_of(draft))
            continue
        except (psycopg2.Error, KeyringError):
            raise
        except Exception:
            if not draft.messages[0].batch_id:
                raise
        good = []
        for part in draft.parts:
            try:
                draft.plan.encode([part.shown], {"message": draft.key})
                good.append(part)
            except Exception as failure:
                verdicts.append(
                    refused(part.message, failure, draft.plan.retry, version_id=draft.version_id)
                )
        if good:
            # What fails only together is the matter of all of them: raised to the lane.
            draft.parts = good
            payloads.append(payload_of(draft))
    return payloads
