import hmac
import json
import secrets
from typing import Any

from odoo import models
from odoo.exceptions import UserError

from odoo.addons.interop_base.lib.failures import PolicyError
from odoo.addons.interop_policy.lib.policy import decision_labels

from ..engine.viewing import seen_through
from ..lib.view import looks


class InteropMapping(models.Model):
    """A mapping is a part that flows publish. Its editor shows the policy of a flow that uses it at
    work on the sample as in the pipeline: outbound before the rows, so that they see the screened
    document only."""

    _name = "interop.mapping"
    _inherit = ["interop.mapping", "interop.published.part", "interop.mapping.samples"]
    _interop_part = "mapping"

    def editor_open(self) -> dict[str, Any]:
        """With a golden sample of a flow that uses the mapping, if there is one: it holds what this
        partner takes or sends, where the document type's example holds what any of them may."""
        opened = super().editor_open()
        flows = self.flow_ids.filtered(
            lambda flow: flow.direction == "out" or flow.connector_id.codec == "json"
        )
        given = [each for each in flows.sample_ids.mapped("given") if each.lstrip()[:1] == "{"]
        return opened | ({"example": given[0]} if given else {})

    def _editor_flows(self) -> list[dict[str, Any]]:
        flows = self.env["interop.flow"].search([("mapping_id", "=", self.id)])
        return [{"id": flow.id, "name": flow.name} for flow in flows if flow.policy_id]

    def _editor_decisions(
        self, document: dict[str, Any], flow_id: int
    ) -> tuple[dict[str, Any], dict[str, dict[str, str]]]:
        flow = self.env["interop.flow"].search(
            [("id", "=", flow_id), ("mapping_id", "=", self.id), ("policy_id", "!=", False)]
        )
        if not flow:
            raise PolicyError("The flow does not use this mapping any more. Open the editor again.")
        try:
            snapshot = flow._snapshot()
        except UserError as refused:
            raise PolicyError(str(refused)) from None
        company = flow.company_id.id or self.company_id.id or self.env.company.id
        seen = seen_through(self.env, snapshot, document, company, _passing_key())
        if seen.held:
            raise PolicyError("The last look would hold this document back.")
        labels = decision_labels()
        decided = {
            path: {"label": labels.get(code, code), "css": looks(code).css, "code": code}
            for path, code in seen.screened.fields
        }
        # As it is read after travelling: plain JSON of its own, whatever screening shares.
        return json.loads(json.dumps(seen.screened.body)), decided


def _passing_key():
    """Made-up tokens and digests, others each time: real ones would tell whoever pastes values
    until one fits which value a partner's token stands for."""
    secret = secrets.token_bytes(32)
    return lambda label, data: hmac.digest(secret, label.encode() + b"\0" + data, "sha256")
