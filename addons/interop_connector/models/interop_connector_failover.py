from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..lib.traffic.breaker import ISOLATED


class InteropConnectorFailover(models.AbstractModel):
    """From a primary endpoint to the one below it and back, by hand.

    By itself it happens with the circuit breakers: the uppermost usable endpoint is used. By hand
    the one in use is isolated until an operator returns to it.
    """

    _name = "interop.connector.failover"
    _description = "Connector: Failover"

    is_failed_over = fields.Boolean(
        compute="_compute_failover",
        help="An operator has put the primary endpoint aside: others take its messages.",
    )
    can_fail_over = fields.Boolean(
        compute="_compute_failover",
        help="Another endpoint of the same purpose can take over from the one in use.",
    )
    breaker_change_ids = fields.One2many(
        "interop.breaker.change",
        "connector_id",
        string="Changes of endpoints",
        readonly=True,
        help="When endpoints came out of use and back, and why.",
    )

    @api.depends("endpoint_ids.breaker_state", "endpoint_ids.sequence")
    def _compute_failover(self) -> None:
        for connector in self:
            connector.is_failed_over = bool(connector._passed_over())
            connector.can_fail_over = bool(connector._replaceable())

    def _passed_over(self):
        return self.endpoint_ids.filtered(
            lambda endpoint: (
                endpoint.breaker_state == ISOLATED and endpoint.runtime_ids[:1].passed_over
            )
        )

    def _replaceable(self):
        """The endpoints in use that have another usable one of their purpose below them."""
        found = self.env["interop.endpoint"]
        for _purpose, endpoints in self.endpoint_ids.grouped("purpose").items():
            usable = endpoints.filtered(lambda endpoint: endpoint._is_usable())
            if len(usable) > 1:
                found |= usable.sorted()[:1]
        return found

    def action_ask_fail_over(self) -> dict[str, Any]:
        """Open the dialog that asks why the secondary endpoint is to be used."""
        self.ensure_one()
        return self.env["interop.gate.act"]._ask(
            "fail_over", self.env._("Fail over"), connector=self
        )

    def action_fail_over(self, reason: str) -> bool:
        """Use the next endpoint from now on, until an operator returns. Operators."""
        self.ensure_one()
        if not (reason or "").strip():
            raise UserError(self.env._("Say why: the reason is kept as evidence."))
        aside = self._replaceable()
        if not aside:
            raise UserError(
                self.env._("There is no other usable endpoint of the same purpose to go to.")
            )
        aside._breaker_act(ISOLATED, "fail_over", reason.strip(), passed_over=True)
        return True

    def action_return(self) -> bool:
        """Use the endpoints again that a fail over has put aside. Operators."""
        self.ensure_one()
        back = self._passed_over()
        if not back:
            raise UserError(self.env._("Nothing was failed over by hand."))
        back._breaker_act("closed", "return", self.env._("Returned to by an operator"))
        return True

    def action_view_changes(self) -> dict[str, Any]:
        """Open the changes of this connector's endpoints."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_connector.interop_breaker_change_action"
        )
        return action | {"domain": [("connector_id", "=", self.id)]}
