from typing import Any

from odoo import fields, models


class InteropGateAct(models.TransientModel):
    """Asks an operator why an endpoint is to be put aside."""

    _name = "interop.gate.act"
    _description = "Put an Endpoint Aside With a Reason"

    act = fields.Selection(
        [("isolate", "Isolate"), ("fail_over", "Fail over")],
        required=True,
        help="What is to be done.",
    )
    endpoint_id = fields.Many2one(
        "interop.endpoint", help="The endpoint through which nothing goes from now on."
    )
    connector_id = fields.Many2one(
        "interop.connector", help="The connector whose messages take another endpoint."
    )
    reason = fields.Char(
        required=True, help="Why. It is kept in the audit trail, so write no patient data here."
    )

    def _ask(self, act: str, title: str, endpoint=None, connector=None) -> dict[str, Any]:
        connector = connector or endpoint.connector_id
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": self._name,
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_act": act,
                "default_endpoint_id": endpoint and endpoint.id,
                "default_connector_id": connector.id,
            },
        }

    def action_do(self) -> dict[str, Any]:
        """Do it."""
        self.ensure_one()
        if self.act == "isolate":
            self.endpoint_id.action_isolate(self.reason)
        else:
            self.connector_id.action_fail_over(self.reason)
        return {
            "type": "ir.actions.act_window_close",
            "infos": {"effect": False},
        }
