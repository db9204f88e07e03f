"""Looking at a document through a policy, outside the pipeline: for readers and for the preview."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from odoo.api import Environment

from odoo.addons.interop_base.lib.failures import PolicyError
from odoo.addons.interop_document.lib.fields import walk_fields
from odoo.addons.interop_document.lib.sensitivity import sensitivities
from odoo.addons.interop_policy.lib.context import Mac
from odoo.addons.interop_policy.lib.guard import HOLD
from odoo.addons.interop_policy.lib.policy import CompiledPolicy, Screened

from ..lib.guarding import Guarding
from ..lib.screening import Screening
from .keys import PolicyKey


def policy_of(snapshot: Mapping[str, Any], company: int | None) -> CompiledPolicy:
    """The policy of a version's `snapshot` for documents of `company`; raises `PolicyError`."""
    return _screening(snapshot).of(company)


@dataclass(frozen=True, slots=True)
class Seen:
    """A document as it leaves, or as it was taken in."""

    compiled: CompiledPolicy
    screened: Screened = field(repr=False)
    """With masked what the last look found, whatever it is set to do about it."""
    held: bool = False
    """The last look does not let it leave, not even so."""


def seen_through(
    env: Environment,
    snapshot: Mapping[str, Any],
    body: Mapping[str, Any],
    company: int | None,
    key: Mac | None = None,
) -> Seen:
    """`body` as it may be seen, exactly as the pipeline would send it.

    Tokens and digests are the partner's own, unless they are made with another `key`; what is
    encrypted differs each time. Nothing is kept.
    Raises `PolicyError` for what the policy refuses and for what can be held only.
    """
    schema = snapshot["document_type"]["schema"]
    screening = _screening(snapshot)
    # The keyring is asked for by the engine, whoever looks.
    key = key or PolicyKey(env(su=True))
    compiled, screened = screening.of(company), screening.screen(body, company, key)
    if screening.flow["direction"] != "out":
        return Seen(compiled, screened)
    guard = Guarding(snapshot, screening, walk_fields(schema)).of(company)
    looked = guard.look(screened.body, guard.people(body), masking=True)
    held = bool(looked.findings) and guard.mode == HOLD
    return Seen(compiled, replace(screened, body=looked.body, findings=looked.findings), held)


def _screening(snapshot: Mapping[str, Any]) -> Screening:
    if not snapshot["policy"]:
        raise PolicyError("There is no policy, so nothing may be shown.")
    return Screening(snapshot, sensitivities(snapshot["document_type"]["schema"]))
