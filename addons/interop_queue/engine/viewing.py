"""Looking at a document through a policy, outside the pipeline: for readers and for the preview."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from odoo.api import Environment

from odoo.addons.interop_base.lib.failures import PolicyError
from odoo.addons.interop_document.lib.sensitivity import sensitivities
from odoo.addons.interop_policy.lib.policy import CompiledPolicy, Screened

from ..lib.screening import Screening
from .keys import PolicyKey


def policy_of(snapshot: Mapping[str, Any], company: int | None) -> CompiledPolicy:
    """The policy of a version's `snapshot` for documents of `company`; raises `PolicyError`."""
    return _screening(snapshot).of(company)


def seen_through(
    env: Environment, snapshot: Mapping[str, Any], body: Mapping[str, Any], company: int | None
) -> tuple[CompiledPolicy, Screened]:
    """The policy and `body` as it lets it be seen, exactly as the pipeline would send it.

    Tokens and digests are the partner's own; what is encrypted differs each time. Nothing is kept.
    Raises `PolicyError` for what the policy refuses.
    """
    screening = _screening(snapshot)
    # The keyring is asked for by the engine, whoever looks.
    key = PolicyKey(env(su=True))
    return screening.of(company), screening.screen(body, company, key)


def _screening(snapshot: Mapping[str, Any]) -> Screening:
    if not snapshot["policy"]:
        raise PolicyError("There is no policy, so nothing may be shown.")
    return Screening(snapshot, sensitivities(snapshot["document_type"]["schema"]))
