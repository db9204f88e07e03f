"""What a flow's direct answers look like, out of its published version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from odoo.addons.interop_document.lib.schema import Validator, compile_schema
from odoo.addons.interop_document.lib.sensitivity import sensitivities
from odoo.addons.interop_policy.lib.context import Mac

from .plan import Plan
from .screening import Screening

_KEPT = 64
_known: dict[str, AnswerShape | None] = {}


@dataclass(frozen=True, slots=True)
class AnswerShape:
    """Validates an answer, and drops what its policy says we must not receive."""

    validator: Validator = field(repr=False)
    policy: Screening | None = field(repr=False)

    @classmethod
    def of(cls, plan: Plan) -> AnswerShape | None:
        """None: the flow names no type, so nothing of an answer is let in. Kept by digest."""
        if plan.digest not in _known:
            _known[plan.digest] = cls._made(plan)
            while len(_known) > _KEPT:
                del _known[next(iter(_known))]
        return _known[plan.digest]

    @classmethod
    def _made(cls, plan: Plan) -> AnswerShape | None:
        published = (plan.flow.get("direct") or {}).get("answer")
        if not published:
            return None
        schema = published["document_type"]["schema"]
        policy = None
        if published["policy"]:
            incoming = {
                "flow": {**plan.flow, "direction": "in"},
                "connector": plan.connector,
                "policy": published["policy"],
            }
            policy = Screening(incoming, sensitivities(schema))
        return cls(compile_schema(schema), policy)

    def taken_in(self, body: Mapping[str, Any], company: int | None, mac: Mac) -> Mapping[str, Any]:
        """Raises a `DataError` or `PolicyError` for what may not come in."""
        self.validator.check(dict(body))
        if self.policy is None:
            return body
        return self.policy.screen(body, company, mac).body
