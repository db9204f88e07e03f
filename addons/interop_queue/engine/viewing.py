"""Looking at a document through a policy, outside the pipeline: for readers and for the preview."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from odoo.addons.interop_base.lib.failures import PolicyError
from odoo.addons.interop_document.lib.sensitivity import Sensitivity, sensitivities
from odoo.addons.interop_policy.lib.policy import (
    DECISIONS,
    CompiledPolicy,
    Screened,
    compile_policy,
    rules_of,
    screen,
)

DECISION_LABELS = DECISIONS


def policy_of(snapshot: Mapping[str, Any]) -> CompiledPolicy:
    """The policy of a version's `snapshot` as `compile_plan` compiles it; raises `PolicyError`."""
    if not snapshot["policy"]:
        raise PolicyError("There is no policy, so nothing may be shown.")
    clearance = Sensitivity[snapshot["connector"]["clearance"]]
    if snapshot["flow"]["direction"] == "in":
        clearance = Sensitivity.secret
    fields = sensitivities(snapshot["document_type"]["schema"])
    return compile_policy(rules_of(snapshot["policy"]), fields, clearance)


def screened_by(compiled: CompiledPolicy, body: Mapping[str, Any]) -> Screened:
    """`body` as the policy lets it be seen."""
    return screen(compiled, body)
